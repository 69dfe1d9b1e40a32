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
export interface Neo4jAddress {
  readonly uri: string;
  readonly user: string;
  readonly password: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    /** The superuser of the shared server; tests work in databases of their own, see databases.ts. */
    postgres: PostgresAddress;
    /** One for each worker: one database is all that it has, and emptyNeo4j() empties it. See sharedNeo4j(). */
    neo4js: readonly Neo4jAddress[];
    redis: { readonly url: string };
  }
}

/** One PostgreSQL and one Redis for the whole run, and a Neo4j for each worker. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const servers = await allOrNone([
    acquirePostgres({ settings: 'TEST' }),
    acquireRedis({ settings: 'TEST' }),
    ...Array.from({ length: project.config.maxWorkers }, () => acquireNeo4j({ settings: 'TEST' })),
  ]);
  const [{ url, host, port, user, password, version }, redis, ...neo4js] = servers;
  project.provide('postgres', { url, host, port, user, password, version });
  project.provide(
    'neo4js',
    neo4js.map(({ uri, user, password }) => ({ uri, user, password })),
  );
  project.provide('redis', { url: redis.url });

  const sources = servers.map(({ source }) => source);
  progress(
    `PostgreSQL ${version} (${sources[0]}), Redis (${sources[1]}) and ${neo4js.length} Neo4j (${sources[2]}) are up`,
  );
  return async () => {
    await Promise.all(servers.map((server) => server.stop()));
  };
}
