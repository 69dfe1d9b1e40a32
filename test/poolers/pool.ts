import { inject, onTestFinished } from 'vitest';
import { postgresEnv } from '../journeys/pair.ts';
import { directoryOf } from '../program.ts';
import type { FreshDatabase } from '../servers/databases.ts';
import { localPgbouncer, type PgbouncerOptions } from '../servers/pgbouncer.ts';

export interface Pool {
  /** The database's URL by way of the pooler. */
  readonly url: string;
  /** The settings that the program needs to go that way. */
  readonly env: Readonly<Record<string, string>>;
}

/** A pooler in front of this database, gone when the test ends. */
export async function poolOf(
  database: FreshDatabase,
  options: Pick<PgbouncerOptions, 'poolMode'> & Partial<PgbouncerOptions>,
): Promise<Pool> {
  const pool = await localPgbouncer({ server: inject('postgres'), login: database, auth: 'plain', ...options });
  onTestFinished(() => pool.stop());
  const { host, port } = pool;
  const url = new URL(database.url);
  url.host = `${host}:${port}`;
  return { url: url.href, env: postgresEnv({ ...database, host, port }) };
}

/** Migrations that show how often each was applied: nothing in the ledger is unique. */
export const migrations = () =>
  directoryOf({
    '001_ledger.sql': "CREATE TABLE ledger (what text);\nINSERT INTO ledger VALUES ('001');\n",
    '002_index.sql': '-- migrate: no-transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS by_what ON ledger (what);\n',
    // These are under way at once.
    '003_row.sql': "INSERT INTO ledger VALUES ('003');\n",
    '004_row.sql': "INSERT INTO ledger VALUES ('004');\n",
    '005_row.sql': "INSERT INTO ledger VALUES ('005');\n",
  });
