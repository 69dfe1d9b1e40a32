import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { Budgets } from '../src/config.ts';
import { Neo4jEngine } from '../src/engine/neo4j/engine.ts';
import { PostgresEngine } from '../src/engine/postgres/engine.ts';
import { loadMigrations } from '../src/files/load.ts';
import { REFERENCE } from '../src/files/reference.ts';
import { allOrNone } from '../test/servers/acquire.ts';
import { acquireNeo4j, type Neo4jServer } from '../test/servers/neo4j.ts';
import { acquirePostgres, type PostgresServer } from '../test/servers/postgres.ts';
import { referenceOf, referenceText } from './reference.ts';

/**
 * Writes what the migrations make: applies them to an empty PostgreSQL and an empty Neo4j (got as the tests get theirs) and reads
 * the catalogs after each. `npm run schema`; `npm run schema -- DIRECTORY` for migrations of one's own.
 */
const directory = process.argv[2] ?? fileURLToPath(new URL('../migrations', import.meta.url));
const files = loadMigrations(directory);

const budgets: Budgets = {
  waitTimeout: 30_000,
  lockTimeout: 30_000,
  statementTimeout: 0,
  ddlLockTimeout: 5_000,
  ddlLockRetryFor: 30_000,
  shutdownGrace: 5_000,
};
const options = {
  budgets,
  identity: { host: 'schema', pid: process.pid, toolVersion: 'schema', runId: 'schema' },
  emit: () => {},
};

const servers = await allOrNone([acquirePostgres({ settings: 'TEST' }), acquireNeo4j({ settings: 'TEST' })]);
try {
  await writeReference(...servers);
} finally {
  await Promise.all(servers.map((server) => server.stop()));
}

async function writeReference(server: PostgresServer, graph: Neo4jServer): Promise<void> {
  const database = `schema_${randomBytes(6).toString('hex')}`;
  const administrator = new pg.Client(server.url);
  await administrator.connect();
  await administrator.query(`CREATE DATABASE ${database}`);
  const { host, port, user, password } = server;
  const config = {
    host,
    port,
    user,
    password,
    database,
    sslmode: 'disable',
    tls: [false],
    connectTimeout: 10_000,
  } as const;
  const engines = [
    new PostgresEngine({ ...options, config }),
    new Neo4jEngine({ ...options, config: { ...graph, database: undefined } }),
  ];
  try {
    await writeFile(join(directory, REFERENCE), referenceText(await referenceOf(files, engines)));
    process.stdout.write(`${join(directory, REFERENCE)} written\n`);
  } finally {
    await Promise.all(engines.map((engine) => engine.close()));
    await administrator.query(`DROP DATABASE ${database} WITH (FORCE)`);
    await administrator.end();
  }
}
