import { randomBytes } from 'node:crypto';
import neo4j, { type RecordShape } from 'neo4j-driver';
import pg from 'pg';
import { inject } from 'vitest';
import type { Neo4jServer } from './neo4j.ts';
import type { PostgresServer } from './postgres.ts';
import { sharedNeo4j } from './shared-neo4j.ts';

export interface FreshDatabaseOptions {
  /** Installed by the superuser beforehand; default: what LocalRAG's migrations need. */
  readonly extensions?: readonly string[];
  /** Default: the server that this run shares. */
  readonly server?: Pick<PostgresServer, 'url' | 'host' | 'port'>;
}

/** An empty database and the role that owns it, which is no superuser. */
export interface FreshDatabase {
  /** The owner's. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** As the owner; of several statements the last one's rows. */
  query<Row extends pg.QueryResultRow = pg.QueryResultRow>(
    sql: string,
    parameters?: readonly unknown[],
  ): Promise<Row[]>;
  /** As the superuser, in this database. */
  asSuperuser<Row extends pg.QueryResultRow = pg.QueryResultRow>(sql: string): Promise<Row[]>;
  /** Removes it and its role, whoever is still connected. */
  drop(): Promise<void>;
}

export async function freshDatabase(options: FreshDatabaseOptions = {}): Promise<FreshDatabase> {
  const server = options.server ?? inject('postgres');
  const database = `test_${randomBytes(6).toString('hex')}`;
  const user = `${database}_owner`;
  const password = randomBytes(12).toString('hex');
  const { host, port } = server;

  const inside = new URL(server.url);
  inside.pathname = `/${database}`;
  const owner = new URL(inside);
  owner.username = user;
  owner.password = password;

  const asAdministrator = (statement: string) => execute(server.url, statement);
  await asAdministrator(`CREATE ROLE ${user} LOGIN PASSWORD '${password}'`);
  await asAdministrator(`CREATE DATABASE ${database} OWNER ${user}`);
  const asSuperuser = <Row extends pg.QueryResultRow>(sql: string) => execute<Row>(inside.href, sql);
  for (const extension of options.extensions ?? ['vector', 'uuid-ossp']) {
    await asSuperuser(`CREATE EXTENSION "${extension}"`);
  }

  return {
    url: owner.href,
    host,
    port,
    database,
    user,
    password,
    query: (sql, parameters) => execute(owner.href, sql, parameters),
    asSuperuser,
    drop: async () => {
      await asAdministrator(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
      await asAdministrator(`DROP ROLE IF EXISTS ${user}`);
    },
  };
}

/** How many are held in this database, whoever holds them: a pooler's backends live on when the program has ended. */
export async function advisoryLocks(database: FreshDatabase): Promise<number> {
  const [row] = await database.asSuperuser<{ locks: number }>(
    `SELECT count(*)::int AS locks FROM pg_locks WHERE locktype = 'advisory'
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  );
  return row?.locks ?? 0;
}

/** On a connection of its own, so that a test that kills or locks connections does not meet ours. */
async function execute<Row extends pg.QueryResultRow>(
  url: string,
  sql: string,
  parameters?: readonly unknown[],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url, application_name: 'test' });
  await client.connect();
  try {
    const result: pg.QueryResult<Row> | pg.QueryResult<Row>[] = await client.query<Row>(
      sql,
      parameters && [...parameters],
    );
    // Several statements in one text give several results, which the types of pg do not say.
    return (Array.isArray(result) ? result.at(-1) : result)?.rows ?? [];
  } finally {
    await client.end();
  }
}

/** A Neo4j that holds nothing, and a way to look into it. */
export interface EmptyNeo4j {
  readonly uri: string;
  readonly user: string;
  readonly password: string;
  run<Row extends RecordShape = RecordShape>(cypher: string, parameters?: Record<string, unknown>): Promise<Row[]>;
  close(): Promise<void>;
}

/** Takes all entries out of the history, as if nothing had been recorded. */
export async function forgetHistory(neo4j: Pick<EmptyNeo4j, 'run'>): Promise<void> {
  await neo4j.run('MATCH (m:`_Migration`) DETACH DELETE m');
  await neo4j.run('MATCH (b:`_MigrationBootstrap`) SET b.recorded = 0');
}

/** Makes a Neo4j, by default the one that this run shares, as new: without nodes, constraints and indexes. */
export async function emptyNeo4j(
  server: Pick<Neo4jServer, 'uri' | 'user' | 'password'> = sharedNeo4j(),
): Promise<EmptyNeo4j> {
  const { uri, user, password } = server;
  const driver = neo4j.driver(uri, neo4j.auth.basic(user, password), { disableLosslessIntegers: true });
  const run = async <Row extends RecordShape>(cypher: string, parameters?: Record<string, unknown>): Promise<Row[]> => {
    // Not executeQuery: CALL { … } IN TRANSACTIONS runs in auto-commit only.
    const session = driver.session();
    try {
      const { records } = await session.run<Row>(cypher, parameters);
      return records.map((record) => record.toObject());
    } finally {
      await session.close();
    }
  };

  // What a killed test left open would block the schema commands below without limit.
  const [open] = await run<{ ids: string[] }>(
    `SHOW TRANSACTIONS YIELD transactionId, currentQuery WHERE NOT currentQuery STARTS WITH 'SHOW TRANSACTIONS'
     RETURN collect(transactionId) AS ids`,
  );
  if (open !== undefined && open.ids.length > 0) await run('TERMINATE TRANSACTIONS $ids', open);
  const drop = async (kind: 'CONSTRAINT' | 'INDEX', found: { name: string }[]) => {
    for (const { name } of found) await run(`DROP ${kind} \`${name}\` IF EXISTS`);
  };
  await drop('CONSTRAINT', await run('SHOW CONSTRAINTS YIELD name'));
  // A new server has the two token lookup indexes.
  await drop('INDEX', await run("SHOW INDEXES YIELD name, type WHERE type <> 'LOOKUP' RETURN name"));
  await run('MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS');
  return { uri, user, password, run, close: () => driver.close() };
}
