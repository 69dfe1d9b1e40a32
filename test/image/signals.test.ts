import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, onTestFinished, test } from 'vitest';
import { freshPostgres, postgresEnv } from '../journeys/pair.ts';
import { container, docker, onTerminal } from './container.ts';

/** Nobody listens there: without a signal the program waits for an hour. */
const unreachable = {
  POSTGRES_HOST: '127.0.0.1',
  POSTGRES_PORT: '1',
  POSTGRES_DB: 'none',
  POSTGRES_USER: 'nobody',
  WAIT_TIMEOUT: '1h',
  LOG_FORMAT: 'json',
};

test.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)('%s ends PID 1 with %i, as soon as Node can hear it', async (signal, code) => {
  // The moment of arrival differs from one start to the next: while Node starts, while the program is read, at work.
  for (let attempt = 0; attempt < 8; attempt += 1) {
    const created = await container(['postgres', 'wait'], { env: unreachable });
    await created.start();
    await created.hears();
    await created.kill(signal);
    const ended = await created.ended();
    expect([attempt, ended.code, ended.stderr]).toEqual([
      attempt,
      code,
      expect.stringContaining(`stopped by ${signal}`),
    ]);
  }
});

test('SIGTERM while Node itself starts is not lost', async () => {
  // What Node is told to run first stands in for somebody who is that fast.
  const early = 'data:text/javascript,process.kill(1, "SIGTERM")';
  const program = '/opt/localrag-migrate/dist/bin.js';
  const created = await container(['--import', early, program, 'postgres', 'wait'], {
    env: unreachable,
    options: ['--entrypoint', 'node'],
  });
  await created.start();
  const ended = await created.ended();
  expect([ended.code, ended.stderr]).toEqual([143, expect.stringContaining('stopped by SIGTERM')]);
});

test('SIGTERM at the prompt ends it', async () => {
  const name = `localrag-migrate-prompt-${process.pid}`;
  const given = ['--name', name, inject('image'), 'migrate-manual'];
  const { code } = await onTerminal(given, [['Password: ', () => void docker('kill', '--signal', 'SIGTERM', name)]]);
  expect(code).toBe(143);
});

test('docker stop in the middle of a migration: cancelled, rolled back, unlocked, 143', async () => {
  const postgres = await freshPostgres();
  const directory = await mkdtemp(join(tmpdir(), 'image-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  await chmod(directory, 0o755);
  await writeFile(join(directory, '001_long.sql'), 'CREATE TABLE half (i int);\nSELECT pg_sleep(3600);\n', {
    mode: 0o644,
  });
  const created = await container(['postgres', 'migrate'], {
    env: { ...postgresEnv(postgres), MIGRATIONS_DIR: '/migrations' },
    options: ['--volume', `${directory}:/migrations:ro`],
  });
  await created.start();
  const sleeping =
    "SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'";
  await expect.poll(() => postgres.query(sleeping), { timeout: 30_000 }).toEqual([{ n: 1 }]);
  const began = performance.now();
  await created.stop();
  const ended = await created.ended();
  expect([ended.code, ended.stderr]).toEqual([143, expect.stringContaining('stopped by SIGTERM')]);
  // docker stop would have killed it after ten seconds.
  expect(performance.now() - began).toBeLessThan(9_000);
  expect(await postgres.query(sleeping)).toEqual([{ n: 0 }]);
  expect(await postgres.query("SELECT to_regclass('half') AS half")).toEqual([{ half: null }]);
});
