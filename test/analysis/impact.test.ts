import { describe, expect, test } from 'vitest';
import { impactOfCypher } from '../../src/analysis/impact/cypher.ts';
import { impactsOf } from '../../src/analysis/impact/pending.ts';
import { pendingOf } from './parsed.ts';

describe('Cypher', () => {
  const names = (statement: string) =>
    impactOfCypher(statement, { start: 0, end: statement.length }).names.map(({ kind, name }) => `${kind} ${name}`);

  test.each([
    ['CREATE INDEX i IF NOT EXISTS FOR (n:A|B) ON EACH [n.t]', ['label A', 'label B']],
    ['CREATE INDEX i IF NOT EXISTS FOR ()-[r:R]-() ON (r.x)', ['relationship R']],
    [
      'MATCH (a:A {k: 1})-[r:R|S*1..3]->(b:`Odd :Name`) SET a:Extra',
      ['label A', 'relationship R', 'relationship S', 'label Odd :Name', 'label Extra'],
    ],
    ["MATCH (n) WHERE n.x = 'a:B' RETURN [x IN range(1, 2) | x], {key: n.y}", []],
    ['MATCH (n:A) CALL (n) { SET n:Done } IN TRANSACTIONS', ['label A', 'label Done']],
  ])('%s names %j', (statement, expected) => {
    expect(names(statement)).toEqual(expected);
  });

  test.each([
    ['MERGE (a:A) ON CREATE SET a.x = 1', 'writes', 'MERGE … SET'],
    ['MATCH (a:A) RETURN a', 'reads', 'MATCH'],
    ['DROP CONSTRAINT c IF EXISTS', 'schema', 'DROP CONSTRAINT'],
  ])('%s %s', (statement, does, what) => {
    expect(impactOfCypher(statement, { start: 0, end: statement.length })).toMatchObject({ does, what });
  });
});

describe('SQL', () => {
  test('statements are found in their steps, whatever stands before them', async () => {
    const [impact] = await impactsOf([
      pendingOf('001_steps.sql', "-- migrate: no-transaction\n/* ü */ VACUUM a;\n\nSELECT 'ü'; CREATE TABLE b ();\n"),
    ]);
    expect(impact?.statements.map(({ step, line, text }) => [step, line, text])).toEqual([
      [0, 2, 'VACUUM a'],
      [1, 4, "SELECT 'ü'"],
      [2, 4, 'CREATE TABLE b ()'],
    ]);
  });

  test('a statement that the parser cannot read is reported as such, and hides no other', async () => {
    const [impact] = await impactsOf([pendingOf('001_new.sql', 'CREATE NOVELTY x;\nSELECT 1;\n')]);
    expect(impact?.statements).toMatchObject([
      { line: 1, sql: { opaque: true, notes: [expect.stringContaining('syntax error')] } },
      { line: 2, sql: { opaque: false, notes: [] } },
    ]);
  });
});
