import { rm } from 'node:fs/promises';
import { expect, inject, test } from 'vitest';
import { sharedNeo4j } from '../servers/shared-neo4j.ts';
import { Arena } from './arena.ts';
import { copyOfProgram } from './built.ts';
import type { Link } from './proxy.ts';

test('a run that is stopped while it takes the lease, and never hears that it has it, gives it back', async () => {
  const program = await copyOfProgram();
  const servers = { postgres: inject('postgres'), neo4j: sharedNeo4j() };
  const arena = await Arena.open('graph', servers, `${program}/bin.js`);
  const proxies = await arena.proxies();
  try {
    const run = arena.start(proxies);
    let taking: Link | undefined;
    let stopped = false;
    proxies.neo4j.watch = ({ direction, name, request }, link) => {
      if (name.startsWith('RUN MATCH (b:`_MigrationBootstrap`)')) taking ??= link;
      if (stopped || direction === 'up' || link !== taking || request !== 'COMMIT') return true;
      stopped = true;
      run.kill('SIGTERM');
      return false;
    };
    const { code } = await run.ended;
    expect([stopped, code]).toEqual([true, 143]);
    const held = 'MATCH (l:`_MigrationLease`) WHERE l.until > datetime.realtime() RETURN l.pid AS pid';
    expect(await arena.neo4j.run(held)).toEqual([]);
  } finally {
    await Promise.all([proxies.postgres.close(), proxies.neo4j.close()]);
    await arena.close();
    await rm(program, { recursive: true });
  }
});
