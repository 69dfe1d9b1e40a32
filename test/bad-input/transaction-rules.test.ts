import pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { refusedInTransaction } from '../../src/core/sql-transaction.ts';
import { type FreshDatabase, freshDatabase } from '../servers/databases.ts';

/* What the rules say that PostgreSQL refuses in a transaction, the server itself refuses there, and nothing else. */

let database: FreshDatabase;
let client: pg.Client;
beforeAll(async () => {
  database = await freshDatabase({ extensions: [] });
  const url = new URL(inject('postgres').url);
  url.pathname = `/${database.database}`;
  client = new pg.Client(url.href);
  await client.connect();
  await client.query(`CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE split (id int) PARTITION BY LIST (id);
    CREATE TABLE part PARTITION OF split FOR VALUES IN (1);`);
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

const subscription = (options: string) =>
  `CREATE SUBSCRIPTION s CONNECTION 'host=127.0.0.1 port=1' PUBLICATION p ${options}`;

test.each([
  [subscription('')],
  [subscription('WITH (connect = false)')],
  [subscription("WITH (connect = 'OFF')")],
  [subscription('WITH (connect = 0, copy_data = false)')],
  [subscription('WITH ("connect" = "false")')],
  [subscription('WITH (connect = true)')],
  [subscription('WITH (enabled = false)')],
  [subscription('WITH (slot_name = NONE, enabled = false, create_slot = false, connect = false)')],
  ['REINDEX TABLE t'],
  ['REINDEX TABLE CONCURRENTLY t'],
  ['REINDEX (CONCURRENTLY) TABLE t'],
  ['REINDEX (CONCURRENTLY true, VERBOSE false) TABLE t'],
  ['REINDEX (CONCURRENTLY false) TABLE t'],
  ["REINDEX (VERBOSE, CONCURRENTLY 'off') INDEX t_pkey"],
  ['REINDEX (CONCURRENTLY 0) INDEX t_pkey'],
  ['REINDEX (CONCURRENTLY 1) INDEX t_pkey'],
  ['REINDEX (CONCURRENTLY, CONCURRENTLY false) TABLE t'],
  ['REINDEX (CONCURRENTLY false) TABLE CONCURRENTLY t'],
  ['REINDEX (CONCURRENTLY false) SCHEMA public'],
  ['CLUSTER'],
  ['CLUSTER (VERBOSE false)'],
  ['CLUSTER t USING t_pkey'],
  ['VACUUM (ANALYZE false) t'],
  ['ANALYZE t'],
  ['DISCARD TEMP'],
  ['DISCARD PLANS'],
  ['DISCARD SEQUENCES'],
  ['CREATE INDEX CONCURRENTLY ON t (id)'],
  ['DROP INDEX CONCURRENTLY IF EXISTS nothing'],
  ['ALTER TABLE split DETACH PARTITION part CONCURRENTLY'],
  ['ALTER TABLE split DETACH PARTITION part'],
  ['ALTER DATABASE postgres SET TABLESPACE pg_default'],
  ['ALTER DATABASE postgres WITH TABLESPACE pg_default'],
  ['ALTER DATABASE postgres TABLESPACE = pg_default'],
  ["ALTER DATABASE postgres SET default_tablespace = ''"],
  ["ALTER SYSTEM SET work_mem = '4MB'"],
])('%s', async (statement) => {
  await client.query('BEGIN');
  const code = await client.query(statement).then(
    () => undefined,
    (error: pg.DatabaseError) => error.code,
  );
  await client.query('ROLLBACK');
  const refused = refusedInTransaction(statement, { start: 0, end: statement.length });
  expect(code).toBe(refused === undefined ? undefined : '25001');
});
