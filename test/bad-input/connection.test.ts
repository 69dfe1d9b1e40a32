import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { directoryOf, start } from '../program.ts';
import { type FreshDatabase, freshDatabase } from '../servers/databases.ts';
import { type LocalPostgres, localPostgres } from '../servers/local-postgres.ts';
import { historyOf } from './contents.ts';
import { expectUnchanged } from './migrating.ts';
import { closedPort, http, silent, stranger } from './peers.ts';
import { type Attempt, attempt, expectRefusal, type Refusal } from './refusal.ts';

const FILES = { '001_a.sql': 'CREATE TABLE a ();' };

let server: LocalPostgres;
let database: FreshDatabase;
beforeAll(async () => {
  server = await localPostgres();
  database = await freshDatabase({ extensions: [], server });
});
afterAll(() => server.remove());

type Changes = Readonly<Record<string, string>>;

async function configured(): Promise<Changes> {
  return {
    POSTGRES_HOST: database.host,
    POSTGRES_PORT: String(database.port),
    POSTGRES_DB: database.database,
    POSTGRES_USER: database.user,
    POSTGRES_PASSWORD: database.password,
    MIGRATIONS_DIR: await directoryOf(FILES),
  };
}

/** With a configuration that is right but for these. */
async function migrate(changes: Changes): Promise<Attempt> {
  const env = { ...(await configured()), ...changes };
  return attempt(['postgres', 'migrate'], { env, secrets: [database.password] });
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client(url);
  await client.connect();
  const { rows } = await client.query(sql);
  await client.end();
  return rows;
}

test.each<[what: string, changes: Changes, refusal: Refusal]>([
  [
    'a wrong password',
    { POSTGRES_PASSWORD: 'correct-horse' },
    {
      kind: 'denied',
      says: /password authentication failed for user "test_\w+"/,
      hint: 'check POSTGRES_USER and POSTGRES_PASSWORD',
    },
  ],
  [
    'no password',
    { POSTGRES_PASSWORD: '' },
    { kind: 'denied', says: 'the server asks for a password, and none is configured', hint: 'POSTGRES_PASSWORD' },
  ],
  [
    'a user whom the server does not know',
    { POSTGRES_USER: 'nobody' },
    { kind: 'denied', says: 'password authentication failed for user "nobody"', hint: 'check POSTGRES_USER' },
  ],
  [
    'a database that is not there',
    { POSTGRES_DB: 'nowhere' },
    {
      kind: 'config',
      says: 'database "nowhere" does not exist',
      hint: 'create the database, or set POSTGRES_DB to one that exists',
    },
  ],
  [
    'TLS demanded of a server that has none',
    { POSTGRES_SSLMODE: 'require' },
    {
      kind: 'config',
      says: 'SSL connection failed: the server offers no TLS, and sslmode demands it',
      hint: 'set POSTGRES_SSLMODE=disable (or prefer), or configure the server to accept SSL',
    },
  ],
  [
    'a host whose name nobody knows',
    { POSTGRES_HOST: 'db.invalid', WAIT_TIMEOUT: '3s' },
    {
      kind: 'unreachable',
      says: 'host name not found (db.invalid): Name or service not known',
      hint: 'check POSTGRES_HOST; in Docker both containers must be on one network',
    },
  ],
  [
    'a socket that is not there',
    { POSTGRES_HOST: '/nowhere', WAIT_TIMEOUT: '1s' },
    { kind: 'unreachable', says: 'PostgreSQL at /nowhere/.s.PGSQL.', hint: 'check that the server runs' },
  ],
])('%s', (_, changes, refusal) =>
  expectUnchanged(database, async () => expectRefusal(await migrate(changes), refusal)),
);

test('a wrong password in DATABASE_URL, of characters that have a meaning there', async () => {
  const url = `postgresql://${database.user}:corr@ct/h:rse#b%25ttery@127.0.0.1:${database.port}/${database.database}`;
  const env = { DATABASE_URL: url, MIGRATIONS_DIR: await directoryOf(FILES) };
  const secrets = ['corr@ct/h:rse#b%ttery', 'rse#b', 'corr@ct'];
  expectRefusal(await attempt(['postgres', 'migrate'], { env, secrets }), {
    kind: 'denied',
    says: `password authentication failed for user "${database.user}"`,
    hint: 'POSTGRES_PASSWORD',
  });
});

