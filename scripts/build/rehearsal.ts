import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { answering, QUESTIONS, readAnswers } from './answers.ts';

/** The migrations that the databases hold which the answers are from. */
export const SETTLED = fileURLToPath(new URL('settled', import.meta.url));

/**
 * Makes the code cache of the program in `dist`: a cache holds the functions that have been called. This run is one that finds
 * nothing to do, as most are. Where a build runs there is no database, so it hears what real ones have answered.
 */
export async function makeCache(dist: string): Promise<void> {
  const answers = await readAnswers();
  const [postgres, neo4j] = await Promise.all([
    answering(QUESTIONS.postgres, answers.postgres),
    answering(QUESTIONS.neo4j, answers.neo4j),
  ]);
  const compile = fileURLToPath(new URL('compile.ts', import.meta.url));
  const child = spawn(process.execPath, [compile, dist, 'migrate'], {
    cwd: tmpdir(),
    env: {
      POSTGRES_HOST: '127.0.0.1',
      POSTGRES_PORT: String(postgres.port),
      POSTGRES_DB: 'localrag',
      POSTGRES_USER: 'localrag',
      POSTGRES_PASSWORD: 'rehearsal',
      POSTGRES_SSLMODE: 'disable',
      NEO4J_URI: `bolt://127.0.0.1:${neo4j.port}`,
      NEO4J_PASSWORD: 'rehearsal',
      MIGRATIONS_DIR: SETTLED,
      LOG_FORMAT: 'json',
      WAIT_TIMEOUT: '10s',
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const [code] = await once(child, 'close');
  for (const server of [postgres, neo4j]) server.close();
  if (code !== 0 || !said.includes('"up-to-date"'))
    throw new Error(`the answers of the databases do not fit the program any more (npm run answers): ${said}`);
}
