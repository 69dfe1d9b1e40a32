import type { Driver } from 'neo4j-driver';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { run } from '../program.ts';
import { type Objects, readCatalog, readGraph } from './catalog.ts';
import { emptyDatabase, emptyGraph, type OwnedDatabase } from './database.ts';
import { EXPECTED_CATALOG } from './expected.ts';
import { EXPECTED_GRAPH } from './expected-graph.ts';
import { pasteCypher } from './shipped.ts';

let db: OwnedDatabase;
let graph: Driver;
let env: Record<string, string>;

beforeAll(async () => {
  db = await emptyDatabase();
  graph = await emptyGraph();
  const { uri, user, password } = inject('neo4j');
  env = { DATABASE_URL: db.fresh.url, NEO4J_URI: uri, NEO4J_USER: user, NEO4J_PASSWORD: password };
  expect(await run(['migrate'], { env })).toMatchObject({ code: 0 });
});
afterAll(async () => {
  await db.drop();
  await graph.close();
});

/** Without the program's own: its history, and in the graph its lease too. */
const withoutHistory = (objects: Objects) =>
  Object.fromEntries(Object.entries(objects).filter(([object]) => !/ (migrations|_migration_)/.test(object)));

test('the built program makes exactly the schema that LocalRAG counts on, in both databases', async () => {
  expect(withoutHistory(await readCatalog(db))).toEqual(EXPECTED_CATALOG);
  expect(withoutHistory(await readGraph(graph))).toEqual(EXPECTED_GRAPH);
});

test('what its rollback-plan prints, pasted, leaves nothing of that', async () => {
  const plan = async (database: string) => {
    const ended = await run([database, 'rollback-plan'], { env });
    expect(ended.code).toBe(0);
    return ended.stdout;
  };
  await db.query(await plan('postgres'));
  expect(withoutHistory(await readCatalog(db))).toEqual({});
  await pasteCypher(graph, await plan('neo4j'));
  expect(withoutHistory(await readGraph(graph))).toEqual({});
});