test('health answers in place of an error, and leaves the reason behind', async () => {
  const env = { ...(await configured()), POSTGRES_PASSWORD: 'correct-horse' };
  const { code, stdout, stderr, termination } = await attempt(['postgres', 'health'], { env });
  expect(code).toBe(77);
  expect(stdout).toMatch(/FAIL reachable: .*password authentication failed[\s\S]*\npostgres: false\n$/);
  expect(stdout + stderr).not.toContain('correct-horse');
  expect(JSON.parse(termination)).toMatchObject({ code: 77, name: 'denied' });
});

test('a port at which nobody listens', async () => {
  const port = await closedPort();
  expectRefusal(await migrate({ POSTGRES_PORT: String(port), WAIT_TIMEOUT: '1s' }), {
    kind: 'unreachable',
    says: `PostgreSQL at 127.0.0.1:${port}: connect ECONNREFUSED`,
    hint: /check that the server runs and that host, port and firewall let this machine reach it.*WAIT_TIMEOUT/,
  });
});

test('a role whose connections are all in use', async () => {
  await database.asSuperuser(`ALTER ROLE ${database.user} CONNECTION LIMIT 0`);
  expectRefusal(await migrate({ WAIT_TIMEOUT: '1s' }), {
    kind: 'unreachable',
    says: `too many connections for role "${database.user}"`,
    hint: /are in use: end some.*CONNECTION LIMIT.*WAIT_TIMEOUT/,
  });
  await database.asSuperuser(`ALTER ROLE ${database.user} CONNECTION LIMIT -1`);
});

test('a port at which somebody accepts and never answers ends in time all the same', async () => {
  const port = await stranger(silent);
  expectRefusal(await migrate({ POSTGRES_PORT: String(port), WAIT_TIMEOUT: '1s' }), {
    kind: 'unreachable',
    says: new RegExp(`PostgreSQL at 127\\.0\\.0\\.1:${port}: .*(no answer|timed? ?out)`),
    hint: 'check that the server runs',
  });
});

test('a port at which a web server listens', async () => {
  const port = await stranger(http);
  expectRefusal(await migrate({ POSTGRES_PORT: String(port), WAIT_TIMEOUT: '1s' }), {
    kind: 'unreachable',
    says: `PostgreSQL at 127.0.0.1:${port}: Connection terminated unexpectedly`,
    hint: 'host, port and firewall',
  });
});

test('a role that may only read', async () => {
  await database.asSuperuser(`ALTER ROLE ${database.user} SET default_transaction_read_only = on`);
  await expectUnchanged(database, async () =>
    expectRefusal(await migrate({}), {
      kind: 'denied',
      says: 'cannot execute CREATE TABLE in a read-only transaction',
      hint: 'default_transaction_read_only is on',
      at: '001_a.sql:1:1',
    }),
  );
  await database.asSuperuser(`ALTER ROLE ${database.user} RESET default_transaction_read_only`);
});

test('a server that refuses connections, then takes no writes, and is promoted while the program waits', async () => {
  const standby = await localPostgres({ standbyOf: server, settings: { hot_standby: 'off' } });
  try {
    const address = { POSTGRES_PORT: String(standby.port), WAIT_TIMEOUT: '1s' };
    expectRefusal(await migrate(address), {
      kind: 'unreachable',
      says: 'the database system is not accepting connections',
      hint: 'check that the server runs',
    });

    await standby.stop();
    await appendFile(join(standby.dataDirectory, 'postgresql.conf'), 'hot_standby = on\n');
    await standby.start();
    expectRefusal(await migrate(address), {
      kind: 'unreachable',
      says: 'is a read-only standby',
      hint: 'point POSTGRES_HOST at the primary, or wait until this server has been promoted',
    });

    const running = start(['postgres', 'migrate'], {
      env: { ...(await configured()), ...address, WAIT_TIMEOUT: '60s' },
    });
    await running.event('not-ready');
    await query(standby.url, 'SELECT pg_promote()');
    expect(await running.ended).toMatchObject({ code: 0 });
    expect(await query(standby.url.replace(/postgres$/, database.database), 'SELECT filename FROM migrations')).toEqual(
      [{ filename: '001_a.sql' }],
    );
  } finally {
    await standby.remove();
  }
});

test('a server that comes up while the program waits', async () => {
  const fresh = await freshDatabase({ extensions: [], server });
  await server.stop();
  const env = { DATABASE_URL: fresh.url, MIGRATIONS_DIR: await directoryOf(FILES) };
  const running = start(['postgres', 'migrate'], { env });
  expect(await running.event('not-ready')).toMatchObject({ database: 'postgres', level: 'info' });
  await server.start();
  const { code, events } = await running.ended;
  expect({ code, events }).toMatchObject({ code: 0 });
  expect(await historyOf(fresh)).toEqual(['001_a.sql']);
});
