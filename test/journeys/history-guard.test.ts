import { describe, expect, onTestFinished, test } from 'vitest';
import { directoryOf, run } from '../program.ts';
import type { FreshDatabase } from '../servers/databases.ts';
import { freshPostgres, postgresEnv } from './pair.ts';

/* No file takes PostgreSQL's history away: what it does to the table is rolled back with everything else that it did. */

const FIRST = { '001_docs.sql': 'CREATE TABLE docs (id int); INSERT INTO docs VALUES (1);\n' };

/** Every one of them gets past the check of the files: the name is made at run time. */
const loop = (statement: string) =>
  `DO $$ DECLARE t text; BEGIN
  FOR t IN SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('${statement}', t);
  END LOOP;
END $$;
`;
const dynamic = (statement: string) =>
  `DO $$ BEGIN EXECUTE replace('${statement}', '@', 'migr' || 'ations'); END $$;\n`;

const TAKING: readonly (readonly [what: string, file: string])[] = [
  ['DROP SCHEMA', 'DROP SCHEMA public CASCADE; CREATE SCHEMA public;\n'],
  ['a loop that drops all tables', loop('DROP TABLE %s CASCADE')],
  ['a loop that empties all tables', loop('TRUNCATE %s CASCADE')],
  ['a loop that deletes all rows', loop('DELETE FROM %s')],
  ['a loop that locks all tables', loop('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE')],
  ['a loop that turns row security on', loop('ALTER TABLE %s ENABLE ROW LEVEL SECURITY')],
  ['a loop that adds a column', loop('ALTER TABLE %s ADD COLUMN tenant int')],
  ['an update', dynamic('UPDATE @ SET checksum = NULL')],
  ['a row', dynamic('INSERT INTO @ (filename) VALUES ($q$999_x.sql$q$)')],
  ['a new name', dynamic('ALTER TABLE @ RENAME TO old_@')],
  ['another schema', `CREATE SCHEMA attic; ${dynamic('ALTER TABLE @ SET SCHEMA attic')}`],
  ['a new name of its schema', 'ALTER SCHEMA public RENAME TO attic; CREATE SCHEMA public;\n'],
  ['another table in its place', dynamic('ALTER TABLE @ RENAME TO old; CREATE TABLE @ (LIKE old INCLUDING ALL)')],
  ['a temporary table that hides it', dynamic('CREATE TEMP TABLE @ (id int)')],
  ['a temporary view that hides it', dynamic('CREATE TEMP VIEW @ AS SELECT 1')],
  [
    'a trigger',
    `CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';\n${dynamic('CREATE TRIGGER t BEFORE INSERT ON @ FOR EACH ROW EXECUTE FUNCTION nothing()')}`,
  ],
  ['a rule', dynamic('CREATE RULE r AS ON INSERT TO @ DO INSTEAD NOTHING')],
];

async function prepared(): Promise<{ postgres: FreshDatabase; env: Record<string, string> }> {
  const postgres = await freshPostgres({ extensions: [] });
  // public belongs to the one who migrates, as where everything was set up by one role.
  await postgres.asSuperuser(`ALTER SCHEMA public OWNER TO ${postgres.user}`);
  return { postgres, env: { ...postgresEnv(postgres) } };
}

/** Rows of the history, and of the first file's table. */
async function left(postgres: FreshDatabase) {
  const history = await postgres.query('SELECT filename, state FROM public.migrations ORDER BY id');
  return { history, docs: await postgres.query('SELECT id FROM public.docs') };
}

test.each(TAKING)('%s: 70, rolled back', async (_, file) => {
  const { postgres, env } = await prepared();
  const before = { history: [{ filename: '001_docs.sql', state: 'applied' }], docs: [{ id: 1 }] };
  const files = { ...FIRST, '002_takes.sql': file, '003_after.sql': 'CREATE TABLE after ();\n' };
  env.MIGRATIONS_DIR = await directoryOf(files);
  for (const to of ['1', '3', '3']) {
    const ended = await run(['postgres', 'migrate', '--to', to], { env });
    expect(ended.code, ended.stderr).toBe(to === '1' ? 0 : 70);
    if (to === '3')
      expect(ended.events.at(-1)).toMatchObject({
        event: 'error',
        migration: '002_takes.sql',
        message: expect.stringMatching(
          /^002_takes\.sql: the file takes away the history table public\.migrations: it /,
        ),
        hint: expect.stringContaining('leave out the table migrations'),
      });
  }
  expect(await left(postgres)).toEqual(before);
  // As a step of a file without a transaction, too; DO may commit, and so has its own test.
  if (file.includes('DO $$')) return;
  env.MIGRATIONS_DIR = await directoryOf({ ...FIRST, '002_steps.sql': `-- migrate: no-transaction\n${file}` });
  const steps = await run(['postgres', 'migrate'], { env });
  expect(steps.code, steps.stderr).toBe(70);
  expect(await postgres.query("SELECT state FROM public.migrations WHERE filename = '001_docs.sql'")).toEqual([
    { state: 'applied' },
  ]);
});

