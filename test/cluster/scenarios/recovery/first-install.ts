import assert from 'node:assert/strict';
import { command } from '../../ad-hoc.ts';
import type { Helm } from '../../helm.ts';
import type { Stage } from '../../stage.ts';
import { inline } from '../migrations.ts';
import type { Scenario } from '../scenario.ts';

const DAILY = ['001_daily.sql', 'CREATE TABLE reports.daily (id int);\n'] as const;

/** Uninstalls a release whose first install failed. */
const ROLLBACK: Readonly<Record<Helm, string>> = { '3': '--atomic', '4': '--rollback-on-failure' };

async function failedFirstInstall(stage: Stage, flags: readonly string[]): Promise<void> {
  const { postgres } = stage.props;
  await postgres.asSuperuser('CREATE SCHEMA reports');
  const values = inline(DAILY);
  const failed = await stage.release({ values, flags });
  assert.equal(failed.code, 1);
  await stage.exits(['77']);
  await stage.job(/Failed PodFailurePolicy/);
  assert.match(await stage.kubectl(['logs', 'job/rag-migrate']), /permission denied for schema reports/);
  const { code, log } = await command(stage, 'rag-migrate-hook', ['postgres', 'status']);
  assert.equal(code, 0, log);
  assert.match(log, /001_daily\.sql .*pending/);
  await postgres.asSuperuser(`GRANT USAGE, CREATE ON SCHEMA reports TO ${postgres.user}`);
  const { code: again, stdout, stderr } = await stage.release({ values, flags });
  assert.equal(again, 0, stdout + stderr);
  assert.deepEqual(await postgres.query('SELECT filename FROM migrations'), [{ filename: DAILY[0] }]);
}

export const FIRST_INSTALLS: readonly Scenario[] = [
  {
    name: 'first install that fails, then fixed',
    helms: ['3', '4'],
    isolated: true,
    play: (stage) => failedFirstInstall(stage, []),
  },
  {
    name: 'first install that fails and is rolled back, then fixed',
    helms: ['3', '4'],
    isolated: true,
    play: (stage) => failedFirstInstall(stage, [ROLLBACK[stage.props.helm], '--timeout=3m']),
  },
];
