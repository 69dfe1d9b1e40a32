import { describe, expect, test } from 'vitest';
import { parseMigration } from '../../src/core/parse.ts';

const parse = (text: string) => parseMigration('001_a.sql', new TextEncoder().encode(text));
const inTransaction = (text: string) => parse(text).problems;
const bare = (text: string) => parse(`-- migrate: no-transaction\n${text}`);

describe('options decide whether PostgreSQL takes a statement in a transaction', () => {
  test.each([
    ["CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p WITH (connect = false)"],
    ["CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p WITH (slot_name = NONE, Connect = 'OFF')"],
    ['CREATE SUBSCRIPTION "with" CONNECTION \'x\' PUBLICATION p, q WITH (create_slot = 0, enabled = false)'],
    ['CREATE SUBSCRIPTION s CONNECTION \'x\' PUBLICATION p WITH (connect=true, "create_slot"="false")'],
    ['ALTER SUBSCRIPTION s SET PUBLICATION p WITH (copy_data = true, refresh = off)'],
    ['REINDEX (CONCURRENTLY false) INDEX i'],
    ['REINDEX (verbose, concurrently OFF) TABLE t'],
    ['REINDEX (CONCURRENTLY 0, TABLESPACE x) TABLE t'],
    ["REINDEX (CONCURRENTLY 'no') TABLE t"],
    ['REINDEX (CONCURRENTLY, CONCURRENTLY false) TABLE t'],
    ['REINDEX (TABLESPACE concurrently) TABLE t'],
    ['ALTER DATABASE d SET tablespaces.x = 1'],
    ['CLUSTER (VERBOSE false) t'],
  ])('allowed: %s', (text) => {
    expect(inTransaction(text)).toEqual([]);
  });

  test.each([
    ["CREATE SUBSCRIPTION s CONNECTION 'connect = false' PUBLICATION p", 'CREATE SUBSCRIPTION'],
    ["CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p WITH (enabled = false)", 'CREATE SUBSCRIPTION'],
    ["CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p WITH (connect, create_slot = on)", 'CREATE SUBSCRIPTION'],
    ["CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p WITH (copy_data = false)", 'CREATE SUBSCRIPTION'],
    ['ALTER SUBSCRIPTION s REFRESH PUBLICATION WITH (copy_data = false)', 'ALTER SUBSCRIPTION … REFRESH'],
    ['ALTER SUBSCRIPTION s ADD PUBLICATION p', 'ALTER SUBSCRIPTION … PUBLICATION'],
    ['ALTER SUBSCRIPTION s DROP PUBLICATION p WITH (refresh = true)', 'ALTER SUBSCRIPTION … PUBLICATION'],
    ['REINDEX (CONCURRENTLY) INDEX i', 'REINDEX CONCURRENTLY'],
    ['REINDEX (CONCURRENTLY true, VERBOSE off) INDEX i', 'REINDEX CONCURRENTLY'],
    ["REINDEX (VERBOSE, CONCURRENTLY 'on') TABLE t", 'REINDEX CONCURRENTLY'],
    ['REINDEX (CONCURRENTLY 1) INDEX i', 'REINDEX CONCURRENTLY'],
    ['REINDEX (CONCURRENTLY false) TABLE CONCURRENTLY t', 'REINDEX CONCURRENTLY'],
    ['REINDEX (CONCURRENTLY false) SCHEMA s', 'REINDEX of a schema'],
    ['ALTER DATABASE d WITH TABLESPACE t', 'ALTER DATABASE'],
    ['ALTER DATABASE d TABLESPACE = t', 'ALTER DATABASE'],
    ['CLUSTER (VERBOSE false)', 'CLUSTER'],
  ])('only outside: %s', (text, name) => {
    expect(inTransaction(text)[0]?.message).toContain(`PostgreSQL refuses ${name}`);
    expect(bare(text).migration?.steps[0]?.kind).toBe('sql-bare');
  });

  test('what PostgreSQL takes in a transaction is a step that has one', () => {
    const text = "CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p WITH (connect = false)";
    expect(bare(text).migration?.steps[0]?.kind).toBe('sql-marked');
  });
});

