import type { Reference } from '../../catalog/reference.ts';
import type { Entry, History } from '../../core/history.ts';
import type { Migration } from '../../core/migration.ts';
import type { Change } from '../../engine/engine.ts';
import { MigrateError } from '../../errors.ts';
import type { Report, WriteContext } from '../context.ts';
import { assertNumber, inScope, readHistories, readyHistories } from '../histories.ts';
import { assertReapplicable } from '../reapply.ts';
import { allLocked } from './migrate.ts';
import { referenceFor, runAgain } from './run-again.ts';

export interface RepairOptions {
  readonly forget?: number | undefined;
  readonly markApplied?: number | undefined;
  readonly rechecksum?: number | undefined;
  /** true: whatever is unfinished. */
  readonly resume?: number | true | undefined;
  readonly reapply?: number | undefined;
  readonly rebuildHistory?: number | undefined;
  readonly yes?: boolean | undefined;
}

interface Repair {
  readonly database: History['database'];
  readonly says: string;
  readonly change?: Change;
  /** To be run, and recorded as applied. */
  readonly again?: Migration;
}

/** A person's decision about the history, or that a migration runs again. Says what it will do, and asks. */
export async function repair(context: WriteContext, options: RepairOptions): Promise<Report> {
  const { files, engines, signal, ask } = context;
  const { forget, markApplied, rechecksum, resume, reapply, rebuildHistory } = options;
  if ([forget, markApplied, rechecksum, resume, reapply, rebuildHistory].every((each) => each === undefined))
    throw new MigrateError('usage', 'repair needs an option that says what to do', {
      hint: 'one of --forget N, --mark-applied N, --rechecksum N, --resume, --reapply N, --rebuild-history N',
    });
  const reference = reapply === undefined ? undefined : await referenceFor(context);
  const histories = await (rebuildHistory === undefined ? readyHistories(context) : readHistories(context));
  if (rebuildHistory !== undefined && histories.every(({ damage }) => damage === undefined))
    throw new MigrateError('source', 'the history is intact', { hint: 'nothing needs to be rebuilt' });
  const repairs = repairsOf(files, histories, options, reference);
  const says = repairs.map((each) => each.says);
  if (!options.yes) {
    if (ask === undefined)
      throw new MigrateError('usage', 'repair asks before it changes anything, and nobody is there to answer', {
        hint: `it would: ${says.join('; ')}. Give --yes to agree`,
      });
    const answer = await ask([...says, 'Go on? [y/N] ']);
    if (!/^y(es)?$/i.test(answer.trim())) return { kind: 'ok', text: 'Nothing changed.', data: { changed: [] } };
  }
  const concerned = engines.filter((engine) => repairs.some(({ database }) => database === engine.database));
  await allLocked(concerned, signal, async (databases) => {
    const histories = await Promise.all(databases.map((db) => db.history(signal)));
    const now = repairsOf(files, histories, options, reference);
    if (now.map((each) => each.says).join() !== says.join())
      throw new MigrateError('busy', 'the history has changed since it was looked at; nothing was changed', {
        hint: 'run repair again',
      });
    for (const db of databases) {
      const own = now.filter(({ database }) => database === db.database);
      const changes = own.flatMap(({ change }) => change ?? []);
      if (changes.length > 0) await db.amend(changes, signal);
      for (const { again } of own) if (again !== undefined) await runAgain(context, db, again);
    }
  });
  return {
    kind: 'ok',
    text: says.map((each, index) => (index === 0 ? `Done: ${each}` : each)),
    data: { changed: says },
  };
}

