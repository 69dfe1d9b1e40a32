import { describe, expect, test } from 'vitest';
import { lint } from '../../src/analysis/lint/lint.ts';
import { findingsOf, rulesBroken, sql } from './files.ts';

const NOTES = `CREATE TABLE notes (
  id bigint PRIMARY KEY, title varchar(100), body text, size integer, price numeric(8, 2), embedding vector(768),
  author_id bigint
);`;
const AUTHORS = 'CREATE TABLE authors (id bigint PRIMARY KEY);';
const MOOD = "CREATE TYPE mood AS ENUM ('ok');";
const none: readonly string[] = [];

describe('on a table that stands', () => {
  test.each<[string, readonly string[]]>([
    ['CREATE UNIQUE INDEX i ON public.notes (size);', ['index-blocks-writes']],
    ['CREATE INDEX ON notes USING hnsw (embedding vector_l2_ops);', ['vector-index-blocks-writes']],
    [
      'CREATE INDEX ON notes USING ivfflat (embedding);',
      ['vector-index-blocks-writes', 'vector-index-without-operators'],
    ],
    ['-- migrate: no-transaction\nREINDEX INDEX notes_pkey;', ['reindex-blocks']],
    ['REINDEX (VERBOSE) TABLE notes;', ['reindex-blocks']],
    ['DROP INDEX somebodys_idx;', ['drop-index-blocks']],
    ['ALTER TABLE notes ADD COLUMN rank integer CHECK (rank > 0);', ['check-without-not-valid']],
    ['ALTER TABLE notes ADD CHECK (size > 0) NOT VALID;', none],
    ['ALTER TABLE notes ADD COLUMN writer_id bigint REFERENCES authors (id);', ['foreign-key-without-index']],
    [
      'ALTER TABLE notes ADD COLUMN writer_id bigint DEFAULT 1 REFERENCES authors (id);',
      ['foreign-key-without-index', 'foreign-key-without-not-valid'],
    ],
    ['ALTER TABLE notes ADD UNIQUE (title);', ['unique-constraint-blocks']],
    ['ALTER TABLE notes ADD COLUMN code text UNIQUE;', ['unique-constraint-blocks']],
    ['ALTER TABLE notes ALTER COLUMN id SET NOT NULL;', none],
    ['ALTER TABLE notes ADD CONSTRAINT title_given NOT NULL title;', ['not-null-scans']],
    ['ALTER TABLE notes ADD CONSTRAINT title_given NOT NULL title NOT VALID;', none],
    ['ALTER TABLE notes ADD COLUMN rank integer NOT NULL;', ['required-column-without-default']],
    ['ALTER TABLE notes ADD COLUMN rank integer NOT NULL DEFAULT 0;', none],
    ['ALTER TABLE notes ADD COLUMN seen_at timestamptz DEFAULT now();', none],
    ['ALTER TABLE notes ADD COLUMN seen_at timestamptz DEFAULT CURRENT_TIMESTAMP;', none],
    ['ALTER TABLE notes ADD COLUMN seen_at timestamptz DEFAULT clock_timestamp();', ['volatile-default-rewrites']],
    ['ALTER TABLE notes ADD COLUMN chance float DEFAULT 1 + random();', ['volatile-default-rewrites']],
    ['ALTER TABLE notes ADD COLUMN serial_no serial;', ['volatile-default-rewrites']],
    ['ALTER TABLE notes ADD COLUMN no bigint GENERATED ALWAYS AS IDENTITY;', ['volatile-default-rewrites']],
    ['ALTER TABLE notes ADD COLUMN lower text GENERATED ALWAYS AS (lower(body)) VIRTUAL;', none],
    ['ALTER TABLE notes ALTER title TYPE text;', none],
    ['ALTER TABLE notes ALTER title TYPE varchar(50);', ['type-change-rewrites']],
    ['ALTER TABLE notes ALTER title TYPE text USING trim(title);', ['type-change-rewrites']],
    ['ALTER TABLE notes ALTER body TYPE varchar;', none],
    ['ALTER TABLE notes ALTER price TYPE numeric(12, 2);', none],
    ['ALTER TABLE notes ALTER price TYPE numeric(12, 4);', ['type-change-rewrites']],
    ['ALTER TABLE notes ALTER embedding TYPE vector(1024);', ['type-change-rewrites']],
    ['ALTER TABLE notes ALTER unknown TYPE bigint;', ['type-change-rewrites']],
    ['ALTER TABLE notes SET TABLESPACE fast;', ['table-rewrite']],
    ['ALTER TABLE notes SET UNLOGGED;', ['table-rewrite']],
    ['CLUSTER notes USING notes_pkey;', ['table-rewrite']],
    ['-- migrate: no-transaction\nVACUUM FULL;', ['table-rewrite']],
    ['ALTER TABLE notes SET SCHEMA archive;', ['rename-table']],
    ['DROP TABLE IF EXISTS notes CASCADE;', ['drop-cascade', 'drop-table']],
    ['WITH gone AS (DELETE FROM notes RETURNING 1) SELECT count(*) FROM gone;', ['unbounded-delete']],
    ['DELETE FROM notes USING authors WHERE author_id = authors.id;', none],
    ['LOCK TABLE notes IN ACCESS SHARE MODE;', none],
    ['TRUNCATE notes, authors;', ['truncate']],
  ])('%s', async (text, rules) => {
    expect(await rulesBroken(sql(NOTES, AUTHORS, text))).toEqual(rules);
  });
});

