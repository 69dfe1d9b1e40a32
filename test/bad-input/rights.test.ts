import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../servers/databases.ts';
import { localPostgres } from '../servers/local-postgres.ts';
import { contentsOf } from './contents.ts';
import { emptyDatabase, expectUnchanged, migrate } from './migrating.ts';
import { attempt, expectRefusal, type Refusal } from './refusal.ts';

/* What somebody else has to grant or to install: the message says what. */

const SQL = '001_a.sql';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase({ extensions: [] });
  await database.asSuperuser('CREATE SCHEMA closed; CREATE TABLE closed.a (id int); CREATE TABLE others (id int)');
});
afterAll(() => database.drop());

test.each<[what: string, sql: string, refusal: Omit<Refusal, 'kind'>]>([
  [
    'an extension that the server does not have',
    'CREATE TABLE a ();\nCREATE EXTENSION no_such_extension;',
    {
      says: 'extension "no_such_extension" is not available',
      hint: 'install the package that brings no_such_extension on the database server',
      at: `${SQL}:2:1`,
    },
  ],
  [
    'an extension that only a superuser may install',
    'CREATE EXTENSION IF NOT EXISTS vector;',
    {
      says: 'permission denied to create extension "vector"',
      hint: 'once, as superuser, in this database: CREATE EXTENSION IF NOT EXISTS "vector"; then run migrate again',
      at: `${SQL}:1:1`,
    },
  ],
  [
    'a schema that is closed',
    'CREATE TABLE a ();\nCREATE TABLE closed.b ();',
    { says: 'permission denied for schema closed', hint: 'GRANT USAGE, CREATE ON SCHEMA', at: `${SQL}:2:14` },
  ],
  [
    "somebody else's table",
    'ALTER TABLE others ADD name text;',
    { says: 'must be owner of table others', hint: 'run migrate as the role that owns the object', at: `${SQL}:1:1` },
  ],
  [
    'rows that may not be read',
    'CREATE TABLE a AS SELECT * FROM others;',
    {
      says: 'permission denied for table others',
      hint: 'grant this user the right that the message names',
      at: `${SQL}:1:1`,
    },
  ],
])('%s', (_, sql, refusal) =>
  expectUnchanged(database, async () => {
    const ended = await migrate(database, { [SQL]: sql });
    expectRefusal(ended, { kind: 'denied', ...refusal });
    expect(ended.stderr).not.toContain('warning: ');
  }),
);

test('a database that may not be connected to', async () => {
  await database.asSuperuser(`REVOKE CONNECT ON DATABASE ${database.database} FROM PUBLIC, ${database.user}`);
  expectRefusal(await migrate(database, { [SQL]: 'SELECT 1;' }), {
    kind: 'denied',
    says: `permission denied for database "${database.database}"`,
    hint: 'GRANT CONNECT ON DATABASE',
  });
  await database.asSuperuser(`GRANT CONNECT ON DATABASE ${database.database} TO PUBLIC`);
});

test('a schema that only others may create in', async () => {
  const fresh = await emptyDatabase();
  await fresh.asSuperuser('ALTER SCHEMA public OWNER TO postgres; REVOKE CREATE ON SCHEMA public FROM PUBLIC');
  await expectUnchanged(fresh, async () =>
    expectRefusal(await migrate(fresh, { [SQL]: 'SELECT 1;' }), {
      kind: 'denied',
      says: 'permission denied for schema public',
      hint: /GRANT USAGE, CREATE ON SCHEMA public TO/,
      at: SQL,
    }),
  );
});

test('a user who may only read the history asks for the status, and migrates in vain', async () => {
  const fresh = await emptyDatabase();
  expect((await migrate(fresh, { [SQL]: 'CREATE TABLE a ();' })).code).toBe(0);
  const reader = `${fresh.database}_reader`;
  await fresh.asSuperuser(`CREATE ROLE ${reader} LOGIN PASSWORD 'look-only'; GRANT SELECT ON migrations TO ${reader}`);
  onTestFinished(async () => {
    await fresh.asSuperuser(`DROP OWNED BY ${reader}; DROP ROLE ${reader}`);
  });
  const url = new URL(fresh.url);
  url.username = reader;
  url.password = 'look-only';
  const files = { [SQL]: 'CREATE TABLE a ();', '002_b.sql': 'SELECT 1;' };
  await expectUnchanged(fresh, async () => {
    expectRefusal(await migrate({ ...fresh, url: url.href }, files), {
      kind: 'denied',
      says: 'permission denied for table migrations',
      hint: /own|GRANT/,
      at: '002_b.sql',
    });
  });
  await fresh.asSuperuser(`REVOKE ALL ON migrations FROM ${reader}`);
  const env = { DATABASE_URL: url.href };
  expectRefusal(await attempt(['postgres', 'status'], { env }), {
    kind: 'denied',
    says: 'permission denied for table migrations',
    hint: 'GRANT SELECT ON migrations TO this user',
  });
});

test('a server without pgvector', async () => {
  const server = await localPostgres({ version: '14' });
  try {
    const fresh = await freshDatabase({ extensions: [], server });
    const files = { [SQL]: 'CREATE TABLE a ();\nCREATE EXTENSION IF NOT EXISTS vector;' };
    const before = await contentsOf(fresh);
    const ended = await migrate(fresh, files);
    // The words of LocalRAG's migration guide, which older servers have not.
    expect(ended.stderr).toContain('extension "vector" is not available');
    expectRefusal(ended, {
      kind: 'denied',
      says: /extension "vector" is not available|could not open extension control file/,
      hint: 'install pgvector on the database server',
      at: `${SQL}:2:1`,
    });
    expect(await contentsOf(fresh)).toEqual(before);
  } finally {
    await server.remove();
  }
});
