import { describe, expect, test } from 'vitest';
import { keyOf } from '../../src/catalog/model.ts';
import {
  expectedObjects,
  knownObjects,
  laterChange,
  parseReference,
  stagesOf,
  whyNotComparable,
} from '../../src/catalog/reference.ts';
import { check, column, file, history, index, reference, table } from './samples.ts';

const [ONE, TWO, THREE] = [
  file('001_one.sql'),
  file('002_two.sql', 'SELECT 2;\n'),
  file('003_three.sql', 'SELECT 3;\n'),
];
const FILES = [ONE, TWO, THREE];

/** 001 makes a table and an index, 002 changes the index and adds a check, 003 drops the index. */
const FIRST = [table('t'), column('t.a', 'integer'), index('i', 't.a')];
const SECOND = [table('t'), column('t.a', 'integer'), index('i', 't.b'), check('t.c', 'CHECK (a > 0)')];
const THIRD = SECOND.filter(({ kind }) => kind !== 'index');
const REFERENCE = reference(FILES, [
  ...stagesOf(ONE.name, [], FIRST),
  ...stagesOf(TWO.name, FIRST, SECOND),
  ...stagesOf(THREE.name, SECOND, THIRD),
]);

test('a stage is what a migration has changed', () => {
  expect(REFERENCE.stages.postgres.map(({ by, object, gone }) => `${by} ${gone ?? keyOf(object)}`)).toEqual([
    '001_one.sql table t',
    '001_one.sql column t.a',
    '001_one.sql index i',
    '002_two.sql index i',
    '002_two.sql constraint t.c',
    '003_three.sql index i',
  ]);
});

test('what is broken, and the version of an extension, do not become part of a reference', () => {
  const vector = { kind: 'extension', name: 'vector', needed: true } as const;
  const [made] = stagesOf(ONE.name, [], [{ ...vector, version: '0.8.5' }]);
  expect(made?.object).toEqual(vector);
  expect(stagesOf(ONE.name, [index('i', 't.a')], [index('i', 't.a', { fault: 'invalid' })])).toEqual([]);
});

describe('what should be there', () => {
  const expected = (...applied: readonly string[]) =>
    expectedObjects(REFERENCE, history(...applied)).map(({ by, object }) => [keyOf(object), by]);

  test('is what the applied migrations make, no more', () => {
    expect(expected()).toEqual([]);
    expect(expected('001_one.sql')).toEqual([
      ['table t', '001_one.sql'],
      ['column t.a', '001_one.sql'],
      ['index i', '001_one.sql'],
    ]);
    expect(expected('001_one.sql adopted', '002_two.sql baseline')).toEqual([
      ['table t', '001_one.sql'],
      ['column t.a', '001_one.sql'],
      ['index i', '002_two.sql'],
      ['constraint t.c', '002_two.sql'],
    ]);
    expect(expected('001_one.sql', '002_two.sql', '003_three.sql').map(([key]) => key)).toEqual([
      'table t',
      'column t.a',
      'constraint t.c',
    ]);
  });

  test('does not hold what a migration makes that is under way', () => {
    expect(expected('001_one.sql', '002_two.sql started')).toEqual(expected('001_one.sql'));
  });

  test('leaves out what a pending migration below an applied one touches', () => {
    expect(expected('002_two.sql')).toEqual([['constraint t.c', '002_two.sql']]);
  });

  test('and what no migration has to do with is known', () => {
    expect([...knownObjects(REFERENCE, 'postgres')]).toEqual(['table t', 'column t.a', 'index i', 'constraint t.c']);
  });
});

test.each([
  ['all the same', FILES, history('001_one.sql'), undefined],
  [
    'another file',
    [ONE, TWO, file('003_three.sql', 'SELECT 4;\n')],
    history(),
    '003_three.sql was another file when it was made',
  ],
  ['a file more', [...FILES, file('004_four.sql')], history(), 'it was made without 004_four.sql'],
  ['a file less', [ONE, TWO], history(), 'it was made with 003_three.sql, which is not among these files'],
  ['a graph file more', [...FILES, file('004_graph.cypher', 'CREATE (:A);\n')], history(), undefined],
  [
    'a newer database',
    FILES,
    history('009_new.sql'),
    '009_new.sql, which is newer than these files, may have changed anything',
  ],
])('a reference counts for exactly its files: %s', (_what, files, entries, reason) => {
  expect(whyNotComparable(REFERENCE, files, entries)).toBe(reason);
});

test('a migration whose work an applied one has changed since is not to run again', () => {
  const all = history('001_one.sql', '002_two.sql', '003_three.sql');
  expect(laterChange(REFERENCE, ONE, all)).toEqual({ by: '002_two.sql', key: 'index i' });
  expect(laterChange(REFERENCE, ONE, history('001_one.sql'))).toBeUndefined();
  expect(laterChange(REFERENCE, THREE, all)).toBeUndefined();
});

test.each(['', '[]', 'null', '{"format":2,"files":{},"stages":{"postgres":[],"neo4j":[]}}', '{"format":1,"files":{}}'])(
  '%j is no reference',
  (text) => {
    expect(parseReference(text)).toBeUndefined();
  },
);

test('what is written is read', () => {
  expect(parseReference(JSON.stringify(REFERENCE))).toEqual(REFERENCE);
});
