import { expect, test } from 'vitest';
import { directoryOf, run } from '../program.ts';
import type { FreshDatabase } from '../servers/databases.ts';
import { freshPostgres, postgresEnv } from './pair.ts';

/* What a SQL file leaves in the session is gone before the next one, although all of them run on one connection. */

type Files = Readonly<Record<string, string>>;

async function migrated(postgres: FreshDatabase, files: Files) {
  const env = { ...postgresEnv(postgres), MIGRATIONS_DIR: await directoryOf(files) };
  const ended = await run(['postgres', 'migrate'], { env });
  expect(ended.code, ended.stderr).toBe(0);
  return ended;
}

const LOG = { '001_log.sql': 'CREATE TABLE log (file int, seen text);\n' };

/** The first file leaves something; the next one writes down what it sees of it. Beside it what a new session would see. */
const LEFT: readonly (readonly [what: string, leaves: string, sees: string, fresh: string | null])[] = [
  ['a temporary table', 'CREATE TEMP TABLE t (i int)', "to_regclass('t')::text", null],
  ['a temporary table that hides another', 'CREATE TEMP TABLE log2 (i int)', "to_regclass('log2')::text", null],
  ['a temporary sequence', 'CREATE TEMP SEQUENCE s', "to_regclass('s')::text", null],
  ['a temporary view', 'CREATE TEMP VIEW v AS SELECT 1', "to_regclass('v')::text", null],
  [
    'a temporary function',
    'CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql AS $$SELECT 1$$',
    "to_regproc('pg_temp.f')::text",
    null,
  ],
  ['a temporary type', "CREATE TYPE pg_temp.mood AS ENUM ('ok')", "to_regtype('pg_temp.mood')::text", null],
  [
    'a prepared statement',
    'PREPARE p AS SELECT 1',
    '(SELECT string_agg(name, $$ $$) FROM pg_prepared_statements)',
    null,
  ],
  [
    'a cursor WITH HOLD',
    'DECLARE c CURSOR WITH HOLD FOR SELECT 1',
    "(SELECT string_agg(name, ' ') FROM pg_cursors WHERE is_holdable)",
    null,
  ],
  ['LISTEN', 'LISTEN news', "(SELECT string_agg(c, ' ') FROM pg_listening_channels() c)", null],
  ['search_path', 'CREATE SCHEMA app; SET search_path = app', "current_setting('search_path')", '"$user", public'],
  ['a setting', "SET DateStyle = 'German'", "current_setting('DateStyle')", 'ISO, MDY'],
  ['set_config', "SELECT set_config('work_mem', '128MB', false)", "current_setting('work_mem')", '4MB'],
  [
    'the characteristics of later transactions',
    'SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE',
    "current_setting('transaction_isolation')",
    'read committed',
  ],
  [
    'another advisory lock, taken twice',
    'SELECT pg_advisory_lock(42), pg_advisory_lock(42), pg_advisory_lock_shared(43)',
    "(SELECT string_agg(objid::text, ' ') FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND classid = 0)",
    null,
  ],
];

test.each(LEFT)('%s', async (_, leaves, sees, fresh) => {
  const postgres = await freshPostgres({ extensions: [] });
  await migrated(postgres, {
    ...LOG,
    '002_leaves.sql': `${leaves};\n`,
    '003_sees.sql': `INSERT INTO public.log SELECT 3, ${sees};\n`,
    // Several are sent ahead of their turn.
    '004_leaves.sql': `${leaves.replace('CREATE SCHEMA app; ', '')};\n`,
    '005_sees.sql': `INSERT INTO public.log SELECT 5, ${sees};\n`,
  });
  expect(await postgres.query('SELECT * FROM log ORDER BY file')).toEqual([
    { file: 3, seen: fresh },
    { file: 5, seen: fresh },
  ]);
});

test('a temporary table takes nothing that a later file writes', async () => {
  const postgres = await freshPostgres({ extensions: [] });
  await migrated(postgres, {
    '001_docs.sql': 'CREATE TABLE docs (id int);\n',
    '002_temporary.sql': 'CREATE TEMP TABLE docs AS SELECT 1 AS id;\n',
    '003_row.sql': 'INSERT INTO docs VALUES (7);\n',
    '004_column.sql': 'ALTER TABLE docs ADD COLUMN lang text;\n',
  });
  expect(await postgres.query('SELECT * FROM public.docs')).toEqual([{ id: 7, lang: null }]);
});

