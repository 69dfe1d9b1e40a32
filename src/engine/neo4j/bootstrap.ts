import { MigrateError } from '../../errors.ts';
import { isTransient, retrying } from '../../retry.ts';
import type { Connection } from './connection.ts';
import { isNameTaken } from './errors.ts';

/** What the history and the lease stand on. */
export const CONSTRAINTS = {
  _migration_version_unique: 'FOR (m:`_Migration`) REQUIRE m.version IS UNIQUE',
  _migration_lease_name_unique: 'FOR (l:`_MigrationLease`) REQUIRE l.name IS UNIQUE',
} as const;

/** Milliseconds after which an index without its constraint is one that was left behind; building one takes far less. */
const ABANDONED = 5_000;

/**
 * Makes the constraints. Nobody holds the lease yet, so several may do it at once: concurrent CREATE CONSTRAINT IF NOT
 * EXISTS deadlock now and then, and wait for open transactions. Hence the look before, and the tries, for `budget` milliseconds.
 */
export async function bootstrap(connection: Connection, budget: number, signal: AbortSignal): Promise<void> {
  const taken = new Map<string, number>();
  await retrying(
    { budget, first: 50, most: 1_000 },
    signal,
    async () => {
      const rows = await connection.read('SHOW CONSTRAINTS YIELD name RETURN name', signal);
      const there = new Set(rows.map((row) => row.name));
      for (const [name, definition] of Object.entries(CONSTRAINTS)) {
        if (there.has(name)) continue;
        try {
          await connection.autoCommit(`CREATE CONSTRAINT ${name} IF NOT EXISTS ${definition}`, signal);
        } catch (error) {
          if (isNameTaken(error)) await dropAbandoned(name);
          throw error;
        }
      }
    },
    // Where somebody took an index for abandoned that we were building, the server calls it an error of the schema.
    (error) => isTransient(error) || (error instanceof MigrateError && /\.Schema\./.test(error.server?.code ?? '')),
  );

  /** A run that was killed in the middle leaves the index of the constraint behind; it has no owner, and never gets one. */
  async function dropAbandoned(name: string): Promise<void> {
    const since = taken.get(name) ?? performance.now();
    taken.set(name, since);
    if (performance.now() - since < ABANDONED) return;
    taken.delete(name);
    await connection.autoCommit(`DROP INDEX ${name} IF EXISTS`, signal);
  }
}
