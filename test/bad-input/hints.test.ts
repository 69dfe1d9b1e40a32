import { afterAll, beforeAll, expect, test } from 'vitest';
import { directoryOf } from '../program.ts';
import { type EmptyNeo4j, emptyNeo4j } from '../servers/databases.ts';
import { sharedNeo4j } from '../servers/shared-neo4j.ts';
import { contentsOf } from './contents.ts';
import { emptyDatabase, migrate } from './migrating.ts';
import { attempt, expectRefusal, expectSuccess } from './refusal.ts';

/* A hint names what helps: the file that follows it runs. */

let graph: EmptyNeo4j;
beforeAll(async () => {
  graph = await emptyNeo4j();
});
afterAll(() => graph.close());

const BLOCK = 'DO $$ BEGIN INSERT INTO a VALUES (1); COMMIT; INSERT INTO a VALUES (2); END $$;';

test('a block that commits needs no-transaction', async () => {
  const database = await emptyDatabase();
  const before = { '001_a.sql': 'CREATE TABLE a (id int);' };
  expectRefusal(await migrate(database, { ...before, '002_b.sql': BLOCK }), {
    kind: 'failed',
    says: 'invalid transaction termination',
    hint: '`-- migrate: no-transaction`',
    at: '002_b.sql:1:39',
  });
  expectSuccess(await migrate(database, { ...before, '002_b.sql': `-- migrate: no-transaction\n${BLOCK}` }));
  expect((await contentsOf(database)).rows.a).toHaveLength(2);
});

test('what resets parts of the session, and REINDEX that is not concurrent, run in a transaction', async () => {
  const database = await emptyDatabase();
  const files = {
    '001_a.sql':
      'CREATE TABLE a (id int);\nDISCARD TEMP;\nDISCARD PLANS;\nDISCARD SEQUENCES;\nREINDEX (CONCURRENTLY false, VERBOSE off) TABLE a;',
  };
  expectSuccess(await migrate(database, files));
});

test.each([
  ["CALL db.index.vector.createNodeIndex('v', 'A', 'e', 3, 'cosine');", 'CREATE VECTOR INDEX'],
  ["CALL db.index.fulltext.createNodeIndex('f', ['A'], ['t']);", 'CREATE FULLTEXT INDEX'],
])('a procedure that makes an index: %s', async (cypher, hint) => {
  const { uri, user, password } = sharedNeo4j();
  const configured = { NEO4J_URI: uri, NEO4J_USER: user, NEO4J_PASSWORD: password };
  const directory = await directoryOf({ '001_a.cypher': cypher });
  const env = { ...configured, MIGRATIONS_DIR: directory };
  expectRefusal(await attempt(['neo4j', 'migrate'], { env, secrets: [password] }), {
    kind: 'failed',
    says: 'db.index.',
    hint,
    at: '001_a.cypher:1:1',
  });
  const { code, stdout } = await attempt(['validate', '--migrations-dir', directory]);
  expect({ code, stdout }).toEqual({ code: 65, stdout: expect.stringContaining('[schema-procedure]') });
});
