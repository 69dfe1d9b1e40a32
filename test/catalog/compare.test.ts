import { describe, expect, test } from 'vitest';
import { compare } from '../../src/catalog/compare.ts';
import { embeddings } from '../../src/catalog/dimensions.ts';
import { findingsOf } from '../../src/catalog/findings.ts';
import { knownFaults } from '../../src/catalog/known-faults.ts';
import { type CatalogObject, type Fault, type GraphIndex, keyOf, type View } from '../../src/catalog/model.ts';
import { catalog, check, column, index, routine, table } from './samples.ts';

const BY = '001_one.sql';

/** The differences of what is there from what should be. */
function differences(expected: readonly CatalogObject[], found: readonly CatalogObject[]) {
  const known = new Set(expected.map(keyOf));
  return compare(
    catalog(found),
    expected.map((object) => ({ by: BY, object })),
    known,
  );
}
const said = (expected: readonly CatalogObject[], found: readonly CatalogObject[]) =>
  differences(expected, found).map(
    ({ is, kind, name, says, told }) => `${told ? '' : '! '}${is}: ${kind} ${name} ${says}`,
  );
const mend = (expected: CatalogObject, found?: CatalogObject, around: readonly CatalogObject[] = []) =>
  differences([expected, ...around], [...(found ? [found] : []), ...around])[0]?.mend;

const SERIAL = [
  { kind: 'sequence', name: 't_id_seq', type: 'integer', owner: { table: 't', column: 'id' } },
  table('t'),
  column('t.id', 'integer', { required: true, default: "nextval('t_id_seq'::regclass)" }),
  column('t.at', 'timestamp with time zone', { default: 'CURRENT_TIMESTAMP' }),
] satisfies readonly CatalogObject[];

describe('a comparison', () => {
  test('finds nothing where all is the same, whatever stands in between', () => {
    expect(differences(SERIAL, SERIAL.toReversed())).toEqual([]);
  });

  test('tells a missing table once, with its columns and its sequence', () => {
    const [missing, ...more] = differences([...SERIAL, index('i', 't.at')], []);
    expect(missing).toMatchObject({ is: 'missing', kind: 'table', name: 't', by: BY });
    expect(missing?.mend).toEqual([
      'CREATE TABLE t (\n  id serial NOT NULL,\n  at timestamp with time zone DEFAULT CURRENT_TIMESTAMP\n)',
    ]);
    // Nobody waits for the table, so its index is made at once.
    expect(more.map((difference) => difference.mend)).toEqual([['CREATE INDEX i ON t USING btree (at)']]);
  });

  test('tells a table of somebody else once, and does not fail for it', () => {
    const own = [table('own'), column('own.a', 'text'), check('own.c', 'CHECK (a > 0)'), index('own_i', 'own.a')];
    expect(said(SERIAL, [...SERIAL, ...own, column('t.more', 'text')])).toEqual([
      'extra: table own is made by no migration',
      'extra: column t.more is made by no migration',
    ]);
  });

  test('does not ask for an extension that nothing uses', () => {
    const [vector, other] = [true, false].map(
      (needed) => ({ kind: 'extension', name: needed ? 'vector' : 'other', needed }) as const,
    );
    expect(
      said(
        [vector, other].flatMap((each) => each ?? []),
        [],
      ),
    ).toEqual(['! missing: extension vector is missing', 'missing: extension other is missing']);
  });

  test.each<[Fault, string]>([
    ['invalid', 'is INVALID'],
    ['building', 'is still being built'],
  ])('fails for an index that is of no use, whoever made it: %s', (fault, says) => {
    const broken = index('mine', 't.at', { fault });
    expect(said([broken], [broken])).toEqual([`! broken: index mine ${says}`]);
    expect(said([], [broken])).toEqual([`! broken: index mine ${says}`]);
  });

  test('does not fail for what somebody else has disabled', () => {
    const trigger = {
      kind: 'trigger',
      table: 't',
      name: 'own',
      definition: 'CREATE TRIGGER own …',
      fault: 'disabled',
    } as const;
    expect(said([], [trigger])).toEqual(['extra: trigger t.own is made by no migration, and is disabled']);
    expect(said([trigger], [trigger])).toEqual(['! broken: trigger t.own is disabled']);
  });

  test('says what is otherwise', () => {
    const wide = column('t.a', 'character varying(64)', { required: true, default: '0' });
    expect(said([wide], [column('t.a', 'text', { identity: 'ALWAYS' })])).toEqual([
      '! different: column t.a has another type: text instead of character varying(64); is not NOT NULL; has no default instead of 0; has the identity ALWAYS instead of none',
    ]);
    expect(said([routine('f()', '\n SELECT 1;\n SELECT 2')], [routine('f()', '\n SELECT 1;\n SELECT 3')])).toEqual([
      '! different: function f() has another body: SELECT 3$function$ instead of SELECT 2$function$',
    ]);
  });
});

