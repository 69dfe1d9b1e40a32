import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { directoryOf, run, start } from '../program.ts';
import type { FreshDatabase } from '../servers/databases.ts';
import { freshPostgres, postgresEnv } from './pair.ts';

/* The settings of a file without a transaction last from its first statement to its last one, and no further. */

async function withRole(postgres: FreshDatabase): Promise<string> {
  const role = `${postgres.user}_other`;
  await postgres.asSuperuser(
    `CREATE ROLE ${role}; GRANT ${role} TO ${postgres.user}; GRANT CREATE ON SCHEMA public TO ${role}; CREATE SCHEMA app AUTHORIZATION ${role}`,
  );
  onTestFinished(() => postgres.asSuperuser(`DROP OWNED BY ${role} CASCADE; DROP ROLE ${role}`).then(() => {}));
  return role;
}

const SEES =
  'INSERT INTO public.seen SELECT current_user, current_setting($$search_path$$), current_setting($$work_mem$$);';

test('role, search_path and memory last to the end of the file; the history is not written under them', async () => {
  const postgres = await freshPostgres({ extensions: [] });
  const role = await withRole(postgres);
  const env = {
    ...postgresEnv(postgres),
    MIGRATIONS_DIR: await directoryOf({
      '001_seen.sql': `CREATE TABLE seen (who text, path text, memory text); GRANT INSERT ON seen TO ${role};\n`,
      '002_settings.sql': `-- migrate: no-transaction
SET ROLE ${role};
CREATE TABLE t (a int);
SET search_path = app;
CREATE TABLE t2 (a int);
SELECT set_config('work_mem', '77MB', false);
CREATE INDEX CONCURRENTLY IF NOT EXISTS t2_a ON t2 (a);
VACUUM t2;
${SEES}
`,
      '003_after.sql': SEES,
    }),
  };
  const ended = await run(['postgres', 'migrate'], { env });
  expect(ended.code, ended.stderr).toBe(0);
  expect(
    await postgres.query(
      "SELECT schemaname, tablename, tableowner FROM pg_tables WHERE tablename IN ('t', 't2') ORDER BY tablename",
    ),
  ).toEqual([
    { schemaname: 'public', tablename: 't', tableowner: role },
    { schemaname: 'app', tablename: 't2', tableowner: role },
  ]);
  expect(await postgres.query('SELECT * FROM seen')).toEqual([
    { who: role, path: 'app', memory: '77MB' },
    { who: postgres.user, path: '"$user", public', memory: '4MB' },
  ]);
  expect(await postgres.query('SELECT DISTINCT applied_by FROM migrations')).toEqual([{ applied_by: postgres.user }]);
});

test('a file that is gone on with at a later step has the settings of the steps before it', async () => {
  const postgres = await freshPostgres({ extensions: [] });
  const role = await withRole(postgres);
  const file = (last: string) => `-- migrate: no-transaction
SET ROLE ${role};
SELECT pg_catalog.set_config('search_path', 'app', false);
SET work_mem = '77MB';
CREATE TABLE t (a int);
${last}
${SEES}
`;
  const seen = `CREATE TABLE seen (who text, path text, memory text); GRANT INSERT ON seen TO ${role};\n`;
  const first = await directoryOf({ '001_seen.sql': seen, '002_settings.sql': file('SELECT 1 / 0;') });
  expect((await run(['postgres'], { env: { ...postgresEnv(postgres), MIGRATIONS_DIR: first } })).code).toBe(70);
  const second = await directoryOf({ '001_seen.sql': seen, '002_settings.sql': file('CREATE TABLE t2 (a int);') });
  const ended = await run(['postgres'], { env: { ...postgresEnv(postgres), MIGRATIONS_DIR: second } });
  expect(ended.code, ended.stderr).toBe(0);
  expect(await postgres.query('SELECT * FROM seen')).toEqual([{ who: role, path: 'app', memory: '77MB' }]);
  expect(await postgres.query("SELECT schemaname, tableowner FROM pg_tables WHERE tablename = 't2'")).toEqual([
    { schemaname: 'app', tableowner: role },
  ]);
});