test('the first file makes an object of that name', async () => {
  const { postgres, env } = await prepared();
  env.MIGRATIONS_DIR = await directoryOf({ '001_first.sql': dynamic('CREATE TABLE @ (id int)') });
  const ended = await run(['postgres', 'migrate'], { env });
  expect(ended.code, ended.stderr).toBe(70);
  expect(ended.events.at(-1)).toMatchObject({ message: expect.stringContaining('it makes an object of that name') });
  expect(await postgres.query("SELECT to_regclass('migrations')::text AS found")).toEqual([{ found: null }]);
});

describe('the search_path of the next session', () => {
  test.each([
    ['of the role', (user: string) => `ALTER ROLE ${user} SET search_path = app;`],
    [
      'of the role in this database',
      (user: string, name: string) => `ALTER ROLE ${user} IN DATABASE ${name} SET search_path = app;`,
    ],
    ['of the database', (_: string, name: string) => `ALTER DATABASE ${name} SET search_path = app;`],
  ])('%s no longer leads to the history: 70, also in the first file', async (_, statement) => {
    const { postgres, env } = await prepared();
    const file = `CREATE SCHEMA app; ${statement(postgres.user, postgres.database)}\n`;
    for (const files of [{ '001_path.sql': file }, { ...FIRST, '002_path.sql': file }]) {
      env.MIGRATIONS_DIR = await directoryOf(files);
      const ended = await run(['postgres', 'migrate'], { env });
      expect(ended.code, ended.stderr).toBe(70);
      expect(ended.events.at(-1)).toMatchObject({ message: expect.stringContaining('hides it: in search_path app') });
    }
    expect((await left(postgres)).history).toHaveLength(1);
  });

  test('leads to it behind other schemas: nothing is refused, and the next run finds everything', async () => {
    const { postgres, env } = await prepared();
    env.MIGRATIONS_DIR = await directoryOf({
      ...FIRST,
      '002_path.sql': `CREATE SCHEMA app; ALTER ROLE ${postgres.user} SET search_path = app, public;\n`,
    });
    expect((await run(['postgres', 'migrate'], { env })).code).toBe(0);
    expect((await run(['postgres', 'migrate'], { env })).events.at(-1)).toMatchObject({ event: 'up-to-date' });
    expect((await left(postgres)).history).toHaveLength(2);
  });
});

test('what only looks at all tables, or grants rights on them, is nothing to refuse', async () => {
  const { postgres, env } = await prepared();
  env.MIGRATIONS_DIR = await directoryOf({
    ...FIRST,
    '002_looks.sql': `ANALYZE; GRANT SELECT ON ALL TABLES IN SCHEMA public TO PUBLIC; COMMENT ON TABLE migrations IS 'ours';
CREATE TABLE counts AS SELECT count(*) FROM migrations;
${loop('SELECT count(*) FROM %s')}`,
  });
  const ended = await run(['postgres', 'migrate'], { env });
  expect(ended.code, ended.stderr).toBe(0);
  expect((await left(postgres)).history).toHaveLength(2);
});

test('rights on the history that a file takes from its own user', async () => {
  const { postgres, env } = await prepared();
  env.MIGRATIONS_DIR = await directoryOf({
    ...FIRST,
    '002_revokes.sql': `REVOKE ALL ON ALL TABLES IN SCHEMA public FROM ${postgres.user};\n`,
  });
  const ended = await run(['postgres', 'migrate'], { env });
  expect(ended.code, ended.stderr).toBe(77);
  expect((await left(postgres)).history).toHaveLength(1);
});

