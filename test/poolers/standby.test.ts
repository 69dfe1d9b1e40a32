import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import pg from 'pg';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { postgresEnv } from '../journeys/pair.ts';
import { directoryOf, run, start } from '../program.ts';
import { type FreshDatabase, freshDatabase } from '../servers/databases.ts';
import { type LocalPostgres, localPostgres } from '../servers/local-postgres.ts';

let primary: LocalPostgres;
let standby: LocalPostgres;
let database: FreshDatabase;
beforeAll(async () => {
  primary = await localPostgres();
  standby = await localPostgres({ standbyOf: primary });
  database = await freshDatabase({ server: primary });
});
afterAll(() => Promise.all([primary.remove(), standby.remove()]));

const FIRST = { '001_ledger.sql': "CREATE TABLE ledger (what text);\nINSERT INTO ledger VALUES ('001');\n" };

/** In the standby's copy of the database; nothing where that has not arrived yet. */
async function onStandby(sql: string): Promise<unknown[]> {
  const url = new URL(database.url);
  url.port = String(standby.port);
  const client = new pg.Client(url.href);
  try {
    await client.connect();
    return (await client.query(sql)).rows;
  } catch {
    return [];
  } finally {
    await client.end();
  }
}

/** One address for whichever server it is pointed at, as a service or a virtual address is. */
async function addressOf(server: { readonly port: number }) {
  const address = createServer((client) => {
    const upstream = connect(server.port, '127.0.0.1');
    client.pipe(upstream).pipe(client);
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const)
      one.on('error', () => {}).on('close', () => other.destroy());
  });
  address.listen(0, '127.0.0.1');
  await once(address, 'listening');
  onTestFinished(() => void address.close());
  return {
    port: (address.address() as AddressInfo).port,
    pointAt: (next: { readonly port: number }) => {
      server = next;
    },
  };
}

test('what only reads works on a standby, and so does migrate where nothing is pending', async () => {
  const MIGRATIONS_DIR = await directoryOf(FIRST);
  const env = { ...postgresEnv(database), MIGRATIONS_DIR };
  expect(await run(['postgres', 'migrate'], { env })).toMatchObject({ code: 0 });
  await expect.poll(() => onStandby('SELECT filename FROM migrations')).toEqual([{ filename: '001_ledger.sql' }]);

  const reading = { ...env, POSTGRES_PORT: String(standby.port) };
  for (const command of ['status', 'plan', 'wait', 'migrate'])
    expect(await run(['postgres', command], { env: reading }), command).toMatchObject({ code: 0 });
});

test('a primary that dies in the middle of a migration, and a standby that takes its place: every migration is there once', async () => {
  await database.query('CREATE TABLE gate ()');
  const holder = new pg.Client(database.url);
  holder.on('error', () => {});
  await holder.connect();
  await holder.query('BEGIN; LOCK TABLE gate IN SHARE MODE');

  const address = await addressOf(primary);
  const MIGRATIONS_DIR = await directoryOf({
    ...FIRST,
    '002_before.sql': "INSERT INTO ledger VALUES ('002');\n",
    '003_gated.sql': "INSERT INTO ledger VALUES ('003');\nINSERT INTO gate DEFAULT VALUES;\n",
  });
  const env = { ...postgresEnv(database), POSTGRES_PORT: String(address.port), MIGRATIONS_DIR };
  const running = start(['postgres', 'migrate'], { env });
  await expect
    .poll(() => onStandby("SELECT FROM migrations WHERE filename = '002_before.sql'"), { timeout: 20_000 })
    .toHaveLength(1);
  address.pointAt(standby);
  await primary.stop('immediate');

  expect(await running.event('not-ready')).toMatchObject({
    message: expect.stringContaining('is a read-only standby'),
  });
  const administrator = new pg.Client(standby.url);
  await administrator.connect();
  await administrator.query('SELECT pg_promote()');
  await administrator.end();

  const ended = await running.ended;
  expect(ended.code, ended.stderr).toBe(0);
  expect(ended.events.map(({ event }) => event)).toContain('reconnecting');
  expect(await onStandby("SELECT string_agg(what, ' ' ORDER BY what) AS entries FROM ledger")).toEqual([
    { entries: '001 002 003' },
  ]);
});