test('files that prepare statements, declare cursors and make temporary tables of one name', async () => {
  const postgres = await freshPostgres({ extensions: [] });
  const file = (number: number) =>
    `PREPARE ins AS INSERT INTO log VALUES ($1, $2);
CREATE TEMP TABLE t (i int) ON COMMIT PRESERVE ROWS;
DECLARE c CURSOR WITH HOLD FOR SELECT 1;
EXECUTE ins(${number}, 'prepared');
`;
  await migrated(postgres, { ...LOG, '002_a.sql': file(2), '003_b.sql': file(3), '004_c.sql': file(4) });
  expect(await postgres.query('SELECT file FROM log ORDER BY file')).toEqual([{ file: 2 }, { file: 3 }, { file: 4 }]);
});

test('sequence values that a file has cached, and those that it has seen', async () => {
  const postgres = await freshPostgres({ extensions: [] });
  await migrated(postgres, {
    ...LOG,
    '002_sequence.sql': "CREATE SEQUENCE s CACHE 20; INSERT INTO log SELECT 2, nextval('s')::text;\n",
    '003_next.sql': "INSERT INTO log SELECT 3, nextval('s')::text;\n",
    '004_current.sql': `DO $$ BEGIN
  INSERT INTO log SELECT 4, currval('s')::text;
EXCEPTION WHEN object_not_in_prerequisite_state THEN INSERT INTO log VALUES (4, 'none yet');
END $$;
`,
  });
  expect(await postgres.query('SELECT * FROM log ORDER BY file')).toEqual([
    { file: 2, seen: '1' },
    { file: 3, seen: '21' },
    { file: 4, seen: 'none yet' },
  ]);
});

test.each(['SET TRANSACTION ISOLATION LEVEL SERIALIZABLE', "SET LOCAL transaction_isolation = 'serializable'"])(
  '%s begins a file at any position, with others sent ahead and without',
  async (statement) => {
    const postgres = await freshPostgres({ extensions: [] });
    const sees = "INSERT INTO log SELECT 0, current_setting('transaction_isolation');\n";
    await migrated(postgres, {
      '001_first.sql': `${statement};\nCREATE TABLE log (file int, seen text);\n${sees}`,
      '002_between.sql': 'CREATE TABLE a ();\n',
      '003_later.sql': `${statement};\n${sees}`,
      '004_later.sql': `${statement};\n${sees}`,
      '005_last.sql': sees,
    });
    const seen = (await postgres.query<{ seen: string }>('SELECT seen FROM log')).map((row) => row.seen);
    expect(seen.toSorted()).toEqual(['read committed', 'serializable', 'serializable', 'serializable']);
  },
);

test('roles and session authorization of a file end with it, and the history is written by the user who migrates', async () => {
  const postgres = await freshPostgres({ extensions: [] });
  const { user } = postgres;
  const role = `${user}_other`;
  await postgres.asSuperuser(`CREATE ROLE ${role}; GRANT ${role} TO ${user}; GRANT CREATE ON SCHEMA public TO ${role}`);
  try {
    await migrated(postgres, {
      '001_role.sql': `SET ROLE ${role};\nCREATE TABLE theirs ();\n`,
      '002_own.sql': 'CREATE TABLE ours ();\n',
    });
    expect(
      await postgres.query(
        "SELECT tablename, tableowner FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'migrations' ORDER BY 1",
      ),
    ).toEqual([
      { tablename: 'ours', tableowner: user },
      { tablename: 'theirs', tableowner: role },
    ]);
    expect(await postgres.query('SELECT DISTINCT applied_by FROM migrations')).toEqual([{ applied_by: user }]);
  } finally {
    await postgres.asSuperuser(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
  }
});

test('a deferred trigger runs under the settings of its file, as at its own COMMIT', async () => {
  const postgres = await freshPostgres({ extensions: [] });
  await migrated(postgres, {
    ...LOG,
    '002_trigger.sql': `CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO public.log VALUES (NEW.id, current_setting('DateStyle')); RETURN NULL; END $$;
CREATE TABLE t (id int);
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note();
SET DateStyle = 'German';
INSERT INTO t VALUES (2);
`,
    '003_row.sql': 'INSERT INTO t VALUES (3);\n',
  });
  expect(await postgres.query('SELECT * FROM log ORDER BY file')).toEqual([
    { file: 2, seen: 'German, DMY' },
    { file: 3, seen: 'ISO, MDY' },
  ]);
});

test('a file may discard what it has left itself', async () => {
  const postgres = await freshPostgres({ extensions: [] });
  await migrated(postgres, {
    ...LOG,
    '002_leaves.sql': 'CREATE TEMP TABLE t (); DISCARD TEMP; DISCARD PLANS; DISCARD SEQUENCES; CREATE TABLE t ();\n',
  });
  expect(await postgres.query("SELECT to_regclass('public.t')::text AS t")).toEqual([{ t: 't' }]);
});
