import neo4j from 'neo4j-driver';
import { Wait } from 'testcontainers';
import { type AcquireOptions, firstAvailable, givenBy, type Source } from './acquire.ts';
import { startContainer } from './container.ts';
import { localNeo4j } from './local-neo4j.ts';
import { progress } from './progress.ts';

/** A running Neo4j, and its administrator. */
export interface Neo4jServer {
  readonly source: Source;
  readonly uri: string;
  readonly user: string;
  readonly password: string;
  /** For a shell, to end a detached server; empty where we did not start it. */
  readonly stopCommand: string;
  /** Ends what was started for us and discards its data; a given server stays as it is. */
  stop(): Promise<void>;
}

const image = 'neo4j:5-community';

/**
 * A Neo4j to test with: the one given by TEST_NEO4J_URI, _USER and _PASSWORD (DEMO_…), else in Docker, else local.
 * @throws {Error} saying what to install, where none can be had
 */
export async function acquireNeo4j(options: AcquireOptions): Promise<Neo4jServer> {
  const setting = `${options.settings}_NEO4J_URI`;
  const uri = process.env[setting];
  if (uri) {
    const user = process.env[`${options.settings}_NEO4J_USER`] || 'neo4j';
    const password = process.env[`${options.settings}_NEO4J_PASSWORD`] ?? '';
    const server: Neo4jServer = { source: 'given', uri, user, password, stopCommand: '', stop: async () => undefined };
    return givenBy(setting, () => answering(server));
  }

  const detached = options.detached ?? false;
  const remedy = `Start Docker, or install Maven and Java 17 or newer, or set ${setting}.`;
  return firstAvailable('Neo4j', remedy, [
    () => inDocker(detached),
    async () => {
      progress('Starting a local Neo4j 5');
      const server = await localNeo4j({ detached });
      return answering({ ...server, stop: server.remove });
    },
  ]);
}

async function inDocker(detached: boolean): Promise<Neo4jServer> {
  const password = 'localrag-test';
  const container = await startContainer({
    image,
    port: 7687,
    environment: { NEO4J_AUTH: `neo4j/${password}`, NEO4J_server_memory_heap_max__size: '512m' },
    ready: Wait.forLogMessage('Started.'),
    detached,
  });
  const { host, port, stopCommand, stop } = container;
  return answering({ source: 'docker', uri: `bolt://${host}:${port}`, user: 'neo4j', password, stopCommand, stop });
}

async function answering(server: Neo4jServer): Promise<Neo4jServer> {
  const driver = neo4j.driver(server.uri, neo4j.auth.basic(server.user, server.password));
  try {
    await driver.getServerInfo();
    return server;
  } finally {
    await driver.close();
  }
}