describe('one definition is one, however a server writes it', () => {
  test('a check after pg_dump', () => {
    const made = check(
      't.c',
      "CHECK (role::text = ANY (ARRAY['user'::character varying, 'x::text'::character varying]::text[]))",
    );
    const restored = check(
      't.c',
      "CHECK (role::text = ANY (ARRAY['user'::character varying::text, 'x::text'::character varying::text]))",
    );
    expect(differences([made], [restored])).toEqual([]);
    const other = check(
      't.c',
      "CHECK (role::text = ANY (ARRAY['user'::character varying::text, 'x'::character varying::text]))",
    );
    expect(differences([made], [other])).toHaveLength(1);
  });

  test('a view before PostgreSQL 16', () => {
    const view = (definition: string): View => ({
      kind: 'view',
      name: 'v',
      materialized: false,
      columns: ['a text'],
      definition,
    });
    const [newer, older] = [
      view(" SELECT a,\n    'b.c' AS b\n   FROM t"),
      view(" SELECT t.a,\n     'b.c' AS b\n   FROM t"),
    ];
    expect(differences([newer], [older])).toEqual([]);
    expect(differences([newer], [view(" SELECT t.a, 'c' AS b FROM t")])).toHaveLength(1);
  });
});

describe('what mends', () => {
  const enumeration = (...labels: readonly string[]): CatalogObject => ({ kind: 'type', name: 'mood', labels });
  const vectors = (options: GraphIndex['options']): GraphIndex => ({
    kind: 'graph index',
    name: 'v',
    type: 'VECTOR',
    entity: 'NODE',
    labels: ['Chunk'],
    properties: ['e'],
    ...(options && { options }),
  });
  const unique = {
    kind: 'graph constraint',
    name: 'u',
    type: 'UNIQUENESS',
    entity: 'NODE',
    labels: ['A b'],
    properties: ['n'],
  } as const;
  const made = (expression: string) => column('t.b', 'integer', { generated: 'STORED', default: expression });

  test.each<[string, CatalogObject, CatalogObject | undefined, readonly CatalogObject[], readonly string[]]>([
    [
      'a type',
      column('t.a', 'bigint', { default: '0' }),
      column('t.a', 'text', { default: "'0'::text" }),
      [],
      [
        'ALTER TABLE t ALTER COLUMN a DROP DEFAULT',
        'ALTER TABLE t ALTER COLUMN a TYPE bigint USING a::bigint',
        'ALTER TABLE t ALTER COLUMN a SET DEFAULT 0',
      ],
    ],
    [
      'a column',
      column('t.a', 'text', { required: true }),
      undefined,
      [table('t')],
      ['ALTER TABLE t ADD COLUMN a text NOT NULL'],
    ],
    [
      'an identity',
      column('t.a', 'integer', { required: true, identity: 'ALWAYS' }),
      column('t.a', 'integer', { required: true, default: '1' }),
      [],
      ['ALTER TABLE t ALTER COLUMN a DROP DEFAULT', 'ALTER TABLE t ALTER COLUMN a ADD GENERATED ALWAYS AS IDENTITY'],
    ],
    [
      'a generated column',
      made('(a * 2)'),
      made('(a * 3)'),
      [],
      ['ALTER TABLE t DROP COLUMN b', 'ALTER TABLE t ADD COLUMN b integer GENERATED ALWAYS AS ((a * 2)) STORED'],
    ],
    [
      'labels',
      enumeration('a', 'b', 'c'),
      enumeration('b'),
      [],
      [
        "ALTER TYPE mood ADD VALUE IF NOT EXISTS 'a' BEFORE 'b'",
        "ALTER TYPE mood ADD VALUE IF NOT EXISTS 'c' AFTER 'b'",
      ],
    ],
    [
      'an index',
      index('i', 't.a'),
      index('i', 't.b'),
      [table('t')],
      ['DROP INDEX CONCURRENTLY i', 'CREATE INDEX CONCURRENTLY i ON t USING btree (a)'],
    ],
    [
      'a result',
      routine('f()', 'SELECT 1', { result: 'bigint' }),
      routine('f()', 'SELECT 1'),
      [],
      ['DROP FUNCTION f()', routine('f()', 'SELECT 1').definition.trim()],
    ],
    [
      'a vector index',
      vectors({ 'vector.dimensions': 768 }),
      vectors({ 'vector.dimensions': 384 }),
      [],
      [
        'DROP INDEX v IF EXISTS',
        'CREATE VECTOR INDEX v IF NOT EXISTS FOR (n:Chunk) ON (n.e) OPTIONS {indexConfig: {`vector.dimensions`: 768}}',
      ],
    ],
    [
      'a constraint',
      unique,
      undefined,
      [{ ...unique, kind: 'graph index', name: 'other', type: 'RANGE' }],
      ['DROP INDEX other IF EXISTS', 'CREATE CONSTRAINT u IF NOT EXISTS FOR (n:`A b`) REQUIRE n.n IS UNIQUE'],
    ],
  ])('%s', (_what, expected, found, around, statements) => {
    expect(mend(expected, found, around)).toEqual(statements);
  });

  test('an index of Neo4j that has failed', () => {
    const failed = { ...vectors({ 'vector.dimensions': 8 }), fault: 'failed' } as const;
    expect(mend(vectors({ 'vector.dimensions': 8 }), failed)?.[0]).toBe('DROP INDEX v IF EXISTS');
    expect(said([failed], [failed])).toEqual(['! broken: graph index v is FAILED']);
  });

  test('an index that REINDEX has left, and one that is being built', () => {
    const broken = (name: string, fault: Fault) => differences([], [index(name, 't.a', { fault })])[0]?.mend;
    expect(broken('i_ccnew1', 'invalid')).toEqual(['DROP INDEX CONCURRENTLY i_ccnew1']);
    expect(broken('i', 'invalid')).toEqual(['REINDEX INDEX CONCURRENTLY i']);
    expect(broken('i', 'building')).toEqual([]);
  });
});

