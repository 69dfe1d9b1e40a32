import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { expectUnchanged } from '../bad-input/migrating.ts';
import { attempt, expectRefusal } from '../bad-input/refusal.ts';
import { freshPostgres, postgresEnv } from '../journeys/pair.ts';
import { directoryOf, run, start } from '../program.ts';
import type { FreshDatabase } from '../servers/databases.ts';
import { advisoryLocks } from '../servers/databases.ts';
import { migrations, type Pool, poolOf } from './pool.ts';

const LEDGER = "SELECT string_agg(what, ' ' ORDER BY what) AS entries FROM ledger";

describe('session mode', () => {
  test.each([
    { auth: 'plain', size: 1 },
    { auth: 'plain', size: 5 },
    { auth: 'md5', size: 5 },
    { auth: 'scram', size: 1 },
    { auth: 'scram', size: 5 },
  ] as const)('$auth, $size backends: two racers migrate once, and a further run finds nothing', async (row) => {
    const database = await freshPostgres({ extensions: [] });
    const settings = { default_pool_size: row.size };
    const pool = await poolOf(database, { poolMode: 'session', auth: row.auth, settings });
    const env = { ...pool.env, MIGRATIONS_DIR: await migrations() };
    const begin = performance.now();
    const racers = await Promise.all([run(['postgres', 'migrate'], { env }), run(['postgres', 'migrate'], { env })]);
    expect(racers).toMatchObject([{ code: 0 }, { code: 0 }]);
    // Nobody waits for a backend that a full pool does not give.
    expect(performance.now() - begin).toBeLessThan(10_000);
    expect(await database.query(LEDGER)).toEqual([{ entries: '001 003 004 005' }]);

    const again = await run(['postgres', 'migrate'], { env });
    expect(again).toMatchObject({ code: 0, events: [{ event: 'up-to-date' }] });
    expect(await advisoryLocks(database)).toBe(0);
  });

  test.each([
    ['SIGTERM', { code: 143 }],
    ['SIGKILL', { signal: 'SIGKILL' }],
  ] as const)('%s in the only backend: its work and its lock go, and the next run is served', async (signal, end) => {
    const database = await freshPostgres({ extensions: [] });
    const pool = await poolOf(database, { poolMode: 'session', settings: { default_pool_size: 1 } });
    const directory = await directoryOf({ '001_long.sql': 'CREATE TABLE a ();\nSELECT pg_sleep(3600);\n' });
    const env = { ...pool.env, MIGRATIONS_DIR: directory };
    const running = start(['postgres', 'migrate'], { env });
    const sleeping = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'";
    await expect.poll(() => database.asSuperuser(sleeping), { timeout: 20_000 }).toHaveLength(1);
    running.process.kill(signal);
    expect(await running.ended).toMatchObject(end);

    await writeFile(join(directory, '001_long.sql'), 'CREATE TABLE a ();\n');
    expect(await run(['postgres', 'migrate'], { env })).toMatchObject({ code: 0 });
    expect(await advisoryLocks(database)).toBe(0);
  });
});

async function expectRefused(database: FreshDatabase, pool: Pool): Promise<void> {
  const env = { ...pool.env, LOG_FORMAT: 'text', MIGRATIONS_DIR: await migrations() };
  await expectUnchanged(database, async () =>
    expectRefusal(await attempt(['postgres', 'migrate'], { env }), {
      kind: 'config',
      says: 'through a pooler in transaction or statement mode, where a migration lock protects nobody',
      hint: 'point POSTGRES_HOST and POSTGRES_PORT at the server itself, or at a pool in session mode',
    }),
  );
  expect(await advisoryLocks(database)).toBe(0);
}

/** A client of the pool, the test's own. */
async function clientOf(pool: Pool): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: pool.url, application_name: 'the application' });
  await client.connect();
  return client;
}

/** Clients of the pool that run this over and over until the test ends. */
async function busy(pool: Pool, clients: number, sql: string): Promise<void> {
  let stopped = false;
  const one = async () => {
    const client = await clientOf(pool);
    while (!stopped) await client.query(sql);
    await client.end();
  };
  const all = Promise.all(Array.from({ length: clients }, one));
  onTestFinished(async () => {
    stopped = true;
    await all;
  });
}

describe.each(['transaction', 'statement'] as const)('%s mode is refused', (poolMode) => {
  test.each([
    { auth: 'plain', size: 1 },
    { auth: 'scram', size: 5 },
  ] as const)('$auth, $size backends', async ({ auth, size }) => {
    const database = await freshPostgres({ extensions: [] });
    await expectRefused(database, await poolOf(database, { poolMode, auth, settings: { default_pool_size: size } }));
  });

  test('while two backends are lent in turn, so that two clients get the same one again each', async () => {
    const database = await freshPostgres({ extensions: [] });
    const pool = await poolOf(database, { poolMode, settings: { default_pool_size: 2, server_round_robin: 1 } });
    const clients = await Promise.all([clientOf(pool), clientOf(pool)]);
    const asked = clients.map((client) => client.query('SELECT pg_backend_pid() AS pid, pg_sleep(0.2)'));
    const pids = (await Promise.all(asked)).map(({ rows }) => rows[0].pid);
    expect(new Set(pids).size).toBe(2);
    for (const client of clients) await client.end();
    await expectRefused(database, pool);
  });
});

describe('transaction mode is refused in a pool where others work', () => {
  test('with backends to spare, now and then', async () => {
    const database = await freshPostgres({ extensions: [] });
    const pool = await poolOf(database, { poolMode: 'transaction', settings: { default_pool_size: 3 } });
    await busy(pool, 4, 'SELECT pg_sleep(random() * 0.003)');
    await expectRefused(database, pool);
  });

  test('with every backend taken, and a line', async () => {
    const database = await freshPostgres({ extensions: [] });
    const pool = await poolOf(database, { poolMode: 'transaction', settings: { default_pool_size: 1 } });
    await busy(pool, 3, 'SELECT pg_sleep(0.4)');
    await expectRefused(database, pool);
  });
});

test.each([
  { poolMode: 'transaction', commands: ['migrate', 'status', 'plan', 'wait', 'health'] },
  { poolMode: 'statement', commands: ['migrate', 'status'] },
] as const)('what only reads works in $poolMode mode', async ({ poolMode, commands }) => {
  const database = await freshPostgres();
  const pool = await poolOf(database, { poolMode });
  const directory = await migrations();
  const env = { ...pool.env, MIGRATIONS_DIR: directory };
  expect((await run(['postgres', 'migrate'], { env: { ...env, ...postgresEnv(database) } })).code).toBe(0);
  for (const command of commands) expect(await run(['postgres', command], { env }), command).toMatchObject({ code: 0 });

  await writeFile(join(directory, '006_pending.sql'), 'SELECT 1;\n');
  for (const command of ['status', 'plan', 'migrate --dry-run'])
    expect(await run(['postgres', ...command.split(' ')], { env }), command).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('006_pending.sql'),
    });
});
