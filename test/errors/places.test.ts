import { afterAll, beforeAll, expect, test } from 'vitest';
import { PostgresEngine } from '../../src/engine/postgres/engine.ts';
import { budgets, identity } from '../contract/settings.ts';
import { type FreshDatabase, freshDatabase } from '../servers/databases.ts';
import { type Held, hold } from './held.ts';

/* Where in the file an error was, also in the bodies of functions. `§` stands before the character that is meant. */

const SQL = '001_a.sql';

let database: FreshDatabase;
let engine: PostgresEngine;
let held: Held;
beforeAll(async () => {
  database = await freshDatabase({ extensions: [] });
  await database.query(`CREATE TABLE keyed (id int PRIMARY KEY); INSERT INTO keyed VALUES (1);
    CREATE FUNCTION earlier() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1 / 0; END'`);
  const config = { ...database, sslmode: 'disable' as const, tls: [false as const], connectTimeout: 10_000 };
  engine = new PostgresEngine({ config, budgets, identity, emit: () => {} });
  held = await hold(engine);
});
afterAll(async () => {
  await held.release();
  await engine.close();
  await database.drop();
});

const plpgsql = (body: string, name = 'f()', returns = 'int') =>
  `CREATE FUNCTION ${name} RETURNS ${returns} LANGUAGE plpgsql AS $fn$\n${body}\n$fn$;\n`;

