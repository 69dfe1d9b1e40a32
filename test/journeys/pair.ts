import { onTestFinished } from 'vitest';
import {
  type EmptyNeo4j,
  emptyNeo4j,
  type FreshDatabase,
  type FreshDatabaseOptions,
  freshDatabase,
} from '../servers/databases.ts';

export interface Pair {
  readonly postgres: FreshDatabase;
  readonly neo4j: EmptyNeo4j;
  /** The settings that the program needs for both. */
  readonly env: Readonly<Record<string, string>>;
}

export function postgresEnv({ host, port, database, user, password }: FreshDatabase): Readonly<Record<string, string>> {
  return {
    POSTGRES_HOST: host,
    POSTGRES_PORT: String(port),
    POSTGRES_DB: database,
    POSTGRES_USER: user,
    POSTGRES_PASSWORD: password,
    LOG_FORMAT: 'json',
    LOG_LEVEL: 'debug',
  };
}

/** A new PostgreSQL database, gone when the test ends. */
export async function freshPostgres(options?: FreshDatabaseOptions): Promise<FreshDatabase> {
  const database = await freshDatabase(options);
  onTestFinished(() => database.drop());
  return database;
}

/** Both databases, empty. */
export async function freshPair(options?: FreshDatabaseOptions): Promise<Pair> {
  const [postgres, neo4j] = await Promise.all([freshPostgres(options), emptyNeo4j()]);
  onTestFinished(() => neo4j.close());
  const env = {
    ...postgresEnv(postgres),
    NEO4J_URI: neo4j.uri,
    NEO4J_USER: neo4j.user,
    NEO4J_PASSWORD: neo4j.password,
  };
  return { postgres, neo4j, env };
}
