import { afterAll, beforeAll, expect, test } from 'vitest';
import { directoryOf } from '../program.ts';
import { type FreshDatabase, freshDatabase } from '../servers/databases.ts';
import { contentsOf, historyOf } from './contents.ts';
import { emptyDatabase, expectUnchanged, migrate } from './migrating.ts';
import { attempt, expectRefusal, expectSuccess, type Refusal } from './refusal.ts';

/* Statements that PostgreSQL refuses: the message leads to the place in the file, and nothing of it stays. */

const SQL = '001_a.sql';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase({ extensions: [] });
});
afterAll(() => database.drop());

interface Refused extends Omit<Refusal, 'kind'> {
  readonly code: string;
  /** What PostgreSQL says further, on lines of their own. */
  readonly shows?: readonly string[];
}

test.each<[what: string, lines: readonly string[], refused: Refused]>([
  [
    'a word too much, after text in many bytes',
    ['-- Überschrift 𝔞', "CREATE TABLE a (t text DEFAULT 'äé');", "INSERT INTO a VALUES ('ä𝔞'), ('é'); SELEKT 'ö';"],
    {
      says: 'syntax error at or near "SELEKT"',
      at: `${SQL}:3:37`,
      code: '42601',
      shows: ["  3 | INSERT INTO a VALUES ('ä𝔞'), ('é'); SELEKT 'ö';", `    | ${' '.repeat(36)}^`],
    },
  ],
  [
    'a column that is not there, behind tabs',
    ['CREATE TABLE a (t text);', '', "\tINSERT INTO a (t) VALUES\t('𝔞'),", "\t\t('ö' || b);"],
    {
      says: 'column "b" does not exist',
      at: `${SQL}:4:11`,
      code: '42703',
      shows: ["  4 | \t\t('ö' || b);", '    | \t\t        ^'],
    },
  ],
  [
    'a table that is not there, in the last of many lines',
    [...Array.from({ length: 400 }, () => "SELECT 'ä';"), 'SELECT * FROM nothing;'],
    { says: 'relation "nothing" does not exist', at: `${SQL}:401:15`, code: '42P01' },
  ],
  [
    'a row that is there already, which has no position',
    [
      'CREATE TABLE a (id int PRIMARY KEY);',
      "/* 'ä; */ INSERT INTO a VALUES (1);",
      '',
      'INSERT INTO a',
      '  VALUES (1);',
      'SELECT 1;',
    ],
    {
      says: 'duplicate key value violates unique constraint "a_pkey"',
      at: `${SQL}:4:1`,
      code: '23505',
      shows: ['  4 | INSERT INTO a', '  detail: Key (id)=(1) already exists.'],
    },
  ],
  [
    'an exception in a DO block',
    [
      "SELECT ';';",
      'DO $$',
      'BEGIN',
      "  RAISE EXCEPTION 'no ä;' USING HINT = 'write %', DETAIL = 'it stood there';",
      'END $$;',
    ],
    {
      says: 'no ä;',
      at: `${SQL}:4:3`,
      code: 'P0001',
      shows: [
        '  detail: it stood there',
        "  server's hint: write %",
        '  where: PL/pgSQL function inline_code_block line 3 at RAISE',
      ],
    },
  ],
  [
    'an error in a function that a statement calls',
    ['CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1 / 0; $$;', '', '  SELECT f();'],
    { says: 'division by zero', at: `${SQL}:1:52`, code: '22012', shows: ['  where: SQL function "f" '] },
  ],
  [
    'a constraint that is looked at only with COMMIT',
    [
      'CREATE TABLE a (id int PRIMARY KEY, parent int REFERENCES a DEFERRABLE INITIALLY DEFERRED);',
      'INSERT INTO a VALUES (1, 2);',
    ],
    {
      says: 'violates foreign key constraint "a_parent_fkey"',
      at: SQL,
      code: '23503',
      shows: ['  detail: Key (parent)=(2)'],
    },
  ],
  [
    'COMMIT in a DO block',
    ['CREATE TABLE a ();', 'DO $$ BEGIN COMMIT; END $$;'],
    { says: 'invalid transaction termination', at: `${SQL}:2:13`, code: '2D000' },
  ],
  [
    'a statement that takes too long',
    ['-- migrate: statement-timeout=50ms', 'CREATE TABLE a ();', 'SELECT pg_sleep(30);'],
    {
      says: 'canceling statement due to statement timeout',
      hint: /statement-timeout|STATEMENT_TIMEOUT/,
      at: `${SQL}:3:1`,
      code: '57014',
    },
  ],
  [
    'a word too much, after letters of two UTF-16 units',
    ['CREATE TABLE a (𝔞𝔟 int, ok int ok);'],
    { says: 'syntax error at or near "ok"', at: `${SQL}:1:32`, code: '42601', shows: [`    | ${' '.repeat(31)}^`] },
  ],
])('%s', (_, lines, { code, shows = [], ...refusal }) =>
  expectUnchanged(database, async () => {
    const ended = await migrate(database, { [SQL]: `${lines.join('\n')}\n` });
    expectRefusal(ended, { kind: 'failed', hint: '; the whole file was rolled back: mend it', ...refusal });
    expect(ended.stderr).not.toContain('warning: ');
    for (const line of [...shows, `(exit 70 failed, ${code})`]) expect(ended.stderr).toContain(`${line}`);
    expect(JSON.parse(ended.termination)).toMatchObject({ applied: [], again: false, server: { code } });
  }),
);

