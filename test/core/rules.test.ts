import { describe, expect, test } from 'vitest';
import { parseMigration } from '../../src/core/parse.ts';

function problems(name: string, text: string) {
  return parseMigration(name, new TextEncoder().encode(text)).problems;
}

const sql = (text: string) => problems('001_a.sql', text);
const bare = (text: string) => problems('001_a.sql', `-- migrate: no-transaction\n${text}`);
const cypher = (text: string) => problems('001_a.cypher', text);

describe('SQL that is refused', () => {
  test.each([
    ['BEGIN', 'BEGIN is transaction control'],
    ['begin transaction', 'BEGIN is transaction control'],
    ['START TRANSACTION', 'START TRANSACTION is'],
    ['COMMIT', 'COMMIT is'],
    ["COMMIT PREPARED 'x'", 'COMMIT is'],
    ['END', 'END is'],
    ['ROLLBACK', 'ROLLBACK is'],
    ['ROLLBACK TO SAVEPOINT a', 'ROLLBACK is'],
    ['ABORT', 'ABORT is'],
    ['SAVEPOINT a', 'SAVEPOINT is'],
    ['RELEASE a', 'RELEASE is'],
    ["PREPARE TRANSACTION 'x'", 'PREPARE TRANSACTION is'],
    ['COPY t FROM STDIN', 'COPY … FROM STDIN needs a client that sends the data'],
    ['COPY t (a, b) from stdin WITH (FORMAT csv)', 'COPY … FROM STDIN'],
    ['COPY (SELECT 1) TO STDOUT', 'COPY … TO STDOUT needs a client that takes the data'],
    ['DISCARD ALL', 'DISCARD ALL resets the session'],
    ['SELECT pg_advisory_unlock_all()', 'pg_advisory_unlock_all may give up the migration lock'],
    ['SELECT PG_CATALOG.PG_ADVISORY_UNLOCK(1)', 'pg_advisory_unlock may give up'],
    ['SELECT "pg_advisory_unlock"(1)', 'pg_advisory_unlock may give up'],
    ['INSERT INTO migrations VALUES (1)', 'the table migrations is the history itself'],
    ['insert into Public.Migrations (a) values (1)', 'the table migrations'],
    ['UPDATE "migrations" SET a = 1', 'the table migrations'],
    ['UPDATE ONLY public."migrations" SET a = 1', 'the table migrations'],
    ['DELETE FROM migrations', 'the table migrations'],
    ['WITH gone AS (DELETE FROM migrations RETURNING *) SELECT * FROM gone', 'the table migrations'],
    ['EXPLAIN ANALYZE DELETE FROM ONLY migrations', 'the table migrations'],
    ['MERGE INTO migrations USING t ON true WHEN MATCHED THEN DO NOTHING', 'the table migrations'],
    ['TRUNCATE a, ONLY b *, migrations CASCADE', 'the table migrations'],
    ['TRUNCATE TABLE migrations', 'the table migrations'],
    ['DROP TABLE IF EXISTS a, public.migrations', 'the table migrations'],
    ['ALTER TABLE IF EXISTS ONLY migrations ADD COLUMN a int', 'the table migrations'],
    ['// SELECT 1', '// does not begin a comment in SQL'],
  ])('%s', (text, message) => {
    for (const each of [sql, bare]) {
      expect(each(`SELECT 1;\n  ${text};`)).toHaveLength(1);
      const [problem] = each(`SELECT 1;\n  ${text};`);
      expect(problem?.message).toContain(message);
      expect(problem?.hint).toBeDefined();
      expect(problem?.place?.file).toBe('001_a.sql');
      expect(problem?.excerpt).toContain(text);
    }
  });

  test.each([
    ['CREATE INDEX CONCURRENTLY a ON t (x)', 'CREATE INDEX CONCURRENTLY'],
    ['create unique index /* x */ concurrently if not exists a on t (x)', 'CREATE INDEX CONCURRENTLY'],
    ['DROP INDEX CONCURRENTLY IF EXISTS a', 'DROP INDEX CONCURRENTLY'],
    ['REINDEX INDEX CONCURRENTLY a', 'REINDEX CONCURRENTLY'],
    ['REINDEX (VERBOSE, CONCURRENTLY) TABLE a', 'REINDEX CONCURRENTLY'],
    ['REINDEX SCHEMA a', 'REINDEX of a schema'],
    ['REINDEX (VERBOSE) DATABASE', 'REINDEX of a schema'],
    ['REINDEX SYSTEM a', 'REINDEX of a schema'],
    ['VACUUM', 'VACUUM'],
    ['VACUUM (FULL) a', 'VACUUM'],
    ['CLUSTER', 'CLUSTER'],
    ['CREATE DATABASE a', 'CREATE DATABASE'],
    ['DROP DATABASE a', 'DROP DATABASE'],
    ['ALTER DATABASE "a b" SET TABLESPACE t', 'ALTER DATABASE'],
    ["ALTER SYSTEM SET work_mem = '1GB'", 'ALTER SYSTEM'],
    ["CREATE TABLESPACE a LOCATION '/x'", 'CREATE TABLESPACE'],
    ['DROP TABLESPACE a', 'DROP TABLESPACE'],
    ["CREATE SUBSCRIPTION a CONNECTION 'x' PUBLICATION p", 'CREATE SUBSCRIPTION'],
    ['ALTER TABLE IF EXISTS public.a DETACH PARTITION s."b c" CONCURRENTLY', 'ALTER TABLE … DETACH PARTITION'],
  ])('only inside a transaction: %s', (text, name) => {
    const [problem] = sql(text);
    expect(problem?.message).toContain(`PostgreSQL refuses ${name}`);
    expect(problem?.hint).toContain('-- migrate: no-transaction');
    expect(bare(text)).toEqual([]);
  });

  test.each([
    ['\\i users.sql', "psql's \\i … is no SQL", 'put the statements into this file'],
    ["\\copy t from 'it''s", "psql's \\copy … is no SQL", 'write it in SQL'],
  ])('%s', (text, message, hint) => {
    const [problem, ...more] = sql(`SELECT 1;\n${text}\nSELECT 2;`);
    expect(problem).toMatchObject({ place: { file: '001_a.sql', line: 2, column: 1 } });
    expect(problem?.message).toContain(message);
    expect(problem?.hint).toContain(hint);
    expect(more).toEqual([]);
  });
});

