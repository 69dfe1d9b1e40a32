import { afterAll, beforeAll, expect, test } from 'vitest';
import { directoryOf } from '../program.ts';
import { type EmptyNeo4j, emptyNeo4j, type FreshDatabase, freshDatabase } from '../servers/databases.ts';
import { sharedNeo4j } from '../servers/shared-neo4j.ts';
import { contentsOf, contentsOfGraph, historyOf } from './contents.ts';
import { closedPort } from './peers.ts';
import { attempt, expectRefusal, type Refusal } from './refusal.ts';

/* One database is as it should be, and the other one is not. */

const FILES = {
  '001_a.sql': 'CREATE TABLE a ();',
  '002_b.cypher': 'CREATE (:B);\nCREATE (:B {n: 1 / 0});',
  '003_c.sql': 'CREATE TABLE c ();',
};

let database: FreshDatabase;
let graph: EmptyNeo4j;
beforeAll(async () => {
  database = await freshDatabase({ extensions: [] });
  graph = await emptyNeo4j();
});
afterAll(async () => {
  await database.drop();
  await graph.close();
});

async function migrate(changes: Readonly<Record<string, string>> = {}) {
  const { uri, user, password } = sharedNeo4j();
  const neo4j = { NEO4J_URI: uri, NEO4J_USER: user, NEO4J_PASSWORD: password };
  const configured = { DATABASE_URL: database.url, ...neo4j, MIGRATIONS_DIR: await directoryOf(FILES) };
  return attempt(['migrate'], { env: { ...configured, ...changes } });
}

const contents = async () => [await contentsOf(database), await contentsOfGraph(graph)];
const closed = async (scheme: string) => `${scheme}://app:correct-horse@127.0.0.1:${await closedPort()}/localrag`;

test.each<[what: string, changes: () => Promise<Readonly<Record<string, string>>>, refusal: Refusal]>([
  [
    "Neo4j's password",
    async () => ({ NEO4J_USER: 'nobody', NEO4J_PASSWORD: 'correct-horse' }),
    { kind: 'denied', says: 'Neo4j at bolt', hint: 'NEO4J_PASSWORD' },
  ],
  [
    "Neo4j's port",
    async () => ({ NEO4J_URI: `bolt://127.0.0.1:${await closedPort()}`, WAIT_TIMEOUT: '3s' }),
    { kind: 'unreachable', says: 'Neo4j at bolt', hint: 'check that the server runs' },
  ],
  [
    "PostgreSQL's port",
    async () => ({ DATABASE_URL: await closed('postgresql'), WAIT_TIMEOUT: '3s' }),
    { kind: 'unreachable', says: 'PostgreSQL at 127.0.0.1', hint: 'check that the server runs' },
  ],
])('%s is wrong: nothing is done in the other database', async (_, changes, refusal) => {
  const before = await contents();
  expectRefusal(await migrate(await changes()), refusal);
  expect(await contents()).toEqual(before);
});

test('a file for Neo4j fails: what came before stays, what comes after is not begun', async () => {
  const before = await contentsOfGraph(graph);
  const ended = await migrate();
  expectRefusal(ended, { kind: 'failed', says: '/ by zero', at: '002_b.cypher:2:1' });
  expect(JSON.parse(ended.termination)).toMatchObject({ applied: ['001_a.sql'] });
  expect(await historyOf(database)).toEqual(['001_a.sql']);
  expect((await contentsOf(database)).objects).not.toContain('relation c r');
  expect(await contentsOfGraph(graph)).toEqual(before);
});
