import { test } from 'vitest';
import { expectRefusal, type Told } from '../refusal.ts';
import { FINE, SQL, validate } from './validate.ts';

test.each<[what: string, sql: string | Uint8Array, told: Told]>([
  [
    'BEGIN',
    'BEGIN;\nSELECT 1;',
    {
      says: 'BEGIN is transaction control: the whole file runs in one transaction',
      hint: 'take it out',
      at: `${SQL}:1:1`,
    },
  ],
  [
    'COMMIT after text in many bytes',
    "SELECT 'äöü😀'; COMMIT;",
    { says: 'COMMIT is transaction control', at: `${SQL}:1:16` },
  ],
  [
    'START TRANSACTION',
    '  start  transaction;SELECT 1',
    { says: 'START TRANSACTION is transaction control', at: `${SQL}:1:3` },
  ],
  ['END', 'SELECT 1;\n/* x */ end work;', { says: 'END is transaction control', at: `${SQL}:2:9` }],
  ['ROLLBACK TO', 'SELECT 1; ROLLBACK TO a;', { says: 'ROLLBACK is transaction control', at: `${SQL}:1:11` }],
  ['SAVEPOINT', 'SAVEPOINT a; SELECT 1;', { says: 'SAVEPOINT is transaction control', at: `${SQL}:1:1` }],
  [
    'PREPARE TRANSACTION',
    "SELECT 1; PREPARE TRANSACTION 'a';",
    { says: 'PREPARE TRANSACTION is transaction control', at: `${SQL}:1:11` },
  ],
  [
    'COMMIT without a transaction',
    '-- migrate: no-transaction\nVACUUM;\nCOMMIT;',
    {
      says: 'COMMIT is transaction control, and in a no-transaction file each statement stands alone',
      at: `${SQL}:3:1`,
    },
  ],
  [
    '\\i of psql',
    'SELECT 1;\n\\i other.sql\nSELECT 2;',
    {
      says: "psql's \\i … is no SQL: it is a command of the psql shell",
      hint: 'put the statements into this file',
      at: `${SQL}:2:1`,
    },
  ],
  [
    '\\copy of psql',
    "\\copy a from 'a.csv'\n",
    { says: "psql's \\copy … is no SQL", hint: 'take it out, or write it in SQL', at: `${SQL}:1:1` },
  ],
  [
    'COPY FROM STDIN',
    'COPY a (id) FROM STDIN;\n1\n2\n\\.\nSELECT 1;',
    {
      says: 'COPY … FROM STDIN needs a client that sends the data',
      hint: 'write INSERT INTO … VALUES instead',
      at: `${SQL}:1:1`,
    },
  ],
  [
    'COPY TO STDOUT',
    'COPY a TO STDOUT;',
    { says: 'COPY … TO STDOUT needs a client that takes the data', at: `${SQL}:1:1` },
  ],
  [
    'our lock given up',
    'SELECT 1,\n  pg_advisory_unlock_all();',
    { says: 'pg_advisory_unlock_all may give up the migration lock', hint: 'pg_advisory_xact_lock', at: `${SQL}:2:3` },
  ],
  [
    'DISCARD ALL',
    'DISCARD ALL;',
    { says: 'DISCARD ALL resets the session that holds the migration lock', at: `${SQL}:1:1` },
  ],
  [
    'the history changed',
    'DELETE FROM public.migrations;',
    { says: 'the table migrations is the history itself', hint: 'localrag-migrate repair', at: `${SQL}:1:20` },
  ],
  [
    'the history dropped',
    'DROP TABLE IF EXISTS a, "migrations" CASCADE;',
    { says: 'the table migrations is the history itself', at: `${SQL}:1:25` },
  ],
  [
    'a temporary table of the name that the history has',
    `${FINE}CREATE TEMP TABLE migrations AS SELECT 1 AS id;`,
    { says: 'the table migrations is the history itself', hint: 'another name', at: `${SQL}:2:19` },
  ],
  [
    'a table renamed to the name that the history has',
    'ALTER TABLE a RENAME TO "migrations";',
    { says: 'migrations is the name of the history table', hint: 'choose another name', at: `${SQL}:1:25` },
  ],
  [
    'rows selected into the name that the history has',
    'SELECT 1 AS id\nINTO UNLOGGED app.migrations;',
    { says: 'migrations is the name of the history table', at: `${SQL}:2:19` },
  ],
  [
    'row security on the history',
    'ALTER TABLE public.migrations ENABLE ROW LEVEL SECURITY;',
    { says: 'the table migrations is the history itself', at: `${SQL}:1:20` },
  ],
  [
    'a lock without a transaction',
    '-- migrate: no-transaction\nLOCK TABLE a;',
    {
      says: 'LOCK TABLE releases its lock at once: in a no-transaction file each statement is committed by itself',
      hint: 'a file without the directive',
      at: `${SQL}:2:1`,
    },
  ],
  [
    'SET LOCAL without a transaction',
    "-- migrate: no-transaction\nSET LOCAL work_mem = '1GB';",
    { says: 'SET LOCAL sets nothing', hint: 'write SET instead', at: `${SQL}:2:1` },
  ],
  [
    "goose's two sections",
    `-- +goose Up\n${FINE}\n-- +goose Down\nDROP TABLE a;`,
    { says: 'here a section of goose begins that undoes the migration', hint: '-- Rollback:', at: `${SQL}:4:1` },
  ],
  [
    "dbmate's two sections",
    `-- migrate:up\n${FINE}\n-- migrate:down\nDROP TABLE a;`,
    { says: 'here a section of dbmate begins', hint: '-- Rollback:', at: `${SQL}:4:1` },
  ],
  [
    'an index built concurrently in a transaction',
    `${FINE}CREATE INDEX CONCURRENTLY i ON a (id);`,
    {
      says: 'PostgreSQL refuses CREATE INDEX CONCURRENTLY inside a transaction',
      hint: '-- migrate: no-transaction',
      at: `${SQL}:2:1`,
    },
  ],
  [
    'a comment of C',
    '// no\nSELECT 1;',
    { says: '// does not begin a comment in SQL', hint: 'write -- instead', at: `${SQL}:1:1` },
  ],
  [
    'a rollback section that would run',
    `${FINE}-- Rollback:\nDROP TABLE a;\n`,
    {
      says: 'this line stands in the rollback section, and would run as part of the migration',
      hint: 'put -- in front of it',
      at: `${SQL}:3:1`,
    },
  ],
])('%s', async (_, sql, told) => {
  expectRefusal(await validate({ [SQL]: sql }), { kind: 'source', ...told });
});
