import neo4j, { type Driver } from 'neo4j-driver';
import pg from 'pg';
import { emptyNeo4j, type FreshDatabase, type FreshDatabaseOptions, freshDatabase } from '../servers/databases.ts';
import { apply, POSTGRES } from './shipped.ts';

/** One connection to a database of its own, as the role that owns it: a test can hold a transaction open on it. */
export class OwnedDatabase extends pg.Client {
  readonly fresh: FreshDatabase;

  constructor(fresh: FreshDatabase) {
    super({ connectionString: fresh.url, application_name: 'test' });
    this.fresh = fresh;
  }

  async drop(): Promise<void> {
    await this.end();
    await this.fresh.drop();
  }
}

export async function emptyDatabase(options: FreshDatabaseOptions = {}): Promise<OwnedDatabase> {
  const database = new OwnedDatabase(await freshDatabase(options));
  await database.connect();
  return database;
}

export async function migratedDatabase(options: FreshDatabaseOptions = {}): Promise<OwnedDatabase> {
  const database = await emptyDatabase(options);
  await apply(database, POSTGRES);
  return database;
}

/** The shared Neo4j, emptied; its driver retries what is transient, as LocalRAG's does. */
export async function emptyGraph(): Promise<Driver> {
  const { uri, user, password, close } = await emptyNeo4j();
  await close();
  return neo4j.driver(uri, neo4j.auth.basic(user, password), { disableLosslessIntegers: true });
}