test("our own statements do not run under the file's timeouts, and DDL_LOCK_TIMEOUT comes back after RESET ALL", async () => {
  const postgres = await freshPostgres({ extensions: [] });
  const env = {
    ...postgresEnv(postgres),
    DDL_LOCK_RETRY_FOR: '0s',
    DDL_LOCK_TIMEOUT: '200ms',
    MIGRATIONS_DIR: await directoryOf({
      '001_table.sql': 'CREATE TABLE t (a int); CREATE TABLE seen (what text);\n',
      '002_limits.sql': `-- migrate: no-transaction
SET statement_timeout = '1ms';
RESET ALL;
INSERT INTO seen SELECT current_setting('lock_timeout');
ALTER TABLE t ADD b int;
`,
    }),
  };
  expect((await run(['postgres', 'migrate', '--to', '1'], { env })).code).toBe(0);
  const reader = new pg.Client(postgres.url);
  await reader.connect();
  onTestFinished(() => reader.end());
  await reader.query('BEGIN; SELECT * FROM t');
  const ended = await run(['postgres', 'migrate'], { env });
  expect(ended.code, ended.stderr).toBe(75);
  expect(await postgres.query('SELECT * FROM seen')).toEqual([{ what: '200ms' }]);
  await reader.query('ROLLBACK');
  expect((await run(['postgres', 'migrate'], { env })).code).toBe(0);
});

test('an INVALID index is dropped under the limits of the migration, not under those of the role', async () => {
  const postgres = await freshPostgres({ extensions: [] });
  await postgres.asSuperuser(`ALTER ROLE ${postgres.user} SET statement_timeout = '500ms'`);
  const env = {
    ...postgresEnv(postgres),
    MIGRATIONS_DIR: await directoryOf({
      '001_table.sql': 'CREATE TABLE t (a int); INSERT INTO t VALUES (1), (1);\n',
      '002_index.sql': '-- migrate: no-transaction\nCREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS t_a ON t (a);\n',
    }),
  };
  expect((await run(['postgres', 'migrate'], { env })).code).toBe(70);
  await postgres.query('DELETE FROM t');
  const writer = new pg.Client(postgres.url);
  await writer.connect();
  onTestFinished(() => writer.end());
  await writer.query('BEGIN; INSERT INTO t VALUES (2)');
  const running = start(['postgres', 'migrate'], { env });
  // It has waited for longer than the role allows.
  await running.event('observed');
  await writer.query('COMMIT');
  const ended = await running.ended;
  expect(ended.code, ended.stderr).toBe(0);
});

test('what REINDEX CONCURRENTLY leaves when it is cut off is dropped by the run that goes on', async () => {
  const postgres = await freshPostgres({ extensions: [] });
  const env = {
    ...postgresEnv(postgres),
    MIGRATIONS_DIR: await directoryOf({
      '001_table.sql': 'CREATE TABLE t (a int, b text); CREATE INDEX t_a ON t (a);\n',
      '002_index.sql': '-- migrate: no-transaction\nREINDEX INDEX CONCURRENTLY t_a;\n',
      '003_table.sql': '-- migrate: no-transaction\nREINDEX (VERBOSE) TABLE CONCURRENTLY public."t";\n',
    }),
  };
  const invalid = () =>
    postgres.query<{ name: string }>(
      'SELECT indexrelid::regclass::text AS name FROM pg_index WHERE NOT indisvalid AND indrelid = $$t$$::regclass',
    );
  expect((await run(['postgres', 'migrate', '--to', '1'], { env })).code).toBe(0);
  for (const to of ['2', '3']) {
    const writer = new pg.Client(postgres.url);
    await writer.connect();
    await writer.query('BEGIN; INSERT INTO t VALUES (1)');
    const running = start(['postgres', 'migrate', '--to', to], { env });
    await expect.poll(async () => (await invalid()).length, { timeout: 20_000 }).toBeGreaterThanOrEqual(1);
    running.process.kill('SIGTERM');
    expect((await running.ended).code).toBe(143);
    await writer.query('COMMIT');
    await writer.end();
    expect((await invalid()).length).toBeGreaterThan(0);
    const ended = await run(['postgres', 'migrate', '--to', to], { env });
    expect(ended.code, ended.stderr).toBe(0);
    expect(await invalid()).toEqual([]);
    // Only a superuser may drop that of a TOAST table.
    const [toast] = await postgres.query(
      "SELECT FROM pg_index WHERE NOT indisvalid AND indexrelid::regclass::text LIKE '%toast%'",
    );
    if (toast !== undefined)
      expect(ended.stderr).toContain('as superuser: DROP INDEX CONCURRENTLY IF EXISTS pg_toast.');
  }
});
