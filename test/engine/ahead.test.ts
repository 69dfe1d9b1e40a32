import { expect, onTestFinished, test } from 'vitest';
import { parseMigration } from '../../src/core/parse.ts';
import { PostgresEngine } from '../../src/engine/postgres/engine.ts';
import { budgets, identity } from '../contract/settings.ts';
import { postgresFrames } from '../faults/frames.ts';
import { FaultyProxy } from '../faults/proxy.ts';
import { freshPostgres, postgresEnv } from '../journeys/pair.ts';
import { directoryOf, run, start } from '../program.ts';
import { advisoryLocks, type FreshDatabase } from '../servers/databases.ts';
import { session } from '../traffic/held.ts';

/* SQL files that follow each other are sent before the ones ahead of them are answered (docs/adr/0009-sent-ahead.md). */

const COUNT = 20;
const name = (number: number) => `${String(number).padStart(3, '0')}_file.sql`;

/** Each file leaves a row, and moves a sequence, which no rollback takes back. */
async function files(others: Readonly<Record<number, string>> = {}): Promise<string> {
  const texts = Array.from({ length: COUNT }, (_, index) => {
    const own = others[index + 1] ?? '';
    return [name(index + 1), `SELECT nextval('tries');\n${own}INSERT INTO effects VALUES (${index + 1});\n`];
  });
  return directoryOf(Object.fromEntries(texts));
}

async function prepared(): Promise<FreshDatabase> {
  const postgres = await freshPostgres({ extensions: [] });
  await postgres.query('CREATE TABLE effects (file int); CREATE SEQUENCE tries; CREATE TABLE held ()');
  await postgres.query(
    'CREATE TABLE node (id int PRIMARY KEY, next int REFERENCES node DEFERRABLE INITIALLY DEFERRED)',
  );
  return postgres;
}

async function left(postgres: FreshDatabase) {
  const [row] = await postgres.query<{ effects: number[]; history: number[]; tries: number }>(
    `SELECT array(SELECT file FROM effects ORDER BY file) AS effects, (SELECT last_value::int FROM tries) AS tries,
      array(SELECT left(filename, 3)::int FROM migrations WHERE state = 'applied' ORDER BY id) AS history`,
  );
  return row;
}

const first = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

test('eight are under way before any of them is answered, and each is told in its turn', async () => {
  const postgres = await prepared();
  const proxy = await FaultyProxy.open(postgresFrames, postgres);
  onTestFinished(() => proxy.close());
  const sent: string[] = [];
  const eight = Promise.withResolvers<void>();
  proxy.watch = async ({ direction, name, request }) => {
    const file = /^Query BEGIN \/\* (\d+)_/.exec(name)?.[1];
    if (direction === 'up' && file !== undefined && sent.push(file) === 9) eight.resolve();
    // The first one is alone, because it makes the history table.
    if (direction === 'down' && request.includes('/* 002_')) await eight.promise;
    return true;
  };
  const through = { POSTGRES_HOST: '127.0.0.1', POSTGRES_PORT: String(proxy.port), POSTGRES_SSLMODE: 'disable' };
  const env = { ...postgresEnv(postgres), ...through, MIGRATIONS_DIR: await files() };
  const { code, events, stderr } = await run(['postgres', 'migrate'], { env });
  expect(code, stderr).toBe(0);
  const told = events.filter(({ event }) => event === 'started' || event === 'applied');
  expect(told.map(({ event, migration }) => `${event} ${migration}`)).toEqual(
    first(COUNT).flatMap((number) => [`started ${name(number)}`, `applied ${name(number)}`]),
  );
  expect(await left(postgres)).toEqual({ effects: first(COUNT), history: first(COUNT), tries: COUNT });
});

