import { expect, inject, test } from 'vitest';
import { sharedNeo4j } from '../servers/shared-neo4j.ts';
import { Arena } from './arena.ts';
import { copyOfProgram } from './built.ts';
import { inject as injectFault } from './inject.ts';

test("a connection to Neo4j that says nothing any more is given up by us, long before Bolt's keepalive does", {
  timeout: 180_000,
}, async () => {
  const program = await copyOfProgram();
  const arena = await Arena.open('graph', { postgres: inject('postgres'), neo4j: sharedNeo4j() }, `${program}/bin.js`);
  const proxies = await arena.proxies();
  try {
    let silenced = false;
    const run = arena.start(proxies);
    proxies.neo4j.watch = ({ direction, number, name }, link) => {
      if (silenced || !name.startsWith('RUN UNWIND range(1, 20)')) return true;
      silenced = true;
      return injectFault(arena, run, { database: 'neo4j', direction, number, fault: 'silence' }, link);
    };
    const { code, events } = await run.ended;
    expect(silenced).toBe(true);
    expect(events.filter(({ event }) => event === 'reconnecting')).toEqual([
      expect.objectContaining({ message: 'Neo4j does not answer on the connection of the migration any more' }),
    ]);
    expect(code).toBe(0);
    expect(await arena.neo4j.run('MATCH (i:Item) RETURN count(i) AS n')).toEqual([{ n: 20 }]);
  } finally {
    await Promise.all([proxies.postgres.close(), proxies.neo4j.close()]);
    await arena.close();
  }
});
