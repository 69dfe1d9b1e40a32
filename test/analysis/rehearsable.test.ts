import { expect, test } from 'vitest';
import { rehearsable } from '../../src/analysis/rehearsable.ts';
import { pendingOf, textOf } from './parsed.ts';

const statements = (text: string, from = 0) => {
  const { groups, leftOut } = rehearsable([pendingOf('001_graph.cypher', text, from)]);
  return {
    groups: groups.map(({ kind, candidates }) => [
      kind,
      ...candidates.map(({ migration, span }) => textOf(migration, span)),
    ]),
    leftOut: leftOut.map(({ migration, span }) => textOf(migration, span)),
  };
};

test('data shares one transaction; each schema statement has its own, with the DROPs that stand before it', () => {
  expect(
    statements(`CREATE (:A);
DROP INDEX a IF EXISTS;
CREATE INDEX b IF NOT EXISTS FOR (n:A) ON (n.b);
CREATE INDEX c IF NOT EXISTS FOR (n:A) ON (n.c);
MATCH (n:A) SET n.b = 1;
DROP INDEX d IF EXISTS;`),
  ).toEqual({
    groups: [
      ['schema', 'DROP INDEX a IF EXISTS', 'CREATE INDEX b IF NOT EXISTS FOR (n:A) ON (n.b)'],
      ['schema', 'CREATE INDEX c IF NOT EXISTS FOR (n:A) ON (n.c)'],
      ['schema', 'DROP INDEX d IF EXISTS'],
      ['data', 'CREATE (:A)', 'MATCH (n:A) SET n.b = 1'],
    ],
    leftOut: [],
  });
});

test('a constraint on a label that is written before it is left out, one on another label is not', () => {
  const [same, other] = ['A', 'B'].map(
    (label) => `CREATE CONSTRAINT c IF NOT EXISTS FOR (n:${label}) REQUIRE n.x IS UNIQUE`,
  );
  expect(statements(`CREATE (:A);${same};`).leftOut).toEqual([same]);
  expect(statements(`CREATE (:A);${other};`).leftOut).toEqual([]);
  expect(statements(`MATCH (:A) RETURN 1;${same};`).leftOut).toEqual([]);
  // Who names no label may have written any.
  expect(statements(`MATCH (n) SET n.x = 1;${same};`).leftOut).toEqual([same]);
});

test('what needs what was left out is left out as well, and so on', () => {
  const auto = 'MATCH (n:A) CALL (n) { SET n:B } IN TRANSACTIONS';
  const head = '// migrate: auto-commit\n';
  const text = `${head}${auto};\nMATCH (b:B) CREATE (:C);\nMATCH (c:C) SET c.x = 1;\nCREATE (:D);`;
  expect(statements(text)).toEqual({
    groups: [['data', 'CREATE (:D)']],
    leftOut: [auto, 'MATCH (b:B) CREATE (:C)', 'MATCH (c:C) SET c.x = 1'],
  });
  // A step that is done already is no obstacle.
  expect(statements(text, 1).leftOut).toEqual([]);
});
