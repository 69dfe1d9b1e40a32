import { expect, onTestFinished, test } from 'vitest';
import { run } from '../program.ts';
import { sharedNeo4j } from '../servers/shared-neo4j.ts';
import { type Objects, readCatalog, readGraph } from './catalog.ts';
import { emptyDatabase, emptyGraph } from './database.ts';
import { EXPECTED_CATALOG } from './expected.ts';
import { EXPECTED_GRAPH } from './expected-graph.ts';
import { pasteCypher } from './shipped.ts';

/** Without the program's own: its history, and in the graph its lease too. */
const withoutHistory = (objects: Objects) =>
  Object.fromEntries(
    Object.entries(objects).filter(([object]) => !/ (migrations|_migration_|localrag_migrate_)/.test(object)),
  );

test('the built program makes the schema in both databases; its rollback-plan, pasted, leaves nothing of it', async () => {
  const db = await emptyDatabase();
  onTestFinished(() => db.drop());
  const graph = await emptyGraph();
  onTestFinished(() => graph.close());
  const { uri, user, password } = sharedNeo4j();
  const env = { DATABASE_URL: db.fresh.url, NEO4J_URI: uri, NEO4J_USER: user, NEO4J_PASSWORD: password };
  const program = async (...args: string[]) => {
    const ended = await run(args, { env });
    expect(ended).toMatchObject({ code: 0 });
    return ended.stdout;
  };

  await program('migrate');
  expect(withoutHistory(await readCatalog(db))).toEqual(EXPECTED_CATALOG);
  expect(withoutHistory(await readGraph(graph))).toEqual(EXPECTED_GRAPH);

  await db.query(await program('postgres', 'rollback-plan'));
  await pasteCypher(graph, await program('neo4j', 'rollback-plan'));
  expect(withoutHistory(await readCatalog(db))).toEqual({});
  expect(withoutHistory(await readGraph(graph))).toEqual({});
});
