import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ended, execute } from '../execute.ts';
import type { FreshDatabase } from '../servers/databases.ts';
import { postgresInstallation } from '../servers/postgres-installation.ts';

/** psql and pg_dump of the newest PostgreSQL that the tests install: they work with every older server. */
export interface ClientPrograms {
  /** Runs a file as the owner of the database, in a session of its own and in one transaction if `transaction` is set. */
  psql(database: FreshDatabase, file: string, transaction: boolean): Promise<Ended>;
  /** @throws {Error} with the end of pg_dump's output */
  dumpSchema(database: FreshDatabase, ...options: readonly string[]): Promise<string>;
}

/** @throws {Error} if PostgreSQL cannot be installed on this machine, which has servers from Docker or given ones */
export async function clientPrograms(): Promise<ClientPrograms> {
  const { directory, bin, lib } = await postgresInstallation('18');
  // Without the PG… variables and the psqlrc of the person who runs the tests.
  const env = {
    PATH: process.env.PATH,
    HOME: tmpdir(),
    LD_LIBRARY_PATH: join(directory, lib),
    PGCLIENTENCODING: 'UTF8',
  };
  const run = (name: string, args: readonly string[]) => execute(join(directory, bin, name), args, { env });
  return {
    psql: ({ url }, file, transaction) => {
      const mode = transaction ? ['--single-transaction'] : [];
      return run('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', ...mode, '-f', file, '-d', url]);
    },
    dumpSchema: async ({ url }, ...options) => {
      const { code, stdout, stderr } = await run('pg_dump', ['--schema-only', ...options, url]);
      if (code !== 0) throw new Error(`pg_dump failed (${code}): ${stderr.trim()}`);
      return stdout;
    },
  };
}
