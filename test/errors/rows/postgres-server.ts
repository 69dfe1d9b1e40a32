import type { Row } from './row.ts';

const raised = (code: string) => ({
  code,
  file: `DO $$ BEGIN RAISE 'as if' USING ERRCODE = '${code}'; END $$;`,
  at: '1:13',
  raised: true as const,
});
const denied = { kind: 'denied' } as const;
const columns = Array.from({ length: 1601 }, (_, index) => `c${index} int`).join(', ');

/** Those that need somebody else are in the test itself. */
export const SERVER: readonly Row[] = [
  {
    ...denied,
    code: '42501',
    file: 'CREATE EXTENSION dblink;',
    hint: 'once, as superuser, in this database: CREATE EXTENSION IF NOT EXISTS "dblink"; then run migrate again',
  },
  {
    ...denied,
    code: '42501',
    file: 'CREATE TABLE closed.t ();',
    hint: 'GRANT USAGE, CREATE ON SCHEMA closed TO this user',
    at: '1:14',
  },
  {
    ...denied,
    code: '42501',
    file: 'SET ROLE errors_weak;\nCREATE SCHEMA s;',
    hint: 'GRANT CREATE ON DATABASE … TO this user',
    at: '2:1',
  },
  {
    ...denied,
    code: '42501',
    file: 'ALTER TABLE others ADD n int;',
    hint: 'run migrate as the role that owns the object',
  },
  { ...denied, code: '42501', file: 'INSERT INTO guarded VALUES (1);', hint: 'a role with BYPASSRLS' },
  { ...denied, code: '42501', file: 'SELECT * FROM others;', hint: 'grant this user the right that the message names' },
  { code: '25001', file: "DO $$ BEGIN EXECUTE 'VACUUM'; END $$;", hint: '`-- migrate: no-transaction`', at: '1:22' },
  {
    code: '25001',
    file: 'SELECT 1;\nSET TRANSACTION ISOLATION LEVEL SERIALIZABLE;',
    hint: 'to the head of the file',
    at: '2:1',
  },
  {
    ...denied,
    code: '25006',
    file: 'SET transaction_read_only = on;\nCREATE TABLE t ();',
    hint: 'connect to the primary',
    at: '2:1',
  },
  { ...raised('25008'), hint: 'put it into a file of its own' },
  { code: '2D000', file: 'DO $$ BEGIN COMMIT; END $$;', hint: '`-- migrate: no-transaction`', at: '1:13' },
  { ...raised('40003'), hint: 'run migrate again' },
  { ...raised('53100'), hint: 'free space on the disk of the database server' },
  { ...raised('53200'), hint: 'give the server more memory' },
  { ...raised('53000'), hint: 'look at its log' },
  {
    code: '53400',
    file: "SET work_mem = '64kB';\nSELECT count(*) FROM (SELECT n FROM generate_series(1, 20000) n ORDER BY -n) s;",
    hint: 'raise the setting that the message names',
    at: '2:1',
  },
  {
    code: '54000',
    file: 'CREATE TABLE t (e ext.vector(3000));\nCREATE INDEX ON t USING hnsw (e ext.vector_l2_ops);',
    hint: 'index the column as halfvec',
    at: '2:1',
  },
  {
    code: '54000',
    file: "CREATE TABLE t (v text UNIQUE);\nINSERT INTO t SELECT string_agg(md5(n::text), '') FROM generate_series(1, 1000) n;",
    hint: 'index a digest of it',
    at: '2:1',
  },
  {
    code: '54001',
    file: 'CREATE FUNCTION deep() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN deep(); END $$;\nSELECT deep();',
    hint: 'a trigger that updates its own table',
    at: '1:72',
  },
  { code: '54011', file: `CREATE TABLE t (${columns});`, hint: 'fewer columns' },
  {
    code: '55006',
    file: 'CREATE TABLE c (p int REFERENCES keyed DEFERRABLE INITIALLY DEFERRED);\nINSERT INTO c VALUES (1);\nALTER TABLE c ADD n int;',
    hint: 'SET CONSTRAINTS ALL IMMEDIATE',
    at: '3:1',
  },
  {
    code: '55006',
    file: 'DO $$ DECLARE r record; BEGIN\n  FOR r IN SELECT * FROM filled LOOP DROP TABLE filled; END LOOP;\nEND $$;',
    hint: 'end the sessions that use it',
    at: '2:38',
  },
  { code: '55P02', file: "SET shared_buffers = '1MB';", hint: 'set it in postgresql.conf' },
  {
    code: '55P04',
    file: "ALTER TYPE mood ADD VALUE 'wild';\nSELECT 'wild'::mood;",
    hint: 'a file of its own before this one',
    at: '2:8',
  },
  {
    code: '55000',
    file: 'CREATE MATERIALIZED VIEW m AS SELECT 1 AS a;\nREFRESH MATERIALIZED VIEW CONCURRENTLY m;',
    hint: 'give it a unique index',
    at: '2:1',
  },
  { code: '55000', file: "CREATE SEQUENCE s;\nSELECT currval('s');", hint: 'nextval before currval', at: '2:1' },
  {
    code: '57014',
    file: '-- migrate: statement-timeout=20ms\nSELECT pg_sleep(30);',
    hint: 'raise STATEMENT_TIMEOUT',
    at: '2:1',
  },
  { ...raised('58030'), hint: "look at the server's log and at its disk" },
  { ...raised('XX001'), hint: 'restore from a backup' },
  { ...raised('XX002'), hint: 'REINDEX it' },
  { code: 'XX000', file: 'SELECT broken();', hint: 'update PostgreSQL and its extensions', at: '1:1' },
];
