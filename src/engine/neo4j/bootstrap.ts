import { MigrateError } from '../../errors.ts';
import { isTransient, retrying } from '../../retry.ts';
import { answered, type Connection } from './connection.ts';
import { isNameTaken } from './errors.ts';
import { assertNothingOpen } from './schema.ts';

/** What the history and the lease stand on. */
export const CONSTRAINTS = {
  _migration_version_unique: 'FOR (m:`_Migration`) REQUIRE m.version IS UNIQUE',
  _migration_lease_name_unique: 'FOR (l:`_MigrationLease`) REQUIRE l.name IS UNIQUE',
} as const;

/**
 * Makes the constraints. Nobody holds the lease yet, so several may do it at once: concurrent CREATE CONSTRAINT IF NOT
 * EXISTS deadlock now and then, and wait for open transactions. Hence the look before, and the tries, for `budget` milliseconds.
 */
export async function bootstrap(connection: Connection, budget: number, signal: AbortSignal): Promise<void> {
  const execute = (command: string) =>
    connection.autoCommit(command, answered(signal), { metadata: { constraint: true } });
  await retrying(
    { budget, first: 50, most: 1_000 },
    signal,
    async () => {
      const rows = await connection.read('SHOW CONSTRAINTS YIELD name RETURN name', signal);
      const there = new Set(rows.map((row) => row.name));
      for (const [name, definition] of Object.entries(CONSTRAINTS)) {
        if (there.has(name)) continue;
        try {
          await execute(`CREATE CONSTRAINT ${name} IF NOT EXISTS ${definition}`);
        } catch (error) {
          if (!isNameTaken(error)) throw error;
          // Its index is there alone: another one makes the constraint right now, or was killed while it did.
          await assertNothingOpen(connection, name, signal);
          await execute(`DROP INDEX ${name} IF EXISTS`);
          throw new MigrateError('busy', (error as MigrateError).message, { cause: error });
        }
      }
    },
    isTransient,
  );
}