describe('what one transaction holds', () => {
  test.each<[string, string, readonly string[]]>([
    ['a value of a type that is new too', `${MOOD}\nALTER TYPE mood ADD VALUE 'bad';\nSELECT 'bad'::mood;`, none],
    [
      'no-transaction',
      "-- migrate: no-transaction\nALTER TYPE m ADD VALUE 'x';\nUPDATE notes SET body = 'x' WHERE id = 1;",
      none,
    ],
    ['one table twice', 'ALTER TABLE notes ADD a text;\nALTER TABLE notes ADD b text;', none],
    [
      'three tables',
      'ALTER TABLE notes ADD a text;\nALTER TABLE authors ADD a text;\nALTER TABLE notes ADD b text;',
      ['several-tables-locked'],
    ],
    ['rows before the lock', "UPDATE notes SET body = '' WHERE body IS NULL;\nALTER TABLE notes ADD a text;", none],
    ['few rows after it', 'ALTER TABLE notes ADD a text;\nINSERT INTO notes (id) VALUES (1);', none],
    [
      'many rows after it',
      'ALTER TABLE notes ADD a text;\nINSERT INTO notes (id) SELECT id FROM authors;',
      ['slow-under-lock'],
    ],
  ])('%s', async (_what, text, rules) => {
    expect(await rulesBroken(sql(NOTES, AUTHORS, text))).toEqual(rules);
  });
});

