import type { TestProject } from 'vitest/node';
import { allOrNone } from './acquire.ts';
import { acquireNeo4j } from './neo4j.ts';
import { acquirePostgres } from './postgres.ts';
import { progress } from './progress.ts';
import { acquireRedis } from './redis.ts';

/** What a test needs to reach a server; functions do not cross from vitest's process into its workers. */
interface PostgresAddress {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly version: string;
}
interface Neo4jAddress {
  readonly uri: string;
  readonly user: string;
  readonly password: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    /** The superuser of the shared server; tests work in databases of their own, see databases.ts. */
    postgres: PostgresAddress;
    /** Shared, and one database is all it has: emptyNeo4j() empties it. */
    neo4j: Neo4jAddress;
    redis: { readonly url: string };
  }
}

/** One PostgreSQL, one Neo4j and one Redis for the whole run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const servers = await allOrNone([
    acquirePostgres({ settings: 'TEST' }),
    acquireNeo4j({ settings: 'TEST' }),
    acquireRedis({ settings: 'TEST' }),
  ]);
  const [{ url, host, port, user, password, version }, neo4j, redis] = servers;
  project.provide('postgres', { url, host, port, user, password, version });
  project.provide('neo4j', { uri: neo4j.uri, user: neo4j.user, password: neo4j.password });
  project.provide('redis', { url: redis.url });

  const sources = servers.map(({ source }) => source);
  progress(`PostgreSQL ${version} (${sources[0]}), Neo4j (${sources[1]}) and Redis (${sources[2]}) are up`);
  return async () => {
    await Promise.all(servers.map((server) => server.stop()));
  };
}