test.each<[what: string, statement: string, place: string]>([
  ['by a statement', 'SELECT 1 / 0;\n', `${name(7)}:2:1`],
  // No failed transaction is left behind then, in which the server would refuse what follows by itself.
  ['by COMMIT', 'DECLARE c CURSOR WITH HOLD FOR SELECT 1 / i FROM generate_series(0, 0) i;\n', name(7)],
  ['by a deferred constraint', 'INSERT INTO node VALUES (1, 2);\n', name(7)],
])('refused %s: what follows does nothing, not even what no rollback takes back', async (_, statement, place) => {
  const postgres = await prepared();
  const env = { ...postgresEnv(postgres), MIGRATIONS_DIR: await files({ 7: statement }) };
  const { code, stderr } = await run(['postgres', 'migrate'], { env: { ...env, LOG_FORMAT: 'text' } });
  expect(code).toBe(70);
  expect(stderr).toContain(`error: ${place}: `);
  expect(await left(postgres)).toEqual({ effects: first(6), history: first(6), tries: 7 });
  expect(await advisoryLocks(postgres)).toBe(0);

  const mended = await run(['postgres', 'migrate'], { env: { ...env, MIGRATIONS_DIR: await files() } });
  expect(mended.code, mended.stderr).toBe(0);
  expect(await left(postgres)).toEqual({ effects: first(COUNT), history: first(COUNT), tries: COUNT + 1 });
});

test('a lock that is not had: that one is tried again, then those behind it, each of them once', async () => {
  const postgres = await prepared();
  const holder = await session(postgres.url);
  await holder.query('BEGIN; LOCK TABLE held');
  const MIGRATIONS_DIR = await files({ 7: 'ALTER TABLE held ADD COLUMN a int;\n' });
  const env = { ...postgresEnv(postgres), MIGRATIONS_DIR, DDL_LOCK_TIMEOUT: '200ms' };
  const running = start(['postgres', 'migrate'], { env });
  expect(await running.event('retrying')).toMatchObject({ migration: name(7) });
  await holder.query('COMMIT');
  const { code, stderr } = await running.ended;
  expect(code, stderr).toBe(0);
  expect(await left(postgres)).toMatchObject({ effects: first(COUNT), history: first(COUNT) });
});

test('stopped in the middle: what is under way is rolled back, and nothing follows', async () => {
  const postgres = await prepared();
  const env = { ...postgresEnv(postgres), MIGRATIONS_DIR: await files({ 7: 'SELECT pg_sleep(300);\n' }) };
  const running = start(['postgres', 'migrate'], { env });
  await expect.poll(async () => (await left(postgres).catch(() => undefined))?.tries).toBe(7);
  running.process.kill('SIGTERM');
  const { code, events } = await running.ended;
  expect(code).toBe(143);
  expect(events).toContainEqual(expect.objectContaining({ event: 'unlocked', database: 'postgres' }));
  expect(await left(postgres)).toEqual({ effects: first(6), history: first(6), tries: 7 });
});

test('sent ahead and never had its turn: it is cancelled before the lock is given back', async () => {
  const postgres = await prepared();
  const config = { ...postgres, sslmode: 'disable' as const, tls: [false as const], connectTimeout: 10_000 };
  const engine = new PostgresEngine({ config, budgets, identity, emit: () => {} });
  const migrations = ['SELECT 1', 'SELECT 2', 'SELECT pg_sleep(300)'].map((text, index) => {
    const { migration } = parseMigration(name(index + 1), Buffer.from(text));
    if (migration === undefined) throw new Error('unreachable');
    return migration;
  });
  const [one, two, endless] = migrations as [(typeof migrations)[0], (typeof migrations)[0], (typeof migrations)[0]];
  const { signal } = new AbortController();
  await engine.locked(signal, async (db) => {
    await db.apply(one, 0, signal);
    await db.apply(two, 0, signal, [endless]);
  });
  expect((await engine.history(signal)).entries.map((entry) => entry.name)).toEqual([one.name, two.name]);
  expect(await advisoryLocks(postgres)).toBe(0);
  await engine.close();
});
