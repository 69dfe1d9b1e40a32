import { readFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { createSecureContext, connect as secure, TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { attempt, expectRefusal, expectSuccess } from '../bad-input/refusal.ts';
import { directoryOf } from '../program.ts';
import { type FreshDatabase, freshDatabase } from '../servers/databases.ts';
import { type LocalPostgres, localPostgres } from '../servers/local-postgres.ts';
import { freshPostgres, postgresEnv } from './pair.ts';

const pem = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../config/certificates/${name}`, import.meta.url)), 'utf8');
const FILES = {
  '001_tls.sql': 'CREATE TABLE tls AS SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid();',
};

let server: LocalPostgres;
let database: FreshDatabase;
beforeAll(async () => {
  server = await localPostgres({
    tls: { cert: pem('server.pem'), key: pem('server.key') },
    hba: 'host all trusted all trust\nhost all clear all password\nhost all hashed all md5\nhost all all all scram-sha-256\n',
  });
  database = await freshDatabase({ extensions: [], server });
  const password = `PASSWORD '${database.password}'`;
  await database.asSuperuser(`CREATE ROLE trusted LOGIN SUPERUSER; CREATE ROLE clear LOGIN SUPERUSER ${password};
    SET password_encryption = 'md5'; CREATE ROLE hashed LOGIN SUPERUSER ${password}`);
});
afterAll(() => server.remove());

async function migrate(query: string, { port = server.port, user = database.user, env = {} } = {}) {
  const DATABASE_URL = `postgresql://${user}:${database.password}@127.0.0.1:${port}/${database.database}?${query}`;
  const MIGRATIONS_DIR = await directoryOf(FILES);
  return attempt(['postgres', 'migrate'], { env: { DATABASE_URL, MIGRATIONS_DIR, ...env } });
}

/** Ends the TLS of the client with a certificate of its own, and speaks TLS with the server: what only binding notices. */
async function relay(port: number): Promise<number> {
  const sockets = new Set<Socket>();
  const secureContext = createSecureContext({ cert: pem('client.pem'), key: pem('client.key') });
  const listener = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    for (const socket of [client, upstream]) sockets.add(socket.on('error', () => {}));
    // Both sides begin with SSLRequest and its answer of one byte.
    client.once('data', (request) => upstream.write(request));
    upstream.once('data', (answer) => {
      const inner = secure({ socket: upstream, rejectUnauthorized: false });
      client.write(answer);
      const outer = new TLSSocket(client, { isServer: true, secureContext });
      for (const socket of [inner, outer]) socket.on('error', () => {});
      inner.pipe(outer).pipe(inner);
    });
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    listener.close();
  });
  return (listener.address() as { readonly port: number }).port;
}

test('a login is bound by default and on demand, and with the versions of TLS that are set', async () => {
  expectSuccess(await migrate('sslmode=require&ssl_max_protocol_version=TLSv1.2'));
  expect(await database.query('SELECT version FROM tls')).toEqual([{ version: 'TLSv1.2' }]);
  await database.query('DROP TABLE tls, migrations');
  expectSuccess(await migrate('channel_binding=require', { env: { PGSSLMINPROTOCOLVERSION: 'TLSv1.3' } }));
  expect(await database.query('SELECT version FROM tls')).toEqual([{ version: 'TLSv1.3' }]);
});

test('a relay with a certificate of its own is noticed, unless binding is disabled', async () => {
  const port = await relay(server.port);
  for (const mode of ['prefer', 'require']) {
    const refused = await migrate(`sslmode=require&channel_binding=${mode}`, { port });
    expectRefusal(refused, {
      kind: 'config',
      says: 'SCRAM channel binding check failed',
      hint: 'connect to the server itself',
    });
  }
  expectSuccess(await migrate('sslmode=require&channel_binding=disable', { port }));
});

test.each([
  ['trusted', 'the server let the client in without channel binding'],
  ['clear', 'the server offers no login with channel binding'],
  ['hashed', 'the server offers no login with channel binding'],
])('channel_binding=require refuses the login of the role %s', async (user, says) => {
  expectRefusal(await migrate('channel_binding=require', { user }), {
    kind: 'config',
    says: `channel binding required, but ${says}`,
    hint: 'PGCHANNELBINDING=prefer',
  });
  expectSuccess(await migrate('sslmode=require&channel_binding=prefer', { user }));
});

test('channel_binding=require refuses a server without TLS', async () => {
  const { LOG_FORMAT, LOG_LEVEL, ...env } = postgresEnv(await freshPostgres());
  expectRefusal(await attempt(['postgres', 'migrate'], { env: { ...env, PGCHANNELBINDING: 'require' } }), {
    kind: 'config',
    says: 'SSL connection failed: the server offers no TLS, and channel_binding=require demands it',
  });
});
