import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../servers/databases.ts';
import { historyOf } from './contents.ts';
import { emptyDatabase, expectUnchanged, type Files, migrate } from './migrating.ts';
import { expectRefusal, expectSuccess, type Refusal } from './refusal.ts';

const A = { '001_a.sql': 'CREATE TABLE a (id int);\n' };
const C = { '003_c.sql': 'CREATE TABLE c (id int);\n' };
const E = { '005_e.sql': '-- migrate: breaking\nCREATE TABLE e (id int);\n' };

let applied: FreshDatabase;
let broken: FreshDatabase;

beforeAll(async () => {
  applied = await freshDatabase({ extensions: [] });
  broken = await freshDatabase({ extensions: [] });
});
afterAll(async () => {
  await applied.drop();
  await broken.drop();
});

test('what the other tests begin with', async () => {
  expectSuccess(await migrate(applied, { ...A, ...C }));
  expectSuccess(await migrate(broken, { ...A, ...C, ...E }));
  expect(await historyOf(broken)).toEqual(['001_a.sql', '003_c.sql', '005_e.sql']);
});

test.each<[what: string, files: Files, refusal: Omit<Refusal, 'kind'>]>([
  [
    'a file that has changed since it was applied',
    { '001_a.sql': 'CREATE TABLE a (id bigint);\n', ...C },
    {
      says: /001_a\.sql has changed since it was applied: recorded sha256:[0-9a-f]{64}, the file sha256:[0-9a-f]{64}/,
      hint: 'put the file back as it was and write the change as a new migration; if both mean the same, repair --rechecksum 1',
      at: '001_a.sql',
    },
  ],
  [
    'an applied file that is missing',
    C,
    {
      says: '001_a.sql stands in the postgres history, but its file is missing from the directory',
      hint: 'bring the file back; if it is gone for good, repair --forget 1',
      at: '001_a.sql',
    },
  ],
  [
    'a new file below the newest applied',
    { ...A, '002_b.sql': 'CREATE TABLE b ();', ...C },
    {
      says: '002_b.sql is pending below 003, the newest applied to postgres',
      hint: 'give it the next free number, or run migrate --allow-out-of-order',
      at: '002_b.sql',
    },
  ],
  [
    'an applied file under another name',
    { '001_renamed.sql': A['001_a.sql'], ...C },
    {
      says: 'number 1 is taken twice: the postgres history has 001_a.sql, the directory 001_renamed.sql',
      hint: 'repair --forget 1, then repair --mark-applied 1',
      at: '001_renamed.sql',
    },
  ],
  [
    'several of these, told at once',
    { '002_b.sql': 'CREATE TABLE b ();', '003_c.sql': 'SELECT 1;', '004_d.sql': 'CREATE TABLE d ();' },
    {
      says: '3 things forbid migrating',
      problems: [
        { says: '001_a.sql stands in the postgres history', hint: 'repair --forget 1', at: '001_a.sql' },
        { says: '002_b.sql is pending below 003', hint: '--allow-out-of-order', at: '002_b.sql' },
        { says: '003_c.sql has changed since it was applied', hint: 'repair --rechecksum 3', at: '003_c.sql' },
      ],
    },
  ],
])('%s', (_, files, refusal) =>
  expectUnchanged(applied, async () => expectRefusal(await migrate(applied, files), { kind: 'source', ...refusal })),
);

test('a history that is ahead of the image is a warning', () =>
  expectUnchanged(applied, async () => {
    const ended = await migrate(applied, A);
    expectSuccess(ended);
    expect(ended.stderr.match(/^warning: /gm)).toHaveLength(1);
    expect(ended.stderr).toContain('warning: the databases are ahead of this image by 003_c.sql');
    expect(ended.stderr).toContain('normal after a rollback to an older version');
  }));

test('a history that is ahead of the image by a breaking migration is refused', () =>
  expectUnchanged(broken, async () =>
    expectRefusal(await migrate(broken, { ...A, ...C }), {
      kind: 'source',
      says: '005_e.sql, which is newer than this image and marked breaking: this version cannot work with that schema',
      hint: 'use an image that contains it, or restore the databases as they were before it',
      at: '005_e.sql',
    }),
  ));

test("a table migrations that is another program's", async () => {
  const foreign = await emptyDatabase();
  // TypeORM's, and one that has only its name in common.
  for (const columns of ['id serial PRIMARY KEY, timestamp bigint NOT NULL, name varchar NOT NULL', 'version text']) {
    await foreign.query(`DROP TABLE IF EXISTS migrations; CREATE TABLE migrations (${columns})`);
    await expectUnchanged(foreign, async () =>
      expectRefusal(await migrate(foreign, A), {
        kind: 'config',
        says: 'the table migrations in this database is not a migration history',
        hint: 'it belongs to another program',
      }),
    );
  }
});

test('a file below the newest applied, for somebody who says that the order does not matter', async () => {
  const files = { ...A, '002_b.sql': 'CREATE TABLE b ();', ...C };
  expectSuccess(await migrate(applied, files, '--allow-out-of-order'));
  expect(await historyOf(applied)).toEqual(['001_a.sql', '003_c.sql', '002_b.sql']);
});

test('a history that swallows its rows: whatever was applied, the end is not 0', async () => {
  const database = await emptyDatabase();
  expectSuccess(await migrate(database, A));
  await database.query(`CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
    CREATE TRIGGER swallow BEFORE INSERT ON migrations FOR EACH ROW EXECUTE FUNCTION swallow()`);
  const ended = await migrate(database, { ...A, ...C });
  expect(ended.code).toBe(1);
  expect(ended.stderr).toContain('applied everything, yet 003_c.sql is not in the history');
});