test('a message without end makes a termination message of one JSON object all the same', () =>
  expectUnchanged(database, async () => {
    const sql = "DO $$ BEGIN RAISE EXCEPTION '%', repeat('😀', 50000) USING DETAIL = repeat('\"', 50000); END $$;";
    expectRefusal(await migrate(database, { [SQL]: sql }), { kind: 'failed', says: '😀😀😀', at: `${SQL}:1` });
  }));

test('a password that gets into an error, and into the line that is shown, is masked', () =>
  expectUnchanged(database, async () => {
    const sql = `DO $$ BEGIN RAISE EXCEPTION 'no answer from postgresql://app:${database.password}@db.example'; END $$;`;
    const ended = await migrate(database, { [SQL]: sql });
    expectRefusal(ended, { kind: 'failed', says: 'no answer from postgresql://***@db.example', at: `${SQL}:1:13` });
  }));

test('a program that reads the log finds one error in it, in the last line', async () => {
  const env = {
    LOG_FORMAT: 'json',
    DATABASE_URL: database.url,
    MIGRATIONS_DIR: await directoryOf({ [SQL]: 'SELEKT;' }),
  };
  const { code, events, stderr } = await attempt(['postgres'], { env });
  expect(code).toBe(70);
  expect(events.filter(({ level }) => level !== 'info')).toEqual([events.at(-1)]);
  expect(events.at(-1)).toMatchObject({ event: 'error', code: 70, name: 'failed', migration: SQL, line: 1, column: 1 });
  expect(stderr.trimEnd().split('\n')).toHaveLength(events.length);
});

test('what was applied before stays, and is told', async () => {
  const fresh = await emptyDatabase();
  const ended = await migrate(fresh, { [SQL]: 'CREATE TABLE a ();', '002_b.sql': 'CREATE TABLE b ();\nSELECT 1 / 0;' });
  expectRefusal(ended, { kind: 'failed', says: 'division by zero', at: '002_b.sql:2:1' });
  expect(JSON.parse(ended.termination)).toMatchObject({ applied: [SQL] });
  expect(await historyOf(fresh)).toEqual([SQL]);
  const { objects } = await contentsOf(fresh);
  expect(objects).toContain('relation a r');
  expect(objects).not.toContain('relation b r');
});

test.each(['', '-- migrate: no-transaction\n'])(
  'a file that gives up our lock where nobody sees it: %j',
  async (head) => {
    const hidden = "DO $$ BEGIN EXECUTE 'SELECT pg_advisory_' || 'unlock_all()'; END $$;\n";
    const fresh = await emptyDatabase();
    const before = await contentsOf(fresh);
    expectRefusal(await migrate(fresh, { [SQL]: `${head}CREATE TABLE a ();\n${hidden}CREATE TABLE b ();` }), {
      kind: 'failed',
      says: 'the migration lock was gone when the work was to be committed; it was rolled back',
      hint: 'the file itself may give it up (pg_advisory_unlock_all, DISCARD ALL',
      at: SQL,
    });
    const after = await contentsOf(fresh);
    expect(after.objects).not.toContain('relation b r');
    // The first of the three steps was committed with its progress; the second was not.
    if (head === '') expect(after).toEqual(before);
    else
      expect(after.rows.migrations).toMatchObject([{ filename: SQL, state: 'started', steps_done: 1, steps_total: 3 }]);
  },
);

test('an index over rows that contradict it goes on when they are gone', async () => {
  const fresh = await emptyDatabase();
  await fresh.query('CREATE TABLE a (id int); INSERT INTO a VALUES (1), (2), (2)');
  const index = 'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS a_id ON a (id);';
  const files = { [SQL]: `-- migrate: no-transaction\nALTER TABLE a ADD b int;\n${index}\n` };
  expectRefusal(await migrate(fresh, files), {
    kind: 'failed',
    says: 'could not create unique index "a_id"',
    at: `${SQL}:3:1`,
  });
  expect((await contentsOf(fresh)).rows.migrations).toMatchObject([
    { state: 'started', steps_done: 1, steps_total: 2 },
  ]);

  await fresh.query('DELETE FROM a WHERE id = 2');
  expectSuccess(await migrate(fresh, files));
  expect(await fresh.query("SELECT indisvalid FROM pg_index WHERE indexrelid = 'a_id'::regclass")).toEqual([
    { indisvalid: true },
  ]);
  expect((await contentsOf(fresh)).rows.migrations).toMatchObject([{ state: 'applied', steps_done: 2 }]);
});

test('a file that makes a table of the name that the history has', () =>
  expectUnchanged(database, async () =>
    expectRefusal(await migrate(database, { [SQL]: 'SELECT 1;\nCREATE TABLE IF NOT EXISTS migrations (id int);' }), {
      kind: 'source',
      says: 'the table migrations is the history itself',
      at: `${SQL}:2:28`,
    }),
  ));
