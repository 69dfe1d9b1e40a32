import neo4j, { type Transaction } from 'neo4j-driver';
import pg from 'pg';
import { onTestFinished } from 'vitest';
import type { EmptyNeo4j } from '../servers/databases.ts';

/** What the application's sessions call themselves: the program names them by it. */
export const APPLICATION = 'the application';

/** A connection that keeps what it has taken until the test ends or says otherwise. */
export async function session(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: APPLICATION });
  // Dropping the database at the test's end ends it too.
  client.on('error', () => {});
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

/** A transaction of Neo4j that keeps what it has taken until the test ends or says otherwise. */
export async function graphTransaction({ uri, user, password }: EmptyNeo4j): Promise<Transaction> {
  const driver = neo4j.driver(uri, neo4j.auth.basic(user, password));
  onTestFinished(() => driver.close());
  return driver.session().beginTransaction();
}

/** The transactions of a migration, by what the program tells Neo4j of itself. */
export function transactionsOf(neo4j: EmptyNeo4j, migration: string): Promise<{ n: number }[]> {
  return neo4j.run('SHOW TRANSACTIONS YIELD metaData WHERE metaData.migration = $migration RETURN count(*) AS n', {
    migration,
  });
}
