import { inject } from 'vitest';
import type { Neo4jAddress } from './setup.ts';

/** The Neo4j of this worker: nobody else uses it while a test file runs. */
export function sharedNeo4j(): Neo4jAddress {
  const worker = Number(process.env.VITEST_POOL_ID);
  const server = inject('neo4js')[worker - 1];
  if (server === undefined) throw new Error(`worker ${worker} has no Neo4j`);
  return server;
}