test('what is broken is mended without being made anew, however the server writes it', () => {
  const made = check('t.c', "CHECK (a = 'x'::character varying)");
  const restored = { ...check('t.c', "CHECK (a = 'x'::text)"), fault: 'not valid' } as const;
  expect(mend(made, restored)).toEqual(['ALTER TABLE t VALIDATE CONSTRAINT c']);
  const trigger = { kind: 'trigger', table: 't', name: 'g', definition: "CREATE TRIGGER g … 'x'::text" } as const;
  const disabled = { ...trigger, definition: "CREATE TRIGGER g … 'x'", fault: 'disabled' } as const;
  expect(mend(trigger, disabled)).toEqual(['ALTER TABLE t ENABLE TRIGGER g']);
});

describe('what was looked at', () => {
  test('is told by the names of what is there, or by what is wrong', () => {
    const wanted = [table('t'), column('t.a', 'text'), index('idx_a', 't.a'), index('idx_b', 't.b')];
    const found = wanted.slice(0, 3);
    expect(findingsOf(catalog(found), differences(wanted, found))).toEqual([
      { check: 'tables', ok: true, detail: ['t'] },
      { check: 'vector extension', ok: false, detail: ['not installed: CREATE EXTENSION vector'] },
      { check: 'idx_ indexes', ok: false, detail: ['idx_b is missing (001_one.sql)'] },
      { check: 'columns', ok: true, detail: ['t: 1'] },
      { check: 'constraints', ok: false, detail: ['there is no constraint'] },
      { check: 'functions', ok: false, detail: ['there is no function'] },
    ]);
  });

  test.each([
    [[768], true, 'has no dimension; its embeddings have 768'],
    [[], true, 'has no dimension; its embeddings have none'],
    [[384, 768], false, 'holds embeddings of dimension 384 instead of 768'],
    [undefined, true, 'has no dimension, and its rows may not be read: GRANT SELECT ON t'],
  ])('embeddings of %j', (found, ok, says) => {
    const dimensions = [{ table: 't', column: 'e', found }];
    const [told] = embeddings(catalog([], { dimensions }), [{ by: BY, object: column('t.e', 'vector(768)') }]);
    expect(told).toMatchObject({ column: 't.e', ok });
    expect(told?.says).toContain(says);
  });

  test.each([
    ['0.4.4', 0],
    ['0.5.1', 1],
    ['0.8.1', 2],
    ['0.8.2', 1],
    ['0.8.10', 0],
    ['1.0', 0],
  ])('pgvector %s has %i known faults', (version, count) => {
    expect(knownFaults(catalog([{ kind: 'extension', name: 'vector', version, needed: true }]))).toHaveLength(count);
  });
});
