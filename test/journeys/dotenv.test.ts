// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts of a .env have such placeholders
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, onTestFinished, test } from 'vitest';
import { run } from '../program.ts';
import { freshPair, type Pair } from './pair.ts';

/** A `.env` as LocalRAG has it: one file for all of its programs, with what they share put together from parts. */
function dotenvOf({ postgres, env }: Pair): string {
  const others = Array.from(
    { length: 100 },
    (_, index) => `OTHER_SETTING_${index}=value ${index}  # of another program`,
  );
  return [
    '# Database',
    `POSTGRES_USER=${postgres.user}`,
    `POSTGRES_PASSWORD=${postgres.password}`,
    `POSTGRES_HOST=${postgres.host}`,
    `POSTGRES_PORT=${postgres.port}`,
    `POSTGRES_DB=${postgres.database}`,
    'DATABASE_URL=postgresql+asyncpg://${POSTGRES_USER}:${POSTGRES_PASSWORD}@${POSTGRES_HOST}:${POSTGRES_PORT}/${POSTGRES_DB}',
    '',
    `NEO4J_URI=${env.NEO4J_URI}`,
    `NEO4J_USER=${env.NEO4J_USER}`,
    `NEO4J_PASSWORD=${env.NEO4J_PASSWORD}`,
    `REDIS_URL=${inject('redis').url}`,
    '',
    'LOG_LEVEL=INFO',
    'LOG_FORMAT=%(asctime)s %(levelname)s %(message)s',
    'API_KEY=sk-abc#def',
    'SYSTEM_PROMPT="You answer questions.\n  Use the documents."',
    'CORS_ORIGINS=["http://localhost:3000"]',
    'FEATURE_FLAG',
    ...others,
  ].join('\n');
}

test("LocalRAG's own .env is all that health, migrate and status need", async () => {
  const pair = await freshPair();
  await pair.postgres.asSuperuser(`ALTER ROLE ${pair.postgres.user} PASSWORD 'a#b@c/d'`);
  const directory = await mkdtemp(join(tmpdir(), 'localrag-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  await writeFile(join(directory, '.env'), dotenvOf({ ...pair, postgres: { ...pair.postgres, password: 'a#b@c/d' } }));

  const health = await run(['health'], { cwd: directory });
  expect(health).toMatchObject({ code: 0, stdout: expect.stringContaining('redis: true') });
  const migrate = await run(['migrate'], { cwd: directory });
  expect({ code: migrate.code, stderr: migrate.stderr }).toMatchObject({ code: 0 });
  const status = await run(['status', '--json'], { cwd: directory });
  expect(status.code).toBe(0);
  expect(JSON.parse(status.stdout)).toMatchObject({ pending: [] });
  for (const text of [health, migrate, status].flatMap(({ stdout, stderr }) => [stdout, stderr])) {
    expect(text).not.toMatch(/a#b|sk-abc/);
  }
});
