import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';

/** How a run ends whose databases do not answer. */
const UNREACHABLE = 69;

/**
 * Makes the code cache of the program in `dist`. A cache holds the functions that have been called, and where a build runs
 * there is no database: so this run reads `migrations`, loads both drivers, and finds that nobody listens at port 1.
 */
export async function makeCache(dist: string, migrations: string): Promise<void> {
  const compile = fileURLToPath(new URL('compile.ts', import.meta.url));
  const child = spawn(process.execPath, [compile, dist, 'migrate'], {
    cwd: tmpdir(),
    env: {
      POSTGRES_HOST: '127.0.0.1',
      POSTGRES_PORT: '1',
      POSTGRES_DB: 'localrag',
      POSTGRES_USER: 'localrag',
      POSTGRES_PASSWORD: 'rehearsal',
      NEO4J_URI: 'bolt://127.0.0.1:1',
      NEO4J_PASSWORD: 'rehearsal',
      MIGRATIONS_DIR: migrations,
      LOG_FORMAT: 'json',
      LOG_LEVEL: 'error',
      WAIT_TIMEOUT: '100ms',
    },
    stdio: 'ignore',
  });
  const [code] = await once(child, 'close');
  if (code !== UNREACHABLE) throw new Error(`the run that makes the code cache ended with ${code}`);
}
