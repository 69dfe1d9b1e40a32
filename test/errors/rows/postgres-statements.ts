import type { Row } from './row.ts';

/** Run before the rows: as the superuser, and as the owner. */
export const PREPARED = {
  superuser: `
    CREATE SCHEMA ext; CREATE EXTENSION vector SCHEMA ext; GRANT USAGE ON SCHEMA ext TO PUBLIC;
    CREATE SCHEMA closed; CREATE TABLE others (id int); CREATE TABLE guarded (id int);
    ALTER TABLE guarded ENABLE ROW LEVEL SECURITY; GRANT INSERT ON guarded TO PUBLIC;`,
  owner: `
    CREATE TABLE filled (id int, name text); INSERT INTO filled VALUES (1, 'one'), (2, null), (2, 'two');
    CREATE TABLE keyed (id int PRIMARY KEY, status text CHECK (status <> 'lost')); INSERT INTO keyed VALUES (1, 'done');
    CREATE TABLE child (parent int REFERENCES keyed); INSERT INTO child VALUES (1);
    CREATE VIEW seen AS SELECT id FROM keyed WHERE id < 100 WITH CHECK OPTION;
    CREATE TYPE mood AS ENUM ('calm');
    CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1';
    CREATE FUNCTION twice(a int) RETURNS int LANGUAGE sql AS 'SELECT a';
    CREATE FUNCTION twice(a bigint) RETURNS bigint LANGUAGE sql AS 'SELECT a';`,
};

export const STATEMENTS: readonly Row[] = [
  { code: '42601', file: "SELECT 'ä😀', 1 FRON filled WHERE true;", hint: 'correct the word at the caret', at: '1:21' },
  {
    code: '42601',
    file: "DO $$ BEGIN\n  EXECUTE 'SELECT $x$ 1';\nEND $$;",
    hint: 'close the $tag$ that opens at this place',
    at: '2:19',
  },
  {
    code: '42601',
    file: "DO $$ BEGIN\n  EXECUTE 'ALTER\u00A0TABLE filled ADD n int';\nEND $$;",
    hint: 'replace U+00A0 (no-break space) with a plain space',
    at: '2:12',
  },
  {
    code: '42601',
    file: 'CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT\u200B1 $$;',
    hint: 'replace U+200B (zero width space)',
    at: '1:52',
  },
  {
    code: '42703',
    file: 'SELECT nope FROM filled;',
    hint: 'add the column in this file or in an earlier one',
    at: '1:8',
  },
  { code: '42P01', file: 'SELECT * FROM nope;', hint: 'move the statement behind the one that creates it', at: '1:15' },
  { code: '42883', file: "SELECT 'a'::text <=> 'b'::text;", hint: 'cast one side', at: '1:18' },
  { code: '42883', file: 'SELECT uuid_generate_v9();', hint: 'uuid_generate_v4: uuid-ossp', at: '1:8' },
  { code: '42704', file: 'CREATE TABLE t (e vector(768));', hint: 'CREATE EXTENSION IF NOT EXISTS vector', at: '1:19' },
  { code: '42704', file: 'ALTER TABLE filled DROP CONSTRAINT nope;', hint: 'DROP takes IF EXISTS' },
  { code: '42P07', file: 'CREATE TABLE filled ();', hint: 'record the file with `baseline`' },
  { code: '42701', file: 'ALTER TABLE filled ADD id int;', hint: 'write ADD COLUMN IF NOT EXISTS' },
  { code: '42710', file: "CREATE TYPE mood AS ENUM ('calm');", hint: 'drop it first (DROP … IF EXISTS)' },
  {
    code: '42723',
    file: "CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1';",
    hint: 'write CREATE OR REPLACE',
  },
  { code: '42P06', file: 'CREATE SCHEMA closed;', hint: 'write CREATE SCHEMA IF NOT EXISTS' },
  {
    code: '42P13',
    file: "CREATE OR REPLACE FUNCTION one() RETURNS text LANGUAGE sql AS 'SELECT 1::text';",
    hint: 'DROP FUNCTION IF EXISTS name(arguments)',
  },
  { code: '42P16', file: 'ALTER TABLE keyed ADD PRIMARY KEY (status);', hint: 'drop the old key first' },
  { code: '42P17', file: 'CREATE INDEX ON filled ((name || now()));', hint: 'use a function that is IMMUTABLE' },
  {
    code: '42P17',
    file: 'CREATE TABLE p (id int) PARTITION BY LIST (id);\nCREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);\nCREATE TABLE p2 PARTITION OF p FOR VALUES IN (1);',
    hint: 'which rule the definition breaks',
    at: '3:47',
  },
  {
    code: '42P10',
    file: 'INSERT INTO filled (id) VALUES (1) ON CONFLICT (id) DO NOTHING;',
    hint: 'create the unique index or constraint first',
  },
  { code: '42830', file: 'CREATE TABLE c (id int REFERENCES filled (id));', hint: 'add PRIMARY KEY or UNIQUE' },
  { code: '42804', file: 'ALTER TABLE filled ALTER name TYPE int;', hint: 'USING column::type' },
  { code: '42846', file: 'SELECT now()::int;', hint: 'convert in two steps', at: '1:13' },
  { code: '42809', file: 'DROP TABLE seen;', hint: 'use the command of its kind' },
  {
    code: '42702',
    file: 'SELECT id FROM filled, keyed;',
    hint: "put the table's name or alias before the column",
    at: '1:8',
  },
  { code: '42725', file: "SELECT twice('1');", hint: 'name the types of the arguments', at: '1:8' },
  { code: '42803', file: 'SELECT id, count(*) FROM filled;', hint: 'add it to GROUP BY', at: '1:8' },
  { code: '42712', file: 'SELECT 1 FROM filled, filled;', hint: 'give one of them an alias' },
  { code: '42P02', file: 'SELECT $1;', hint: 'write the value itself', at: '1:8' },
  { code: '42P18', file: 'SELECT ARRAY[];', hint: 'cast it: NULL::text', at: '1:8' },
  { code: '42939', file: 'CREATE SCHEMA pg_own;', hint: 'does not begin with pg_' },
  {
    code: '42P19',
    file: 'WITH RECURSIVE r AS (SELECT * FROM r) SELECT * FROM r;',
    hint: 'the message says what it misses',
    at: '1:16',
  },
  { code: '3F000', file: 'CREATE TABLE nowhere.t ();', hint: 'CREATE SCHEMA IF NOT EXISTS before it', at: '1:14' },
  { code: '2BP01', file: 'DROP TABLE keyed;', hint: 'drop or change that first' },
  {
    code: '0A000',
    kind: 'denied',
    file: 'CREATE EXTENSION no_such_extension;',
    hint: 'install the package that brings no_such_extension on the database server (often postgresql-contrib), then run migrate again',
  },
  { code: '0A000', file: 'ALTER TABLE keyed ALTER id TYPE bigint;', hint: 'drop what the detail names before it' },
  { code: '0A000', file: 'CREATE TABLE t (id int DEFAULT nope);', hint: 'write it another way', at: '1:32' },
];
