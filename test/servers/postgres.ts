import pg from 'pg';
import { Wait } from 'testcontainers';
import { type AcquireOptions, firstAvailable, givenBy, type Source } from './acquire.ts';
import { startContainer } from './container.ts';
import { localPostgres } from './local-postgres.ts';
import { progress } from './progress.ts';

/** A running PostgreSQL with pgvector, and its superuser. */
export interface PostgresServer {
  readonly source: Source;
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** As in server_version: `18.1`. */
  readonly version: string;
  /** For a shell, to end a detached server; empty where we did not start it. */
  readonly stopCommand: string;
  /** Ends what was started for us and discards its data; a given server stays as it is. */
  stop(): Promise<void>;
}

const image = 'pgvector/pgvector:pg17';

/**
 * A PostgreSQL to test with: the one given by TEST_POSTGRES_URL (DEMO_POSTGRES_URL), else in Docker, else local.
 * @throws {Error} saying what to install, where none can be had
 */
export async function acquirePostgres(options: AcquireOptions): Promise<PostgresServer> {
  const setting = `${options.settings}_POSTGRES_URL`;
  const given = process.env[setting];
  if (given) return givenBy(setting, () => describe(given, 'given', '', async () => undefined));

  const detached = options.detached ?? false;
  const remedy = `Start Docker, or install Python 3 with pip, or set ${setting} to a superuser's URL.`;
  return firstAvailable('PostgreSQL with pgvector', remedy, [
    () => inDocker(detached),
    async () => {
      progress('Starting a local PostgreSQL 18');
      const server = await localPostgres({ detached });
      return { ...server, stop: server.remove };
    },
  ]);
}

async function inDocker(detached: boolean): Promise<PostgresServer> {
  const password = 'localrag-test';
  const container = await startContainer({
    image,
    port: 5432,
    environment: { POSTGRES_PASSWORD: password },
    command: ['postgres', '-c', 'fsync=off', '-c', 'max_connections=200'],
    // The image starts the server twice: the first one only makes the database.
    ready: Wait.forLogMessage(/database system is ready to accept connections/, 2),
    detached,
  });
  const url = `postgresql://postgres:${password}@${container.host}:${container.port}/postgres`;
  return describe(url, 'docker', container.stopCommand, container.stop);
}

async function describe(url: string, source: Source, stopCommand: string, stop: () => Promise<void>) {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
    const { host, port, user = '', password = '' } = client;
    return { source, url, host, port, user, password, version: rows[0]?.server_version ?? '', stopCommand, stop };
  } finally {
    await client.end();
  }
}
