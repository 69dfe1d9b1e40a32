import { expect, onTestFinished, test } from 'vitest';
import { directoryOf, run, start } from '../program.ts';
import { type FreshDatabase, freshDatabase } from '../servers/databases.ts';
import { type LocalPostgresOptions, localPostgres } from '../servers/local-postgres.ts';
import { freshPostgres, postgresEnv } from './pair.ts';

/* What a server refuses, or passes over, ends with a code and a text that fit. */

async function migrate(postgres: FreshDatabase, files: Readonly<Record<string, string>>) {
  return run(['postgres', 'migrate'], { env: { ...postgresEnv(postgres), MIGRATIONS_DIR: await directoryOf(files) } });
}

async function ownServer(settings: LocalPostgresOptions['settings'] = {}): Promise<FreshDatabase> {
  const server = await localPostgres({ settings });
  onTestFinished(() => server.remove());
  return freshDatabase({ server, extensions: [] });
}

test.each([
  ['in a file', ''],
  ['in a file without a transaction', '-- migrate: no-transaction\n'],
])(
  'an index of the name that IF NOT EXISTS asks for is another one: a warning names both, %s',
  async (_, directive) => {
    const postgres = await freshPostgres({ extensions: [] });
    const concurrently = directive === '' ? '' : 'CONCURRENTLY ';
    const ended = await migrate(postgres, {
      '001_table.sql':
        'CREATE TABLE t (a int, b int); CREATE INDEX t_i ON t (a); CREATE INDEX t_same ON t USING btree (b DESC, lower(a::text)); CREATE TABLE t_table ();\n',
      '002_indexes.sql': `${directive}CREATE INDEX ${concurrently}IF NOT EXISTS t_i ON t (b);
CREATE INDEX ${concurrently}IF NOT EXISTS t_same ON public.t (b DESC, lower(a::text));
CREATE INDEX ${concurrently}IF NOT EXISTS t_table ON t (a);
`,
    });
    expect(ended.code, ended.stderr).toBe(0);
    const warnings = ended.events.filter(({ event }) => event === 'warning').map(({ message }) => message);
    expect(warnings).toEqual([
      `002_indexes.sql: t_i exists already and is another one. The file asks for: CREATE INDEX ${concurrently}IF NOT EXISTS t_i ON t (b). The database has: CREATE INDEX t_i ON public.t USING btree (a)`,
      `002_indexes.sql: t_table exists already and is another one. The file asks for: CREATE INDEX ${concurrently}IF NOT EXISTS t_table ON t (a). The database has: an object of that name that is no index`,
    ]);
  },
);

test('more locks than the server has room for: 70, because it comes again every time', async () => {
  const postgres = await ownServer({ max_connections: '20', max_locks_per_transaction: '10' });
  const file = "DO $$ BEGIN FOR i IN 1..8000 LOOP EXECUTE 'CREATE TABLE t' || i || ' ()'; END LOOP; END $$;\n";
  const ended = await migrate(postgres, { '001_tables.sql': file });
  expect(ended.code, ended.stderr).toBe(70);
  expect(ended.events.at(-1)).toMatchObject({ server: { code: '53200' }, hint: expect.stringContaining('smaller') });
});

