import assert from 'node:assert/strict';
import type { FreshDatabase } from '../../../servers/databases.ts';
import { command, migrateAgain } from '../../ad-hoc.ts';
import type { Helm } from '../../helm.ts';
import { eventually, type Stage } from '../../stage.ts';
import { inline } from '../migrations.ts';
import type { Scenario } from '../scenario.ts';
import { FAILURES, type Failure, SECOND_NAME, VERSION_1 } from './failures.ts';
import { WAYS, type Way } from './ways.ts';

/** What Helm does around it differs by its version and by the mode, not by the exit code. */
const WITH_HELM_3 = ['70 hook', '77 initContainer'];

export const RECOVERY: readonly Scenario[] = FAILURES.flatMap((failure) =>
  WAYS.map((way, index): Scenario => {
    const helms: readonly Helm[] = WITH_HELM_3.includes(`${failure.code} ${way.mode}`) ? ['3', '4'] : ['4'];
    // Both ways to resolve a 76, each of them with a Job and with more.
    const repair = failure.repairs?.[index % failure.repairs.length];
    return {
      name: `recover from ${failure.code} in mode ${way.mode}`,
      helms,
      isolated: true,
      play: (stage) => way.withDatabases(stage, (databases) => recover({ stage, way, failure, databases, repair })),
    };
  }),
);

interface Recovery {
  readonly stage: Stage;
  readonly way: Way;
  readonly failure: Failure;
  readonly databases: readonly FreshDatabase[];
  readonly repair: readonly string[] | undefined;
}

/** A failed upgrade, and the way back by kubectl alone. */
async function recover({ stage, way, failure, databases, repair }: Recovery): Promise<void> {
  await way.before?.(stage);
  for (const database of databases) await failure.prepare?.(database);
  await upgrade(stage, way, [VERSION_1]);
  await way.installed?.(stage);
  const fix = await failure.cause(databases[0] as FreshDatabase);
  const version2 = [VERSION_1, [SECOND_NAME, failure.sql]] as const;
  const failed = await stage.release(releaseOf(stage, way, version2));
  assert.equal(failed.code, way.fails ? 1 : 0, failed.stderr);
  await eventually(async () => {
    const message = (await way.messages(stage)).find(({ code }) => code === failure.code);
    assert.equal(message?.migration, SECOND_NAME, JSON.stringify(message));
    assert.match(JSON.stringify(message), failure.says);
  });

  const run = async (args: readonly string[], expected = 0) => {
    const { code, log } = await command(stage, way.cronJob, ['postgres', ...args, ...way.target]);
    assert.equal(code, expected, log);
    return log;
  };
  const status = await run(['status']);
  assert.match(status, new RegExp(SECOND_NAME), 'the files of the version that failed');
  assert.match(status, failure.code === 76 ? /problem: .* may be half-done/ : /pending/);
  // What has to be decided first is no plan.
  assert.match(await run(['plan'], failure.code === 76 ? 76 : 0), new RegExp(SECOND_NAME));
  await fix();
  if (repair !== undefined) await run(repair);
  await migrateAgain(stage, way.cronJob);
  await way.recovered?.(stage);
  await upgrade(stage, way, version2);
  for (const database of databases) {
    const rows = await database.query<{ filename: string }>('SELECT filename FROM migrations ORDER BY id');
    const history = rows.map(({ filename }) => filename);
    assert.deepEqual(history, [VERSION_1[0], SECOND_NAME]);
  }
}

type Files = readonly (readonly [name: string, text: string])[];

function releaseOf(stage: Stage, way: Way, files: Files) {
  return { chart: way.chart, values: way.values(stage, inline(...files)), flags: way.flags };
}

async function upgrade(stage: Stage, way: Way, files: Files): Promise<void> {
  const { code, stdout, stderr } = await stage.release(releaseOf(stage, way, files));
  assert.equal(code, 0, stdout + stderr);
}
