import { describe, expect, test } from 'vitest';
import { isAtomic, type Migration } from '../../src/core/migration.ts';
import { parseMigration } from '../../src/core/parse.ts';
import { concurrentIndex, stepsChecksum } from '../../src/core/steps.ts';

function parse(name: string, text: string): Migration {
  const { migration, problems } = parseMigration(name, new TextEncoder().encode(text));
  if (migration === undefined) throw new Error(JSON.stringify(problems));
  return migration;
}

function steps(name: string, text: string) {
  const migration = parse(name, text);
  return migration.steps.map(({ kind, replayable, statements }) => ({
    kind,
    replayable,
    texts: statements.map(({ start, end }) => migration.text.slice(start, end)),
  }));
}

test('a SQL file is one step, its whole text', () => {
  const text = '-- a\nSELECT 1;\nSELECT 2;\n-- Rollback:\n-- b\n';
  expect(steps('001_a.sql', text)).toEqual([{ kind: 'sql-file', replayable: false, texts: [text] }]);
});

describe('each statement of a no-transaction file is a step', () => {
  test.each([
    ['SELECT 1', 'sql-marked', false],
    ['CREATE INDEX a ON t (x)', 'sql-marked', false],
    ['CREATE INDEX CONCURRENTLY a ON t (x)', 'sql-bare', false],
    ['CREATE INDEX CONCURRENTLY IF NOT EXISTS a ON t (x)', 'sql-bare', true],
    ['CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "a b" ON ONLY s.t (x)', 'sql-bare', true],
    ['DROP INDEX CONCURRENTLY a', 'sql-bare', false],
    ['DROP INDEX CONCURRENTLY IF EXISTS a', 'sql-bare', true],
    ['REINDEX TABLE CONCURRENTLY a', 'sql-bare', true],
    ['REINDEX TABLE a', 'sql-bare', true],
    ['VACUUM ANALYZE a', 'sql-bare', true],
    ["ALTER SYSTEM SET work_mem = '1GB'", 'sql-bare', true],
    ['CREATE DATABASE a', 'sql-bare', false],
    ['DROP DATABASE IF EXISTS a', 'sql-bare', true],
    ['DROP SUBSCRIPTION IF EXISTS a', 'sql-bare', false],
    ['ALTER TABLE a DETACH PARTITION b CONCURRENTLY', 'sql-bare', false],
    ['DO $$ BEGIN COMMIT; END $$', 'sql-bare', false],
    ['CALL p(1)', 'sql-bare', false],
  ])('%s: %s', (text, kind, replayable) => {
    const [first, second] = steps('001_a.sql', `-- migrate: no-transaction\n${text};\nSELECT 2;`);
    expect(first).toEqual({ kind, replayable, texts: [text] });
    expect(second).toEqual({ kind: 'sql-marked', replayable: false, texts: ['SELECT 2'] });
  });

  test('and replayable makes those without a transaction so', () => {
    const header = '-- migrate: no-transaction\n-- migrate: replayable\n';
    expect(steps('001_a.sql', `${header}CALL p(1); SELECT 1`).map((step) => step.replayable)).toEqual([true, false]);
  });
});

test('a Cypher file goes by runs of schema and of data statements; each that commits by itself stands alone', () => {
  const index = (name: string) => `CREATE INDEX ${name} IF NOT EXISTS FOR (n:L) ON (n.${name})`;
  const auto = 'CALL { CREATE (n) } IN TRANSACTIONS';
  const text = [index('a'), index('b'), 'CREATE (n)', 'RETURN 1', auto, auto, 'RETURN 2', index('c')].join(';\n');
  expect(steps('001_a.cypher', `// migrate: auto-commit\n${text}`)).toEqual([
    { kind: 'cypher-schema', replayable: true, texts: [index('a'), index('b')] },
    { kind: 'cypher-data', replayable: false, texts: ['CREATE (n)', 'RETURN 1'] },
    { kind: 'cypher-auto', replayable: false, texts: [auto] },
    { kind: 'cypher-auto', replayable: false, texts: [auto] },
    { kind: 'cypher-data', replayable: false, texts: ['RETURN 2'] },
    { kind: 'cypher-schema', replayable: true, texts: [index('c')] },
  ]);
  expect(
    steps('001_a.cypher', `// migrate: auto-commit\n// migrate: replayable\n${auto}`).map((step) => step.replayable),
  ).toEqual([true]);
});

test('marker and work share a transaction in these kinds of step', () => {
  const kinds = ['sql-file', 'sql-marked', 'sql-bare', 'cypher-data', 'cypher-schema', 'cypher-auto'] as const;
  const atomic = kinds.filter((kind) => isAtomic({ kind, statements: [], replayable: false }));
  expect(atomic).toEqual(['sql-file', 'sql-marked', 'cypher-data']);
});

describe('the index that is built concurrently', () => {
  test.each([
    ['CREATE INDEX CONCURRENTLY Idx_A ON t (x)', '"idx_a"'],
    [
      'create unique index /* c */ concurrently IF NOT EXISTS "Idx ""A" on only Sch."T" using hnsw (x)',
      '"sch"."Idx ""A"',
    ],
    ['CREATE INDEX CONCURRENTLY é ON t (x)', '"é"'],
    ['CREATE INDEX CONCURRENTLY ON t (x)', undefined],
    ['CREATE INDEX a ON t (x)', undefined],
    ['DROP INDEX CONCURRENTLY a', undefined],
  ])('%s', (text, name) => expect(concurrentIndex(text)).toBe(name));
});

describe('the checksum of the first steps', () => {
  const file = (text: string) => parse('001_a.sql', `-- migrate: no-transaction\n${text}`);

  test('is frozen: histories hold it', () => {
    const migration = file('SELECT 1;\nSELECT 2;');
    expect(stepsChecksum(migration, 0)).toBe('sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(stepsChecksum(migration, 1)).toBe('sha256:54b7e4336a01ac3f1464afb5d4eb866f7f68924d657f42e26c1f8f09cd657674');
    expect(stepsChecksum(migration, 2)).toBe('sha256:d224b754889df8776378cc807d00eaacb7bdc3e0a34ccf36598f2e4e220fb29f');
  });

  test('stays the same whatever changes behind and around them', () => {
    const before = file('SELECT 1;\nSELECT 2;');
    const after = file('-- why\n  SELECT 1  ;;\nSELECT 3;');
    expect(stepsChecksum(after, 1)).toBe(stepsChecksum(before, 1));
    expect(stepsChecksum(after, 2)).not.toBe(stepsChecksum(before, 2));
  });

  test('tells apart what only joins to the same text', () => {
    const one = parse('001_a.cypher', 'RETURN 1; RETURN 2');
    const two = {
      ...one,
      steps: one.steps.flatMap((step) => step.statements.map((span) => ({ ...step, statements: [span] }))),
    };
    expect(stepsChecksum(one, 1)).not.toBe(stepsChecksum(two, 2));
    expect(stepsChecksum(file('SELECT 12; SELECT 3'), 2)).not.toBe(stepsChecksum(file('SELECT 1; SELECT 23'), 2));
  });
});