test.each([
  [
    'DETACH PARTITION CONCURRENTLY beside a default partition',
    'ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY;',
    /default partition/,
  ],
  ['a database that is there', 'CREATE DATABASE postgres;', /permission denied|already exists/],
  ['a procedure that is not there', 'CALL missing();', /missing/],
  ['an index of that name', 'CREATE INDEX CONCURRENTLY p_i ON p1 (i);', /already exists/],
  ['a DO block that is not understood', 'DO $$ BEGIN SELEC 1; END $$;', /syntax error/],
])(
  'refused before it did anything, %s: the same statement again once the file is right',
  async (_, statement, says) => {
    const postgres = await freshPostgres({ extensions: [] });
    const table = {
      '001_table.sql':
        'CREATE TABLE p (i int) PARTITION BY RANGE (i); CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (1) TO (2); CREATE TABLE d PARTITION OF p DEFAULT; CREATE INDEX p_i ON d (i);\n',
    };
    const ended = await migrate(postgres, { ...table, '002_a.sql': `-- migrate: no-transaction\n${statement}\n` });
    expect([70, 77]).toContain(ended.code);
    const error = ended.events.at(-1);
    expect(error).toMatchObject({ event: 'error', migration: '002_a.sql', message: expect.stringMatching(says) });
    expect(JSON.stringify(error)).not.toContain('materialized');
    const right = await migrate(postgres, { ...table, '002_a.sql': '-- migrate: no-transaction\nSELECT 1;\n' });
    expect(right.code, right.stderr).toBe(0);
  },
);

test('a DO block that fails after a COMMIT of its own is left to a person', async () => {
  const postgres = await freshPostgres({ extensions: [] });
  const file = '-- migrate: no-transaction\nDO $$ BEGIN CREATE TABLE half (); COMMIT; PERFORM missing(); END $$;\n';
  for (const _again of [1, 2]) expect((await migrate(postgres, { '001_half.sql': file })).code).toBe(76);
});

test.each([
  ["RAISE EXCEPTION USING ERRCODE = '57P01'", '57P01'],
  ["RAISE EXCEPTION USING ERRCODE = '08006'", '08006'],
])('%s in a file is an error of the file, no lost connection', async (statement, code) => {
  const postgres = await freshPostgres({ extensions: [] });
  const ended = await migrate(postgres, { '001_raises.sql': `DO $$ BEGIN ${statement}; END $$;\n` });
  expect(ended.code, ended.stderr).toBe(70);
  expect(ended.events.at(-1)).toMatchObject({ server: { code } });
});

test('a limit that the file sets for its own transaction: 70, not "again"', async () => {
  const postgres = await freshPostgres({ extensions: [] });
  const ended = await migrate(postgres, {
    '001_limit.sql': "SET transaction_timeout = '200ms';\nSELECT pg_sleep(30);\n",
  });
  expect(ended.code, ended.stderr).toBe(70);
  expect(ended.events.at(-1)).toMatchObject({ migration: '001_limit.sql', server: { code: '25P04' } });
});

test('places are right where the server counts bytes', async () => {
  const postgres = await freshPostgres({ extensions: [] });
  const name = `${postgres.database}_ascii`;
  await postgres.asSuperuser(
    `CREATE DATABASE ${name} OWNER ${postgres.user} TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'`,
  );
  onTestFinished(() => postgres.asSuperuser(`DROP DATABASE ${name} WITH (FORCE)`).then(() => {}));
  const file = '-- Über Größe,\n-- €\nSELECT\n  /* ä */ unknown_column;\n';
  const ended = await migrate({ ...postgres, database: name }, { '001_place.sql': file });
  expect(ended.events.at(-1)).toMatchObject({ line: 4, column: 11 });
});

test('COMMIT waits for a standby that is not there: it says so, and that the work is committed', async () => {
  const postgres = await ownServer({ synchronous_commit: 'on' });
  await postgres.asSuperuser("ALTER SYSTEM SET synchronous_standby_names = 'absent'");
  await postgres.asSuperuser('SELECT pg_reload_conf()');
  const env = {
    ...postgresEnv(postgres),
    MIGRATIONS_DIR: await directoryOf({ '001_table.sql': 'CREATE TABLE t ();\n' }),
  };
  const running = start(['postgres', 'migrate'], { env });
  expect(await running.event('observed')).toMatchObject({
    standby: true,
    level: 'warn',
    msg: expect.stringMatching(/COMMIT waits for a synchronous standby \(SyncRep\): the work is committed/),
  });
  running.process.kill('SIGTERM');
  await running.ended;
});
