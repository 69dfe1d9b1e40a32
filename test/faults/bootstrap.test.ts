import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { freshPair } from '../journeys/pair.ts';
import { directoryOf, start } from '../program.ts';
import type { EmptyNeo4j } from '../servers/databases.ts';
import { graphTransaction } from '../traffic/held.ts';

/** A command that waits for its lock has no `query` yet; the program tells the server that it makes a constraint. */
interface Open {
  readonly query: string;
  readonly makes: boolean;
}

/** What the program has open on the server, as soon as one of it is as wanted. */
async function opened(graph: EmptyNeo4j, isWanted: (open: Open) => boolean): Promise<readonly Open[]> {
  for (;;) {
    const open = await graph.run<Open & Record<string, unknown>>(
      `SHOW TRANSACTIONS YIELD metaData, currentQuery WHERE metaData.application = 'localrag-migrate'
       RETURN currentQuery AS query, metaData.constraint = true AS makes`,
    );
    if (open.some(isWanted)) return open;
    await sleep(50);
  }
}

test('first runs make the constraints one after the other, though one is killed in it', async () => {
  const { neo4j: graph, env } = await freshPair();
  const MIGRATIONS_DIR = await directoryOf({ '001_a.cypher': 'CREATE (:A);\n' });
  const begin = () => start(['neo4j', 'migrate'], { env: { ...env, MIGRATIONS_DIR } });
  // No constraint of a label can be made as long as somebody's transaction has written a node of it.
  const writer = await graphTransaction(graph);
  await writer.run('CREATE (:`_Migration` {version: 0})');

  const killed = begin();
  await opened(graph, ({ makes }) => makes);
  const next = begin();
  const open = await opened(graph, ({ query }) => query.includes('SET b.turn'));
  // Would it wait in a CREATE CONSTRAINT of its own, it could make a second index of that name.
  expect(open.filter(({ makes }) => makes)).toHaveLength(1);

  killed.process.kill('SIGKILL');
  await killed.ended;
  await writer.rollback();
  expect((await next.ended).code).toBe(0);
  expect(
    await graph.run(
      'SHOW INDEXES YIELD name, state, type, owningConstraint AS owner WHERE type <> "LOOKUP" RETURN name, state, owner ORDER BY name',
    ),
  ).toEqual([
    { name: '_migration_lease_name_unique', state: 'ONLINE', owner: '_migration_lease_name_unique' },
    { name: '_migration_version_unique', state: 'ONLINE', owner: '_migration_version_unique' },
  ]);
});