describe('what is made in the same set is empty, and nobody uses it', () => {
  const CHANGES = [
    'CREATE INDEX ON notes (title);',
    "ALTER TABLE notes ADD COLUMN token uuid DEFAULT gen_random_uuid(), ADD CHECK (title <> ''), ALTER title SET NOT NULL;",
    'ALTER TABLE notes RENAME title TO heading;',
    'ALTER TABLE notes RENAME TO remarks;',
    'ALTER TABLE remarks DROP COLUMN heading;',
    'TRUNCATE remarks;',
    'DROP TABLE remarks;',
  ];

  test('in one file, and in several', async () => {
    expect(await rulesBroken(sql([NOTES, ...CHANGES].join('\n')))).toEqual([]);
    const found = await lint(sql(NOTES, ...CHANGES));
    expect(found.filter(({ rule }) => rule !== 'missing-rollback')).toEqual([]);
  });

  test.each(CHANGES.slice(0, 4))('but not where the table is older: %s', async (text) => {
    expect(await rulesBroken(sql(NOTES, text))).not.toEqual([]);
  });

  test('nor where no file made it', async () => {
    expect(await rulesBroken(sql('CREATE INDEX ON elsewhere.notes (title);'))).toEqual(['index-blocks-writes']);
  });

  test('a table that stands is not made by IF NOT EXISTS', async () => {
    const again = 'CREATE TABLE IF NOT EXISTS notes (id bigint);\nCREATE INDEX ON notes (title);';
    expect(await rulesBroken(sql(NOTES, again))).toEqual(['index-blocks-writes']);
  });

  test('a column that is new may go, though its table is old', async () => {
    const text =
      'ALTER TABLE notes ADD COLUMN draft text;\nALTER TABLE notes RENAME draft TO sketch;\nALTER TABLE notes DROP COLUMN sketch;';
    expect(await rulesBroken(sql(NOTES, text))).toEqual([]);
  });

  test('a temporary table is nobody else’s', async () => {
    const text = 'CREATE TEMP TABLE seen AS SELECT id FROM notes;\nCREATE INDEX ON seen (id);\nDELETE FROM seen;';
    expect(await rulesBroken(sql(NOTES, text))).toEqual([]);
  });
});

describe('types', () => {
  test.each<[string, readonly string[]]>([
    ['timestamp(3)', ['timestamp-without-zone']],
    ['timestamp without time zone', none],
    ['timestamp (3) without time zone', none],
    ['timestamp with time zone', none],
    ['character(3)', ['padded-char']],
    ['char varying(3)', none],
    ['"char"', none],
    ['json[]', ['json-column']],
    ['halfvec', ['vector-without-dimension']],
  ])('%s', async (type, rules) => {
    expect(await rulesBroken(sql(`CREATE TABLE kinds (id bigint PRIMARY KEY, it ${type});`))).toEqual(rules);
    expect(await rulesBroken(sql(NOTES, `ALTER TABLE notes ADD COLUMN it ${type};`))).toEqual(rules);
  });
});

describe('places', () => {
  test('are those of the action, behind letters of several bytes', async () => {
    const text =
      "-- ü😀\nALTER TABLE IF EXISTS ONLY public.notes\n  ADD a text DEFAULT 'ä😀', /* 😀 */ DROP COLUMN size, ALTER title SET NOT NULL;";
    const found = (await findingsOf(sql(NOTES, text))).filter(({ rule }) => rule !== 'missing-rollback');
    expect(found.map(({ rule, place: { line, column } }) => [rule, line, column])).toEqual([
      ['drop-column', 3, 36],
      ['not-null-scans', 3, 54],
    ]);
    // Each of the two emoji takes two columns of a terminal.
    expect(found[0]?.excerpt.split('\n').at(-1)?.indexOf('^')).toBe('3 | '.length + 35 + 2);
  });

  test('of a syntax error is where the parser stopped; the other statements are judged all the same', async () => {
    const text = "SELECT 'ä😀' FORM notes WHERE;\nDROP TABLE notes;";
    const found = (await findingsOf(sql(NOTES, text))).filter(({ rule }) => rule !== 'missing-rollback');
    expect(found.map(({ rule, place: { line, column } }) => [rule, line, column])).toEqual([
      ['syntax', 1, 18],
      ['drop-table', 2, 1],
    ]);
    expect(found[0]?.message).toBe('syntax error at or near "notes"');
  });
});

test('what data there is beyond a thousand statements is not parsed', async () => {
  const rows = 'INSERT INTO notes (id) VALUES (1);\n'.repeat(1000);
  expect(await rulesBroken(sql(`${rows}INSERT INTO notes VALUE;\nDROP TABLE authors;`))).toEqual(['drop-table']);
});