function repairsOf(
  files: readonly Migration[],
  histories: readonly History[],
  options: RepairOptions,
  reference: Reference | undefined,
): readonly Repair[] {
  const entries = histories.flatMap((history) => history.entries);
  const concerned = inScope(files, histories);
  const { resume } = options;
  const repairs: Repair[] = [];
  const add = (change: Change, { database }: Entry | Migration, says: string) =>
    repairs.push({ database, change, says });

  if (options.forget !== undefined) {
    for (const entry of entriesOf(entries, options.forget))
      add(
        { kind: 'forget', entry },
        entry,
        `take ${entry.name} (${entry.state}) out of the ${entry.database} history; what it has made stays, and migrate runs it again if the file is there`,
      );
  }
  if (options.markApplied !== undefined) {
    const migration = fileOf(concerned, options.markApplied);
    const entry = entries.find(({ name }) => name === migration.name);
    if (entry !== undefined && entry.state !== 'started')
      throw new MigrateError('source', `${migration.name} is ${entry.state} already`, {
        hint: 'nothing needs to be marked',
      });
    add(
      { kind: 'record', migration, state: 'applied' },
      migration,
      `record ${migration.name} as applied in the ${migration.database} history without running ${entry === undefined ? 'it' : 'the rest of it'}`,
    );
  }
  if (options.rechecksum !== undefined) {
    const migration = fileOf(concerned, options.rechecksum);
    const [entry] = entriesOf(entries, options.rechecksum);
    add(
      { kind: 'rechecksum', migration },
      migration,
      `record for ${migration.name} in the ${migration.database} history the checksum of the file as it is now (${entry?.checksum ?? 'none'} → ${migration.checksum})`,
    );
  }
  if (resume !== undefined) {
    const unfinished = entries.filter(
      (entry) => entry.state === 'started' && (resume === true || entry.version === resume),
    );
    if (unfinished.length === 0)
      throw new MigrateError(
        'source',
        `${resume === true ? 'no migration' : `migration ${resume}`} is ${resume === true ? '' : 'not '}unfinished`,
        {
          hint: 'localrag-migrate status shows the states',
        },
      );
    for (const entry of unfinished) {
      const migration = fileOf(concerned, entry.version ?? 0);
      const done = Math.min(entry.stepsDone ?? 0, migration.steps.length);
      add(
        { kind: 'resume', migration, done },
        migration,
        `let migrate go on with ${entry.name} at step ${done + 1} of ${migration.steps.length}, whatever of it is there`,
      );
    }
  }
  if (options.reapply !== undefined) {
    const migration = fileOf(concerned, options.reapply);
    const history = histories.find(({ database }) => database === migration.database);
    if (history !== undefined) assertReapplicable(migration, history, reference);
    const whole = migration.steps[0]?.kind === 'sql-file' ? 'in one transaction' : 'step by step';
    repairs.push({
      database: migration.database,
      again: migration,
      says: `run ${migration.name} again in ${migration.database}, ${whole}, and record it as applied`,
    });
  }
  if (options.rebuildHistory !== undefined) repairs.push(rebuilding(concerned, histories, options.rebuildHistory));
  return repairs;
}

/** What is there and can be read stays as it is. */
function rebuilding(files: readonly Migration[], histories: readonly History[], newest: number): Repair {
  const history = histories.find(({ database }) => database === 'neo4j');
  if (history === undefined)
    throw new MigrateError('usage', '--rebuild-history is for the history in Neo4j, which is not in scope', {
      hint: `localrag-migrate neo4j repair --rebuild-history ${newest}`,
    });
  assertNumber(files, newest);
  const kept = new Set(history.entries.map(({ name }) => name));
  const migrations = files.filter(
    ({ database, version, name }) => database === 'neo4j' && version <= newest && !kept.has(name),
  );
  const recorded = migrations.length === 0 ? 'nothing' : migrations.map(({ name }) => name).join(', ');
  return {
    database: 'neo4j',
    change: { kind: 'rebuild', migrations },
    says: `rebuild the neo4j history: keep the ${kept.size} entries that can be read, drop the others, record ${recorded} as present without running it`,
  };
}

function entriesOf(entries: readonly Entry[], version: number): readonly Entry[] {
  const found = entries.filter((entry) => entry.version === version);
  if (found.length === 0)
    throw new MigrateError('source', `no migration with the number ${version} stands in the history`, {
      hint: 'localrag-migrate status lists them',
    });
  return found;
}

function fileOf(files: readonly Migration[], version: number): Migration {
  const file = files.find((each) => each.version === version);
  if (file === undefined)
    throw new MigrateError('source', `no migration in scope has the number ${version}`, {
      hint: 'localrag-migrate status lists them; MIGRATIONS_DIR says where the files are',
    });
  return file;
}