describe('row security', () => {
  test('a policy hides the history from a reader: 77 from status and wait, not "pending"', async () => {
    const { postgres, env } = await prepared();
    env.MIGRATIONS_DIR = await directoryOf(FIRST);
    expect((await run(['postgres', 'migrate'], { env })).code).toBe(0);
    const reader = `${postgres.user}_reader`;
    await postgres.asSuperuser(
      `ALTER TABLE migrations ENABLE ROW LEVEL SECURITY; CREATE ROLE ${reader} LOGIN PASSWORD 'reader-secret'; GRANT SELECT ON migrations TO ${reader}`,
    );
    onTestFinished(() => postgres.asSuperuser(`DROP OWNED BY ${reader}; DROP ROLE ${reader}`).then(() => {}));
    const asReader = { ...env, POSTGRES_USER: reader, POSTGRES_PASSWORD: 'reader-secret' };
    for (const command of ['status', 'wait', 'plan', 'verify']) {
      const ended = await run(['postgres', command, '--json'], { env: asReader });
      expect(ended.code, command + ended.stderr).toBe(77);
      expect(ended.stdout + ended.stderr).toContain('row security hides the history');
    }
    expect((await run(['postgres', 'status', '--exit-code'], { env })).code, 'the owner').toBe(0);
    await postgres.asSuperuser('ALTER TABLE migrations FORCE ROW LEVEL SECURITY');
    const forced = await run(['postgres', 'migrate'], { env });
    expect(forced.code, forced.stderr).toBe(77);
    expect(await postgres.asSuperuser('SELECT count(*)::int AS n FROM docs')).toEqual([{ n: 1 }]);
  });

  test('a policy hides rows from a statement of a file: 77, not a change of nothing', async () => {
    const { postgres, env } = await prepared();
    await postgres.query(
      'CREATE TABLE items (tenant int, done bool); INSERT INTO items VALUES (1, false); ALTER TABLE items ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; CREATE POLICY p ON items USING (tenant = 2)',
    );
    env.MIGRATIONS_DIR = await directoryOf({ '001_update.sql': 'UPDATE items SET done = true;\n' });
    const ended = await run(['postgres', 'migrate'], { env });
    expect(ended.code, ended.stderr).toBe(77);
    expect(ended.events.at(-1)).toMatchObject({ migration: '001_update.sql', line: 1 });
    env.MIGRATIONS_DIR = await directoryOf({
      '001_update.sql': '-- migrate: no-transaction\nSELECT 1;\nUPDATE items SET done = true;\n',
    });
    expect((await run(['postgres', 'migrate'], { env })).code).toBe(77);
  });
});

test('a name that only our own key would have is free for files', async () => {
  const { env } = await prepared();
  env.MIGRATIONS_DIR = await directoryOf({
    ...FIRST,
    '002_names.sql': `CREATE TABLE b (id int CONSTRAINT migrations_pkey PRIMARY KEY, f text CONSTRAINT migrations_filename_key UNIQUE);
CREATE SEQUENCE migrations_id_seq;
`,
  });
  const ended = await run(['postgres', 'migrate'], { env });
  expect(ended.code, ended.stderr).toBe(0);
});

describe('code that commits inside of a step', () => {
  test.each([
    ['empties the history', "EXECUTE 'TRUNCATE ' || 'migr' || 'ations'"],
    ['drops it', "EXECUTE 'DROP TABLE ' || 'migr' || 'ations'"],
    ['changes a row', "EXECUTE 'UPDATE ' || 'migr' || 'ations SET state = NULL WHERE id = 1'"],
  ])('%s: it is put back, and nothing is applied a second time', async (_, statement) => {
    const { postgres, env } = await prepared();
    env.MIGRATIONS_DIR = await directoryOf({
      ...FIRST,
      '002_commits.sql': `-- migrate: no-transaction\nDO $$ BEGIN ${statement}; COMMIT; END $$;\n`,
    });
    const first = await run(['postgres', 'migrate'], { env });
    expect(first.code, first.stderr).toBe(76);
    expect(first.events.at(-1)).toMatchObject({
      migration: '002_commits.sql',
      line: 2,
      message: expect.stringContaining('this statement has changed the migration history'),
    });
    for (let count = 0; count < 2; count++) expect((await run(['postgres', 'migrate'], { env })).code).toBe(76);
    expect(await left(postgres)).toEqual({
      history: [
        { filename: '001_docs.sql', state: 'applied' },
        { filename: '002_commits.sql', state: 'started' },
      ],
      docs: [{ id: 1 }],
    });
  });
});
