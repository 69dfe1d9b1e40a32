import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { directoryOf } from '../program.ts';
import { contentsOf, historyOf } from './contents.ts';
import { emptyDatabase, migrate } from './migrating.ts';
import { attempt, expectSuccess } from './refusal.ts';

/* What looks like bad input, and is none. */

const TEXTS = [
  'a; -- b',
  "it's $$ not $tag$ quoted",
  "; -- ' /* $a ",
  ' $$ ; BEGIN; ',
  "';-- COMMIT;",
  'data',
  'ä;é--𝔞😀',
  '/* ; */',
  'C:\\temp\\',
  '\\i other.sql',
  'one\n-- two;\nthree',
];
const INSERTS = `INSERT INTO texts (text) VALUES ('a; -- b'), ('it''s $$ not $tag$ quoted'), ($$; -- ' /* $a $$),
  ($q$ $$ ; BEGIN; $q$), (E'\\';-- COMMIT;'), (U&'d\\0061t\\+000061'), ('ä;é--𝔞😀'), ('/* ; */'), ('C:\\temp\\');
/* ; /* ' nested; */ $$ */ -- it's; $x$
INSERT INTO texts (text) VALUES ('\\i other.sql'), ('one
-- two;
three');
CREATE FUNCTION "a;b"() RETURNS text LANGUAGE plpgsql AS $body$ BEGIN /* ; */ RETURN '$$; -- COMMIT;'; END; $body$;
CREATE FUNCTION twice(n int) RETURNS int BEGIN ATOMIC SELECT 1; SELECT n * 2; END;
CREATE TABLE "semi;colon--" ("a$$b" int) -- no semicolon and no line break at the end`;

test.each(['', '-- migrate: no-transaction\n'])(
  'quotes, comments and semicolons arrive as they are: %j',
  async (head) => {
    const empty = await emptyDatabase();
    const files = { '001_a.sql': `${head}CREATE TABLE texts (n serial, text text);\n${INSERTS}` };
    expectSuccess(await migrate(empty, files));
    const rows = await empty.query<{ text: string }>('SELECT text FROM texts ORDER BY n');
    expect(rows.map(({ text }) => text)).toEqual(TEXTS);
    expect(await empty.query('SELECT "a;b"() AS text, twice(2)')).toEqual([{ text: '$$; -- COMMIT;', twice: 4 }]);
    expect(await empty.query('SELECT "a$$b" FROM "semi;colon--"')).toEqual([]);
    expect(await historyOf(empty)).toEqual(['001_a.sql']);
  },
);

const SETTINGS = [
  'role',
  'search_path',
  'statement_timeout',
  'lock_timeout',
  'idle_in_transaction_session_timeout',
  'standard_conforming_strings',
  'client_encoding',
  'default_transaction_read_only',
  'default_transaction_isolation',
  'row_security',
  'TimeZone',
];
const REMEMBER = SETTINGS.map((name) => `SELECT '${name}', current_setting('${name}')`).join(' UNION ALL ');

test.each(['', '-- migrate: no-transaction\n'])('settings end with their file: %j', async (head) => {
  const empty = await emptyDatabase();
  await empty.asSuperuser(`CREATE ROLE ${empty.database}_other; GRANT ${empty.database}_other TO ${empty.user}`);
  onTestFinished(async () => {
    await empty.asSuperuser(`DROP ROLE ${empty.database}_other`);
  });
  const remember = (table: string) => `CREATE TABLE public.${table} AS ${REMEMBER};\n`;
  const set = `CREATE SCHEMA other; SET search_path = other, pg_catalog; SET statement_timeout = '50s'; SET lock_timeout = '49s';
SET idle_in_transaction_session_timeout = '48s'; SET TimeZone = 'Asia/Tokyo'; SET row_security = off;
SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ ONLY;
SELECT set_config('default_transaction_isolation', 'repeatable read', false);
SET client_encoding = 'LATIN1'; SET standard_conforming_strings = off; SET ROLE ${empty.database}_other;`;
  const files = { '001_a.sql': remember('before'), '002_b.sql': head + set, '003_c.sql': remember('after') };
  expectSuccess(await migrate(empty, files));
  expect(await empty.query('TABLE after')).toEqual(await empty.query('TABLE before'));
  expect(await empty.query('SELECT DISTINCT applied_by FROM public.migrations')).toEqual([{ applied_by: empty.user }]);
  expect(await historyOf(empty)).toEqual(['001_a.sql', '002_b.sql', '003_c.sql']);
});

test('a byte order mark and line ends of Windows change nothing, not even the checksum', async () => {
  const sql = "CREATE TABLE a (t text);\nINSERT INTO a VALUES ('ä\nb');\n-- Rollback:\n-- DROP TABLE a;\n";
  const windows = `\uFEFF${sql.replaceAll('\n', '\r\n')}`;
  const empty = await emptyDatabase();
  expectSuccess(await migrate(empty, { '001_a.sql': windows }));
  expect(await empty.query('TABLE a')).toEqual([{ t: 'ä\nb' }]);

  const before = await contentsOf(empty);
  const again = await migrate(empty, { '001_a.sql': sql });
  expectSuccess(again);
  expect(again.stdout).toBe('Nothing to do: every migration is applied.\n');
  expect(await contentsOf(empty)).toEqual(before);
});

test('a file of 50 MB', async () => {
  const text = 'äöü-'.repeat(290);
  const inserts = Array.from({ length: 25_000 }, (_, n) => `INSERT INTO big VALUES (${n}, '${text}');\n`);
  const sql = `CREATE TABLE big (n int PRIMARY KEY, t text);\n${inserts.join('')}`;
  expect(Buffer.byteLength(sql)).toBeGreaterThan(50_000_000);
  const empty = await emptyDatabase();
  expectSuccess(await migrate(empty, { '001_big.sql': sql }));
  expect(await empty.query(`SELECT count(*)::int AS rows FROM big WHERE t = '${text}'`)).toEqual([{ rows: 25_000 }]);
});

test('what is not in the environment comes from .env', async () => {
  const empty = await emptyDatabase();
  const migrations = await directoryOf({ '001_a.sql': 'CREATE TABLE a ();' });
  const cwd = await mkdtemp(join(tmpdir(), 'dotenv-'));
  onTestFinished(() => rm(cwd, { recursive: true }));
  const url = new URL(empty.url);
  url.pathname = '/overridden';
  const dotenv = `# LocalRAG\nDATABASE_URL="${url}"\nexport MIGRATIONS_DIR='${migrations}'\nUNKNOWN=1\n`;
  await writeFile(join(cwd, '.env'), dotenv);
  expectSuccess(await attempt(['postgres'], { cwd, env: { POSTGRES_DB: empty.database }, secrets: [empty.password] }));
  expect(await historyOf(empty)).toEqual(['001_a.sql']);
});