describe('SQL that looks like it and is allowed', () => {
  test.each([
    ["SELECT 'COMMIT', '\\i', 'DELETE FROM migrations', 'pg_advisory_unlock_all()'"],
    ['-- COMMIT;\nSELECT 1 /* ROLLBACK; \\i */'],
    ['DO $$ BEGIN PERFORM 1; END $$'],
    ['CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END'],
    ['SET TRANSACTION ISOLATION LEVEL SERIALIZABLE'],
    ['SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY'],
    ['PREPARE transactions AS SELECT 1'],
    ["COPY t FROM '/tmp/x'"],
    ["COPY stdin TO '/tmp/x'"],
    ['SELECT pg_advisory_xact_lock(1)'],
    ['DISCARD TEMP'],
    ['discard temporary'],
    ['DISCARD PLANS'],
    ['DISCARD /* x */ SEQUENCES'],
    ['SELECT * FROM migrations'],
    ['INSERT INTO migrations_log SELECT * FROM migrations'],
    ['INSERT INTO "Migrations" VALUES (1)'],
    ['GRANT UPDATE ON migrations TO reader'],
    ['SELECT * FROM migrations FOR UPDATE'],
    ['SELECT 1 FROM a FOR UPDATE OF a'],
    ['CREATE TABLE migrations.a (b int)'],
    ['REFRESH MATERIALIZED VIEW CONCURRENTLY a'],
    ['CREATE INDEX a ON t (concurrently_built)'],
    ['CREATE INDEX "CONCURRENTLY " ON t (x)'],
    ['REINDEX TABLE "CONCURRENTLY "'],
    ['CLUSTER a USING b'],
    ['ALTER DATABASE a SET work_mem = 1'],
    ['ALTER TABLE a DETACH PARTITION b'],
    ['ANALYZE'],
  ])('%s', (text) => expect(sql(text)).toEqual([]));
});