describe('without a transaction what has an effect in one alone is refused', () => {
  test.each([
    ['LOCK TABLE t', 'LOCK TABLE releases its lock at once'],
    ['lock only t in share mode nowait', 'LOCK TABLE'],
    ['DECLARE c CURSOR FOR SELECT 1', 'DECLARE CURSOR without WITH HOLD'],
    ['DECLARE c BINARY NO SCROLL CURSOR WITHOUT HOLD FOR SELECT 1', 'DECLARE CURSOR without WITH HOLD'],
    ["DECLARE c CURSOR FOR SELECT 'CURSOR WITH HOLD '", 'DECLARE CURSOR without WITH HOLD'],
    ["SET LOCAL work_mem = '1GB'", 'SET LOCAL sets nothing'],
    ['SET LOCAL ROLE r', 'SET LOCAL'],
    ['SET LOCAL TRANSACTION ISOLATION LEVEL SERIALIZABLE', 'SET TRANSACTION'],
    ['SET TRANSACTION ISOLATION LEVEL SERIALIZABLE', 'SET TRANSACTION sets nothing'],
    ['SET TRANSACTION READ ONLY', 'SET TRANSACTION'],
    ['SET CONSTRAINTS ALL DEFERRED', 'SET CONSTRAINTS sets nothing'],
    ["SELECT set_config('work_mem', '1GB', true)", 'set_config(…, true) sets nothing'],
    ["SELECT pg_catalog.set_config('search_path', concat('a', ','), 't'::boolean) AS x", 'set_config(…, true)'],
    ["SELECT set_config('a.b', '1', TRUE), set_config('a.c', '2', true) c", 'set_config(…, true)'],
    ['SELECT pg_advisory_xact_lock(1)', 'pg_advisory_xact_lock releases its lock at once'],
    ['SELECT pg_try_advisory_xact_lock_shared(1, 2) locked', 'pg_advisory_xact_lock'],
    ['SELECT "pg_advisory_xact_lock"(hashtext(\'a\'))', 'pg_advisory_xact_lock'],
    ['CREATE TEMP TABLE t (a int) ON COMMIT DROP', 'CREATE TEMP TABLE … ON COMMIT'],
    ['CREATE LOCAL TEMPORARY TABLE t ON COMMIT DROP AS SELECT 1', 'CREATE TEMP TABLE … ON COMMIT'],
    ['CREATE TEMP TABLE t ON COMMIT DELETE ROWS AS SELECT 1', 'CREATE TEMP TABLE … ON COMMIT'],
  ])('%s', (text, message) => {
    const [problem, ...more] = bare(`SELECT 1;\n  ${text};`).problems;
    expect(problem?.message).toContain(message);
    expect(problem?.place).toMatchObject({ line: 3, column: 3 });
    expect(problem?.hint).toBeDefined();
    expect(more).toEqual([]);
    expect(inTransaction(text)).toEqual([]);
  });

  test.each([
    ["SET work_mem = '1GB'"],
    ["SET SESSION work_mem = '1GB'"],
    ['SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE'],
    ["SET default_transaction_isolation = 'serializable'"],
    ['DECLARE c INSENSITIVE CURSOR WITH HOLD FOR SELECT 1'],
    ["SELECT set_config('work_mem', '1GB', false)"],
    ["SELECT set_config('work_mem', '1GB', is_local) FROM t"],
    ["SELECT set_config('a.b', '1', true), touch(id) FROM t"],
    ["SELECT set_config('a.b', '1', true), touch(1)"],
    ['SELECT pg_advisory_lock(1)'],
    ['SELECT pg_advisory_xact_lock(1), touch(2)'],
    ["SELECT 'pg_advisory_xact_lock(1)'"],
    ['CREATE TEMP TABLE t (a int) ON COMMIT PRESERVE ROWS'],
    ['CREATE TEMP TABLE t (a int) ON COMMIT DELETE ROWS'],
    ["CREATE TABLE t (a text DEFAULT 'ON COMMIT DROP')"],
    ['ALTER TABLE t ALTER CONSTRAINT c DEFERRABLE'],
  ])('allowed: %s', (text) => expect(bare(text).problems).toEqual([]));
});