test.each<[what: string, text: string]>([
  ['PERFORM', "DO $$\nBEGIN\n  PERFORM 'ä😀'; PERFORM * FROM §nope;\nEND $$;"],
  ['INTO on a line of its own', 'DO $$\nDECLARE x int;\nBEGIN\n  SELECT id\n    INTO x\n    FROM §nope;\nEND $$;'],
  ['an assignment', "-- 😀\nDO $$\nDECLARE x text;\nBEGIN\n  x := 'ä😀' || §nope;\nEND $$;"],
  [
    'an expression that fails when it runs: the line is all that the server says',
    'DO $$\nDECLARE x int;\nBEGIN\n  §x := 1; x := 1 / (x - 1);\nEND $$;',
  ],
  ['the initial value of a variable', 'DO $$\nDECLARE\n  x int := §1 / 0;\nBEGIN\n  NULL;\nEND $$;'],
  ['a text that is executed', "DO $$\nBEGIN\n  EXECUTE 'SELECT * FROM §nope';\nEND $$;"],
  ['a text that is put together', "DO $$\nBEGIN\n  §EXECUTE format('SELECT ''ä'', * FROM %I', 'nope');\nEND $$;"],
  ['RAISE behind others in a line', "DO $$ BEGIN NULL; §RAISE EXCEPTION 'ä'; END $$;"],
  ['a loop', 'DO $$\nDECLARE r record;\nBEGIN\n  FOR r IN SELECT §nope FROM keyed LOOP NULL; END LOOP;\nEND $$;'],
  [
    'the second of two that are alike',
    'DO $$\nBEGIN\n  INSERT INTO keyed VALUES (2);\n  §INSERT INTO keyed VALUES (2);\nEND $$;',
  ],
  ['a block inside of a block', "DO $$\nBEGIN\n  NULL;\n  §EXECUTE 'DO ''BEGIN PERFORM 1 / 0; END''';\nEND $$;"],
  [
    'a function that the statement calls',
    `${plpgsql('BEGIN\n  RETURN QUERY SELECT §nope FROM keyed;\nEND', 'f()', 'SETOF int')}SELECT * FROM f();`,
  ],
  [
    'the innermost of two functions',
    `${plpgsql('BEGIN\n  §RETURN a / 0;\nEND', 'f(a int, t text)')}${plpgsql("BEGIN\n  RETURN f(1, 'x');\nEND", 'g()')}SELECT g();`,
  ],
  [
    'one of two of a name: only where it is certain',
    `${plpgsql('BEGIN\n  RETURN a / 0;\nEND', 'f(a int)')}${plpgsql('BEGIN\n  RETURN 7;\nEND', 'f(t text)')}§SELECT f(1);`,
  ],
  [
    'the newer of two',
    `${plpgsql('BEGIN RETURN 1 / 0; END')}DROP FUNCTION f();\n${plpgsql('BEGIN RETURN §1 / 0; END')}SELECT f();`,
  ],
  [
    'a procedure, the newer of two',
    `${['PERFORM 1', '§PERFORM 1 / 0']
      .map((body) => `CREATE OR REPLACE PROCEDURE p(a int)\nLANGUAGE plpgsql AS $$ BEGIN\n  ${body}; END $$;\n`)
      .join('')}CALL p(1);`,
  ],
  [
    'a name in quotes, with a schema',
    `${plpgsql('BEGIN\n  RETURN §1 / 0;\nEND', 'public."F ""x"()')}SELECT "F ""x"();`,
  ],
  [
    'a trigger',
    `CREATE TABLE t (id int);\n${plpgsql("BEGIN\n  §RAISE EXCEPTION 'not %', NEW.id;\nEND", 'f()', 'trigger')}CREATE TRIGGER t BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();\nINSERT INTO t VALUES (1);`,
  ],
  [
    'a trigger that fires with COMMIT',
    `CREATE TABLE t (id int);\n${plpgsql("BEGIN\n  §RAISE EXCEPTION 'not %', NEW.id;\nEND", 'f()', 'trigger')}CREATE CONSTRAINT TRIGGER t AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION f();\nINSERT INTO t VALUES (1);`,
  ],
  ['a body in single quotes', "DO '\nBEGIN\n  PERFORM ''ä😀'', * FROM §nope;\nEND';"],
  ["a body in E'…'", "DO E'\nBEGIN\n  §RAISE EXCEPTION ''ä'';\nEND';"],
  ['a function in SQL', "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$\n  SELECT 'ä😀',\n  §nope $$;"],
  [
    'one of two functions that are alike',
    'CREATE TABLE t (a int);\nCREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT a FROM t $$;\nALTER TABLE t DROP a;\nCREATE FUNCTION g() RETURNS int LANGUAGE sql AS $$ SELECT §a FROM t $$;',
  ],
  [
    'a statement of a function in SQL',
    'CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$\n  SELECT 1;\n  §SELECT 1 / (id - 1) FROM keyed;\n$$;\n\nSELECT f();',
  ],
  [
    'a function with BEGIN ATOMIC',
    'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC\n  SELECT 1;\n  §SELECT 1 / (id - 1) FROM keyed;\nEND;\nSELECT f();',
  ],
  ['a function of an earlier migration: the statement that calls it', '\n  §SELECT 1, earlier();'],
  ['a function of an earlier migration: the line that calls it', 'DO $$\nBEGIN\n  §PERFORM earlier();\nEND $$;'],
  ['CRLF', '\uFEFF-- 表\r\nDO $$\r\nBEGIN\r\n  PERFORM 1;\r\n  PERFORM §nope;\r\nEND $$;\r\n'],
  [
    'a file without transaction',
    `-- migrate: no-transaction\nCREATE TABLE IF NOT EXISTS twice ();\nDO $$\nBEGIN\n  PERFORM §nope;\nEND $$;`,
  ],
])('%s', async (_, marked) => {
  const text = marked.replace('§', '');
  const before = marked.slice(0, marked.indexOf('§')).replace('\uFEFF', '').replaceAll('\r\n', '\n').split('\n');
  const { place, excerpt, message } = await held.refused(SQL, text);
  expect(place, `${message}\n${excerpt}`).toEqual({
    file: SQL,
    line: before.length,
    column: [...(before.at(-1) ?? '')].length + 1,
  });
});

test('a line of 10,000 characters is cut around the caret', async () => {
  const wide = '表'.repeat(2500);
  const { place, excerpt } = await held.refused(
    SQL,
    `SELECT '${wide}${'ä'.repeat(2500)}', nope, '${'x'.repeat(5000)}';`,
  );
  expect(place).toEqual({ file: SQL, line: 1, column: 5012 });
  expect(excerpt).toBe(`1 | …${'ä'.repeat(57)}', nope, '${'x'.repeat(53)}…\n  | ${' '.repeat(61)}^`);
});

test('what the server says of the object goes along', async () => {
  const { server } = await held.refused(SQL, 'INSERT INTO keyed VALUES (1);');
  expect(server).toEqual({
    code: '23505',
    detail: 'Key (id)=(1) already exists.',
    schema: 'public',
    table: 'keyed',
    constraint: 'keyed_pkey',
  });
});
