import { expect, test } from 'vitest';
import { offlinePlan } from '../../src/commands/read/plan.ts';
import { migration } from '../lint/files.ts';
import { workOf } from './work.ts';

// A plan reads a file, lints it and asks what its statements lock: whatever the file is made of, twice the statements are twice
// the work.

const SMALL = 500;
const LARGE = 2_000;
/** Linear work is 1, quadratic work is 4; V8's counters leave out some calls of what it has compiled. */
const SLACK = 1.5;

type Statement = (n: number) => string;

const SQL: readonly [name: string, statement: Statement, separator: string][] = [
  ['tables, each with its index', (n) => `CREATE TABLE t${n} (i int); CREATE INDEX i${n} ON t${n} (i);`, '\n'],
  ['changes of one table', (n) => `ALTER TABLE t ADD CONSTRAINT c${n} CHECK (i > ${n}) NOT VALID;`, '\n'],
  ['findings in one line that is not ASCII', (n) => `CREATE INDEX größe${n} ON größen (größe);`, ' '],
  ['changes of existing tables', (n) => `ALTER TABLE t${n} ADD COLUMN i int; UPDATE t${n} SET i = 1;`, '\n'],
  ['indexes that are dropped', (n) => `CREATE INDEX i${n} ON t (i); DROP INDEX i${n};`, '\n'],
  ['what does not parse', (n) => `CREATE TABEL größe${n} (i int);`, ' '],
  ['rows', (n) => `INSERT INTO t VALUES (${n}, 'größe');`, '\n'],
  ['steps', (n) => `${n === 0 ? '-- migrate: no-transaction\n' : ''}VACUUM t${n};`, '\n'],
];

const CYPHER: readonly [name: string, statement: Statement, separator: string][] = [
  ['data', (n) => `MERGE (n:Größe {id: ${n}}) SET n.größe = ${n};`, ' '],
  ['indexes', (n) => `CREATE INDEX i${n} IF NOT EXISTS FOR (n:L${n}) ON (n.x);`, '\n'],
  [
    'constraints that replace indexes',
    (n) => `DROP INDEX i${n} IF EXISTS; CREATE CONSTRAINT c${n} IF NOT EXISTS FOR (n:L${n}) REQUIRE n.x IS UNIQUE;`,
    '\n',
  ],
];

/** How much more work the large file is, by how much longer it is. */
async function growth(file: string, statement: Statement, separator: string, small: number, large: number) {
  const text = (count: number) => Array.from({ length: count }, (_, n) => statement(n)).join(separator);
  const work = (count: number) => workOf(() => offlinePlan([migration(file, text(count))], ['postgres', 'neo4j'], {}));
  // What happens once, such as loading the parser and compiling what is called, is in neither of them.
  await work(small);
  const [few, many] = [await work(small), await work(large)];
  expect(few).toBeGreaterThan(100 * small);
  return (many * text(small).length) / (few * text(large).length);
}

test.each(SQL)('SQL: %s', async (_, statement, separator) => {
  expect(await growth('001_a.sql', statement, separator, SMALL, LARGE)).toBeLessThan(SLACK);
});

test.each(CYPHER)('Cypher: %s', async (_, statement, separator) => {
  expect(await growth('001_a.cypher', statement, separator, SMALL, LARGE)).toBeLessThan(SLACK);
});

test('one statement with many actions', async () => {
  const actions = (n: number) => `${n === 0 ? 'ALTER TABLE größen ' : ', '}ALTER COLUMN größe${n} TYPE int`;
  expect(await growth('001_a.sql', actions, '', SMALL, LARGE)).toBeLessThan(SLACK);
});

test('20,000 statements', async () => {
  const [, [, statement, separator]] = SQL as [unknown, (typeof SQL)[number]];
  expect(await growth('001_a.sql', statement, separator, 5_000, 20_000)).toBeLessThan(SLACK);
});
