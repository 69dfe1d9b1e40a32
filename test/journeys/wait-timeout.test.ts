import { createServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { directoryOf, run, start } from '../program.ts';
import { freshPair, freshPostgres, postgresEnv } from './pair.ts';

const FILES = { '001_table.sql': 'CREATE TABLE items (id int);\n', '002_node.cypher': 'CREATE (:Item);\n' };

describe('WAIT_TIMEOUT=0 is one attempt', () => {
  test.each(['migrate', 'status', 'wait', 'health'])('%s works on servers that are there', async (command) => {
    const { env } = await freshPair();
    const settings = { ...env, MIGRATIONS_DIR: await directoryOf(FILES), WAIT_TIMEOUT: '0' };
    if (command === 'wait') expect((await run(['migrate'], { env: settings })).code).toBe(0);
    const { code, stderr } = await run([command], { env: settings });
    expect(code, stderr).toBe(0);
  });

  test('and ends with 69 where nothing listens', async () => {
    const postgres = await freshPostgres();
    const env = {
      ...postgresEnv(postgres),
      POSTGRES_PORT: '1',
      MIGRATIONS_DIR: await directoryOf(FILES),
      WAIT_TIMEOUT: '0',
    };
    const { code, events } = await run(['postgres', 'migrate'], { env });
    expect([code, events.filter(({ event }) => event === 'not-ready')]).toEqual([69, []]);
  });
});

test('a wrong password for one database is reported at once, while the other is not there', async () => {
  const { env } = await freshPair();
  const settings = { ...env, MIGRATIONS_DIR: await directoryOf(FILES), WAIT_TIMEOUT: '10m' };
  const wrong = await run(['migrate'], {
    env: { ...settings, POSTGRES_PASSWORD: 'no-such-password', NEO4J_URI: 'bolt://127.0.0.1:1' },
  });
  expect([wrong.code, wrong.stderr.includes('no-such-password')]).toEqual([77, false]);
  const other = await run(['status'], { env: { ...settings, NEO4J_PASSWORD: 'no-such-password', POSTGRES_PORT: '1' } });
  expect(other.code).toBe(77);
});

test('wait keeps no session beside the one that it asks with, while the other database is not there', async () => {
  const { postgres, env } = await freshPair();
  // Takes connections and says nothing.
  const silent = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void silent.close());
  await new Promise((resolve) => silent.once('listening', resolve));
  const { port } = silent.address() as { port: number };
  const sessions = () =>
    postgres.asSuperuser<{ n: number }>(
      "SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'localrag-migrate%'",
    );
  for (const command of ['wait', 'status']) {
    const waiting = start([command], {
      env: {
        ...env,
        NEO4J_URI: `bolt://127.0.0.1:${port}`,
        MIGRATIONS_DIR: await directoryOf(FILES),
        WAIT_TIMEOUT: '10m',
      },
    });
    await waiting.event(command === 'wait' ? 'waiting' : 'not-ready');
    await expect.poll(sessions, { timeout: 30_000 }).toEqual([{ n: 0 }]);
    waiting.process.kill('SIGKILL');
    await waiting.ended;
  }
});
