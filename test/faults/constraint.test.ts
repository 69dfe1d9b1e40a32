import { setTimeout as sleep } from 'node:timers/promises';
import neo4j from 'neo4j-driver';
import { expect, test } from 'vitest';
import { freshPair } from '../journeys/pair.ts';
import { directoryOf, run } from '../program.ts';
import type { EmptyNeo4j } from '../servers/databases.ts';
import { boltFrames } from './frames.ts';
import { FaultyProxy } from './proxy.ts';

/**
 * Cuts the connection in the middle of the command until Neo4j leaves the constraint's index behind: without an owner, and
 * POPULATING for good. It does so about every fourth time.
 */
async function leaveBehind(graph: EmptyNeo4j, name: string, definition: string): Promise<void> {
  const { hostname, port } = new URL(graph.uri);
  const proxy = await FaultyProxy.open(boltFrames, { host: hostname, port: Number(port) });
  proxy.watch = ({ direction, name: message }, link) => {
    if (direction === 'up' && message === 'PULL') setTimeout(() => link.cut(), Math.random() * 40);
    return true;
  };
  const driver = neo4j.driver(`bolt://127.0.0.1:${proxy.port}`, neo4j.auth.basic(graph.user, graph.password));
  try {
    for (;;) {
      const session = driver.session();
      await session.run(`CREATE CONSTRAINT ${name} ${definition}`).catch(() => {});
      await session.close().catch(() => {});
      if (await isAbandoned(graph, name)) return;
      await graph.run(`DROP CONSTRAINT ${name} IF EXISTS`);
    }
  } finally {
    await driver.close();
    await proxy.close();
  }
}

/** Once the server has noticed that nobody wants the constraint any more: it is there, it is not, or its index is. */
async function isAbandoned(graph: EmptyNeo4j, name: string): Promise<boolean> {
  for (let looks = 0; ; looks += 1) {
    const found = await graph.run<{ owner: string | null }>(
      'SHOW INDEXES YIELD name, owningConstraint WHERE name = $name RETURN owningConstraint AS owner',
      { name },
    );
    if (found.length === 0 || found[0]?.owner != null) return false;
    const open = await graph.run(
      "SHOW TRANSACTIONS YIELD currentQuery WHERE NOT currentQuery STARTS WITH 'SHOW' RETURN 1",
    );
    if (open.length === 0 && looks > 5) return true;
    await sleep(50);
  }
}

test('a constraint whose making was cut off, and whose index stays behind, is made by the next run', async () => {
  const { neo4j: graph, env } = await freshPair();
  const directory = await directoryOf({
    '001_unique.cypher': 'CREATE CONSTRAINT thing_name IF NOT EXISTS FOR (t:Thing) REQUIRE t.name IS UNIQUE;\n',
  });
  await leaveBehind(graph, '_migration_version_unique', 'FOR (m:`_Migration`) REQUIRE m.version IS UNIQUE');
  await leaveBehind(graph, 'thing_name', 'FOR (t:Thing) REQUIRE t.name IS UNIQUE');

  const { code, events } = await run(['neo4j', 'migrate'], { env: { ...env, MIGRATIONS_DIR: directory } });
  expect(code).toBe(0);
  expect(events).toContainEqual(expect.objectContaining({ event: 'healing', index: 'thing_name' }));
  expect(await graph.run('SHOW CONSTRAINTS YIELD name RETURN name ORDER BY name')).toEqual([
    { name: '_migration_lease_name_unique' },
    { name: '_migration_version_unique' },
    { name: 'thing_name' },
  ]);
  expect(await graph.run("SHOW INDEXES YIELD state WHERE state <> 'ONLINE' RETURN state")).toEqual([]);
});

test('an index of somebody else that has the name of a constraint is left alone', async () => {
  const { neo4j: graph, env } = await freshPair();
  const directory = await directoryOf({
    '001_unique.cypher': 'CREATE CONSTRAINT thing_name IF NOT EXISTS FOR (t:Thing) REQUIRE t.name IS UNIQUE;\n',
  });
  await graph.run('CREATE INDEX thing_name FOR (o:Other) ON (o.name)');
  await graph.run('CALL db.awaitIndexes(60)');
  const refused = await run(['neo4j', 'migrate'], { env: { ...env, MIGRATIONS_DIR: directory } });
  expect(refused.code).toBe(70);
  expect(refused.stderr).toContain('an index has the name of this constraint');
  expect(
    await graph.run("SHOW INDEXES YIELD name, labelsOrTypes WHERE name = 'thing_name' RETURN labelsOrTypes"),
  ).toEqual([{ labelsOrTypes: ['Other'] }]);
});
