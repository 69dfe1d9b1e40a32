import { expect, test } from 'vitest';
import { parseSchema } from '../../src/core/cypher-schema.ts';

const node = { entity: 'NODE', labels: ['L'], properties: ['p'] };

test.each([
  [
    'CREATE INDEX i IF NOT EXISTS FOR (n:L) ON (n.p)',
    { action: 'create', kind: 'index', name: 'i', type: 'RANGE', ...node },
  ],
  [
    'create range index `my ``idx` if not exists for (n:`A B`) on (n.a, n.`b c`)',
    {
      action: 'create',
      kind: 'index',
      name: 'my `idx',
      type: 'RANGE',
      entity: 'NODE',
      labels: ['A B'],
      properties: ['a', 'b c'],
    },
  ],
  [
    'CREATE TEXT INDEX i IF NOT EXISTS FOR ()-[r:T]-() ON (r.p)',
    {
      action: 'create',
      kind: 'index',
      name: 'i',
      type: 'TEXT',
      entity: 'RELATIONSHIP',
      labels: ['T'],
      properties: ['p'],
    },
  ],
  [
    'CREATE POINT INDEX i FOR ()<-[r:T]-() ON r.p',
    {
      action: 'create',
      kind: 'index',
      name: 'i',
      type: 'POINT',
      entity: 'RELATIONSHIP',
      labels: ['T'],
      properties: ['p'],
    },
  ],
  [
    'CREATE FULLTEXT INDEX i IF NOT EXISTS FOR (n:A|B) ON EACH [n.x, n.y] OPTIONS {indexConfig: {}}',
    {
      action: 'create',
      kind: 'index',
      name: 'i',
      type: 'FULLTEXT',
      entity: 'NODE',
      labels: ['A', 'B'],
      properties: ['x', 'y'],
    },
  ],
  [
    'CREATE FULLTEXT INDEX i IF NOT EXISTS FOR ()-[r:T|U]->() ON EACH [r.x]',
    {
      action: 'create',
      kind: 'index',
      name: 'i',
      type: 'FULLTEXT',
      entity: 'RELATIONSHIP',
      labels: ['T', 'U'],
      properties: ['x'],
    },
  ],
  [
    'CYPHER 25 CREATE VECTOR INDEX i IF NOT EXISTS FOR (n:L) ON (n.p) OPTIONS {indexConfig: {`vector.dimensions`: 768}}',
    {
      action: 'create',
      kind: 'index',
      name: 'i',
      type: 'VECTOR',
      ...node,
      settings: new Map([['vector.dimensions', 768]]),
    },
  ],
  [
    'CREATE LOOKUP INDEX i IF NOT EXISTS FOR (n) ON EACH labels(n)',
    { action: 'create', kind: 'index', name: 'i', type: 'LOOKUP', entity: 'NODE', labels: [], properties: [] },
  ],
  [
    'CREATE LOOKUP INDEX i IF NOT EXISTS FOR ()-[r]-() ON EACH type(r)',
    { action: 'create', kind: 'index', name: 'i', type: 'LOOKUP', entity: 'RELATIONSHIP', labels: [], properties: [] },
  ],
  [
    'CREATE CONSTRAINT c IF NOT EXISTS FOR (n:L) REQUIRE n.p IS UNIQUE',
    { action: 'create', kind: 'constraint', name: 'c', type: 'UNIQUENESS', ...node },
  ],
  [
    'CREATE CONSTRAINT c IF NOT EXISTS FOR (n:L) REQUIRE (n.a, n.b) IS NODE UNIQUE',
    {
      action: 'create',
      kind: 'constraint',
      name: 'c',
      type: 'UNIQUENESS',
      entity: 'NODE',
      labels: ['L'],
      properties: ['a', 'b'],
    },
  ],
  [
    'CREATE CONSTRAINT c FOR ()-[r:T]-() REQUIRE (r.p) IS RELATIONSHIP KEY',
    {
      action: 'create',
      kind: 'constraint',
      name: 'c',
      type: 'KEY',
      entity: 'RELATIONSHIP',
      labels: ['T'],
      properties: ['p'],
    },
  ],
  [
    'CREATE CONSTRAINT c FOR (n:L) REQUIRE n.p IS NOT NULL',
    { action: 'create', kind: 'constraint', name: 'c', type: 'PROPERTY_EXISTENCE', ...node },
  ],
  [
    'CREATE CONSTRAINT c FOR (n:L) REQUIRE n.p IS :: STRING',
    { action: 'create', kind: 'constraint', name: 'c', type: 'PROPERTY_TYPE', ...node },
  ],
  ['DROP INDEX `i x` IF EXISTS', { action: 'drop', kind: 'index', name: 'i x' }],
  ['DROP CONSTRAINT c', { action: 'drop', kind: 'constraint', name: 'c' }],
])('%s', (text, change) => expect(parseSchema(text)).toEqual(change));

test('of a shape that is not known, labels and properties are left out', () => {
  expect(parseSchema('CREATE INDEX i FOR (n:L) ON (n.p) SOMETHING new')).toEqual({
    action: 'create',
    kind: 'index',
    name: 'i',
    type: 'RANGE',
    entity: 'NODE',
  });
  expect(parseSchema('CREATE INDEX i ON :L(p)')).toEqual({ action: 'create', kind: 'index', name: 'i', type: 'RANGE' });
  expect(parseSchema('CREATE CONSTRAINT c FOR (n:L) REQUIRE n.p IS SOMETHING')).toEqual({
    action: 'create',
    kind: 'constraint',
    name: 'c',
    entity: 'NODE',
  });
});

test.each([
  ['CREATE (n:L)'],
  ['CREATE INDEX FOR (n:L) ON (n.p)'],
  ['CREATE INDEX IF NOT EXISTS FOR (n:L) ON (n.p)'],
  ['RETURN 1'],
  [''],
])('no named schema statement: %s', (text) => expect(parseSchema(text)).toBeUndefined());
