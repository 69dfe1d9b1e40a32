import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { checksum } from '../../src/core/checksum.ts';
import { boltStandIn } from './bolt-stand-in.ts';
import { postgresStandIn } from './postgres-stand-in.ts';

const PASSWORD = 'rehearsal';

/**
 * Makes the code cache of the program in `dist` after the run that most runs are: both databases hold all of
 * `migrations`. A cache holds the functions that have been called; so the run has to get through authentication and both
 * histories, and where a build runs there is no database. Hence stand-ins that know the few messages that it takes.
 */
export async function makeCache(dist: string, migrations: string): Promise<void> {
  const files = (await readdir(migrations)).filter((name) => /^\d+_.*\.(sql|cypher)$/.test(name));
  const entries = await Promise.all(
    files.map(async (name) => ({ name, checksum: checksum(await readFile(`${migrations}/${name}`, 'utf8')) })),
  );
  const postgres = await postgresStandIn(
    PASSWORD,
    entries.filter(({ name }) => name.endsWith('.sql')),
  );
  const neo4j = await boltStandIn(entries.filter(({ name }) => name.endsWith('.cypher')));
  try {
    const compile = fileURLToPath(new URL('compile.ts', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [compile, dist, 'migrate', '--json'], {
      cwd: tmpdir(),
      env: {
        POSTGRES_HOST: '127.0.0.1',
        POSTGRES_PORT: String(postgres.port),
        POSTGRES_DB: 'localrag',
        POSTGRES_USER: 'localrag',
        POSTGRES_PASSWORD: PASSWORD,
        NEO4J_URI: `bolt://127.0.0.1:${neo4j.port}`,
        NEO4J_PASSWORD: PASSWORD,
        MIGRATIONS_DIR: migrations,
        LOG_FORMAT: 'json',
        WAIT_TIMEOUT: '10s',
      },
    });
    const { applied } = JSON.parse(stdout) as { applied: readonly string[] };
    if (applied.length > 0) throw new Error(`the rehearsal had something to do: ${applied}`);
  } finally {
    await Promise.all([postgres.close(), neo4j.close()]);
  }
}