describe('Cypher that is refused', () => {
  test.each([
    ['CREATE INDEX FOR (n:L) ON (n.p)', 'this index has no name: write CREATE INDEX a_name IF NOT EXISTS'],
    [
      'CREATE CONSTRAINT IF NOT EXISTS FOR (n:L) REQUIRE n.p IS UNIQUE',
      'this constraint has no name: write CREATE CONSTRAINT a_name IF NOT EXISTS',
    ],
    ['CREATE INDEX $name IF NOT EXISTS FOR (n:L) ON (n.p)', 'this index has no name'],
    ['CREATE INDEX ON :L(p)', 'this index has no name'],
    ['CREATE TEXT INDEX `my x` FOR (n:L) ON (n.p)', 'write CREATE TEXT INDEX `my x` IF NOT EXISTS …'],
    ['CYPHER 25 CREATE CONSTRAINT c FOR (n:L) REQUIRE n.p IS UNIQUE', 'write CREATE CONSTRAINT c IF NOT EXISTS …'],
    ['CREATE OR REPLACE INDEX i FOR (n:L) ON (n.p)', 'write CREATE INDEX i IF NOT EXISTS …'],
    ['DROP INDEX i', 'write DROP INDEX i IF EXISTS'],
    ['DROP CONSTRAINT c', 'write DROP CONSTRAINT c IF EXISTS'],
    ['CALL { CREATE (n) } IN TRANSACTIONS', 'CALL … IN TRANSACTIONS commits on its own'],
    ['MATCH (n:_Migration) DETACH DELETE n', 'the label _Migration is the history'],
    ['MATCH (n:A|`_MigrationLease`) SET n.a = 1', 'the label _MigrationLease'],
    ['MATCH ()-[r:_MIGRATION_OF]->() DELETE r', 'the type _MIGRATION_OF'],
    ['CREATE INDEX a IF NOT EXISTS FOR (n:_Migration) ON (n.p)', 'the label _Migration'],
    ['USE other MATCH (n) RETURN n', 'USE goes to another database'],
    ['-- a comment', '-- does not begin a comment in Cypher'],
    ["RETURN '\\u0027;'", '\\u0027 means one thing to Cypher 5'],
    ['EXPLAIN MATCH (n) RETURN n', 'EXPLAIN shows the plan'],
    ['profile MATCH (n) SET n.a = 1', 'PROFILE shows how a statement runs'],
    ['EXPLAIN CREATE INDEX i FOR (n:L) ON (n.p)', 'EXPLAIN shows the plan'],
    ['CYPHER 25 runtime=slotted PROFILE CALL { CREATE (n) } IN TRANSACTIONS', 'PROFILE shows how'],
    ['PROFILE CYPHER 5 MATCH (n) RETURN n', 'PROFILE shows how'],
    ["CREATE USER a SET PASSWORD 'b'", 'CREATE USER administers the server'],
    ["CREATE OR REPLACE USER `a b` IF NOT EXISTS SET PASSWORD 'b'", 'CREATE OR REPLACE USER administers'],
    ["CREATE USER $name SET PASSWORD 'b'", 'CREATE USER administers'],
    ['CREATE ROLE user', 'CREATE ROLE administers'],
    ['CYPHER 25 CREATE IMMUTABLE ROLE r', 'CREATE IMMUTABLE ROLE administers'],
    ['CREATE DATABASE a.b WAIT', 'CREATE DATABASE administers'],
    ['CREATE OR REPLACE COMPOSITE DATABASE a', 'CREATE OR REPLACE COMPOSITE DATABASE administers'],
    ['create alias a FOR DATABASE b', 'CREATE ALIAS administers'],
    ['DROP USER a IF EXISTS', 'DROP USER administers'],
    ['DROP COMPOSITE DATABASE a', 'DROP COMPOSITE DATABASE administers'],
    ['DROP SERVER a', 'DROP SERVER administers'],
    ["ALTER CURRENT USER SET PASSWORD FROM 'a' TO 'b'", 'ALTER CURRENT USER administers'],
    ['ALTER DATABASE a SET ACCESS READ ONLY', 'ALTER DATABASE administers'],
    ['RENAME ROLE a TO b', 'RENAME ROLE administers'],
    ['GRANT ROLE reader TO a', 'GRANT administers'],
    ['DENY WRITE ON GRAPH * TO a', 'DENY administers'],
    ['REVOKE GRANT READ {*} ON GRAPH * FROM a', 'REVOKE administers'],
    ['START DATABASE a', 'START DATABASE administers'],
    ['STOP DATABASE a', 'STOP DATABASE administers'],
    ["ENABLE SERVER 'a'", 'ENABLE SERVER administers'],
    ['DRYRUN REALLOCATE DATABASES', 'DRYRUN REALLOCATE administers'],
    ["DEALLOCATE DATABASES FROM SERVER 'a'", 'DEALLOCATE DATABASES administers'],
    ["TERMINATE TRANSACTIONS 'a'", 'TERMINATE TRANSACTIONS administers'],
    ['SHOW DATABASES', 'SHOW DATABASES administers'],
    ['SHOW DATABASE neo4j YIELD name', 'SHOW DATABASE administers'],
    ['SHOW HOME DATABASE', 'SHOW HOME DATABASE administers'],
    ['SHOW CURRENT USER', 'SHOW CURRENT USER administers'],
    ['SHOW USERS WITH AUTH', 'SHOW USERS administers'],
    ['SHOW USER a PRIVILEGES', 'SHOW USER administers'],
    ['SHOW POPULATED ROLES', 'SHOW POPULATED ROLES administers'],
    ['SHOW ALL PRIVILEGES AS COMMANDS', 'SHOW ALL PRIVILEGES administers'],
    ['SHOW ALIASES FOR DATABASE', 'SHOW ALIASES administers'],
    ['SHOW SERVERS', 'SHOW SERVERS administers'],
  ])('%s', (text, message) => {
    const [problem, ...more] = cypher(`RETURN 1;\n  ${text};`);
    expect(problem?.message).toContain(message);
    expect(problem?.hint).toBeDefined();
    expect(problem?.place?.line).toBe(2);
    expect(more).toEqual([]);
  });

  test.each([
    [':begin', 'take it out'],
    [':COMMIT;', 'take it out'],
    [':param x => 1', 'write the value into the statement'],
    [':source a.cypher', 'put the statements into this file'],
    [':use neo4j', 'NEO4J_DATABASE'],
    [':help', 'take it out'],
    [':auto MATCH (n) CALL (n) { DELETE n } IN TRANSACTIONS;', '// migrate: auto-commit'],
  ])('%s', (text, hint) => {
    const [problem, ...more] = cypher(`RETURN 1;\n${text}\nRETURN 2;`);
    expect(problem).toMatchObject({ place: { line: 2, column: 1 } });
    expect(problem?.message).toMatch(/^:\w+ is no Cypher/);
    expect(problem?.hint).toContain(hint);
    expect(more).toEqual([]);
  });

  test('an index without a name is refused for what cannot be checked', () => {
    const [problem] = cypher('CREATE INDEX IF NOT EXISTS FOR (n:L) ON (n.p)');
    expect(problem?.hint).toContain('cannot check afterwards that the index exists');
  });

  test('CALL … IN TRANSACTIONS only without the directive that it names', () => {
    const text = 'CALL { CREATE (n) } IN TRANSACTIONS';
    expect(cypher(text)[0]?.hint).toContain('// migrate: auto-commit');
    expect(cypher(`// migrate: auto-commit\n${text}`)).toEqual([]);
  });
});

describe('Cypher that looks like it and is allowed', () => {
  test.each([
    ['CREATE INDEX i IF NOT EXISTS FOR (n:L) ON (n.p)'],
    ['CREATE CONSTRAINT `c` IF NOT EXISTS FOR (n:L) REQUIRE n.p IS UNIQUE'],
    ['DROP INDEX i IF EXISTS'],
    ["RETURN ':begin', '_Migration' // _Migration"],
    ['MATCH (n:_MigrationOther) RETURN n'],
    ["RETURN '\\\\u0027', 'a\\u00e4'"],
    ['MATCH (n:Use) RETURN n'],
    ['CREATE (user:User)'],
    ['CREATE user = (a:User)-[:HAS]->(b)'],
    ['CREATE role=(a)-[:HAS]->(b) RETURN role'],
    ['CREATE (explain:Profile {show: 1}) RETURN explain'],
    ['WITH 1 AS show RETURN show'],
    ['MATCH (profile) RETURN profile'],
    ['MERGE (database:Database)'],
    ['SHOW INDEXES'],
    ['SHOW ALL CONSTRAINTS'],
    ['SHOW PROCEDURES YIELD name'],
    ['SHOW FUNCTIONS EXECUTABLE BY CURRENT USER'],
    ['DROP INDEX user IF EXISTS'],
    ['CREATE INDEX role IF NOT EXISTS FOR (u:User) ON (u.role)'],
  ])('%s', (text) => expect(cypher(text)).toEqual([]));
});

test('everything that is wrong with a file is told at once, in the order of its lines', () => {
  const found = sql("-- migrate: unknown\nCOMMIT;\n\\i x\nVACUUM;\nSELECT 'a");
  expect(found.map((problem) => problem.place?.line)).toEqual([1, 2, 3, 4, 5]);
});

test('a file with very many problems tells the first hundred and how many more there are', () => {
  const found = sql('COMMIT;\n'.repeat(150));
  expect(found).toHaveLength(101);
  expect(found.at(-1)?.message).toBe('and 50 more');
});
