import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { plaintextWarning, type SslMode } from '../../src/config.ts';
import { load, POSTGRES, postgres, problemsOf } from './loading.ts';

const path = (name: string) => new URL(`certificates/${name}`, import.meta.url).pathname;
const pem = (name: string) => readFileSync(path(name), 'utf8');
const withMode = (POSTGRES_SSLMODE: string, env = {}) => postgres({ ...POSTGRES, POSTGRES_SSLMODE, ...env });
const root = { POSTGRES_SSLROOTCERT: path('ca.pem') };
const client = { POSTGRES_SSLCERT: path('client.pem'), POSTGRES_SSLKEY: path('client.key') };

const servername = 'db.example';
const unverified = { servername, rejectUnauthorized: false, ca: [] };
const chain = { servername, ca: pem('ca.pem'), rejectUnauthorized: true, checkServerIdentity: expect.any(Function) };
const full = { servername, rejectUnauthorized: true };

describe('sslmode, as libpq means it', () => {
  test.each<[SslMode, object, unknown[]]>([
    ['disable', {}, [false]],
    ['allow', {}, [false, unverified]],
    ['prefer', {}, [unverified, false]],
    ['require', {}, [unverified]],
    ['verify-full', {}, [full]],
    ['disable', root, [false]],
    ['allow', root, [false, chain]],
    ['prefer', root, [chain, false]],
    ['require', root, [chain]],
    ['verify-ca', root, [chain]],
    ['verify-full', root, [{ ...full, ca: pem('ca.pem') }]],
    ['verify-full', { POSTGRES_SSLROOTCERT: 'system' }, [full]],
    ['require', client, [{ ...unverified, cert: pem('client.pem'), key: pem('client.key') }]],
    ['disable', client, [false]],
  ])('%s with %o', (mode, env, tls) => {
    expect(withMode(mode, env)).toMatchObject({ sslmode: mode });
    expect(withMode(mode, env).tls).toEqual(tls);
  });

  test('is verify-full by default with sslrootcert=system', () => {
    expect(postgres({ ...POSTGRES, PGSSLROOTCERT: 'system' })).toMatchObject({ sslmode: 'verify-full', tls: [full] });
  });

  test('says nothing to a Unix socket', () => {
    const POSTGRES_HOST = '/var/run/postgresql';
    expect(withMode('verify-full', { POSTGRES_HOST, POSTGRES_SSLROOTCERT: '/nowhere' }).tls).toEqual([false]);
  });

  test.each(['10.0.0.7', '::1'])('sends no name to the address %s', (POSTGRES_HOST) => {
    expect(withMode('require', { POSTGRES_HOST }).tls).toEqual([{ rejectUnauthorized: false, ca: [] }]);
  });

  test('comes from the parameters of DATABASE_URL too', () => {
    const query = `sslmode=verify-full&sslrootcert=${path('ca.pem')}&sslcert=${path('client.pem')}&sslkey=${path('client.key')}`;
    expect(postgres({ DATABASE_URL: `postgresql://u@${servername}/d?${query}` }).tls).toEqual([
      { ...full, ca: pem('ca.pem'), cert: pem('client.pem'), key: pem('client.key') },
    ]);
  });
});

describe('certificates that cannot be used', () => {
  test.each<[string, object, string]>([
    ['verify-ca', {}, 'sslmode verify-ca needs a root certificate, but POSTGRES_SSLROOTCERT is not set'],
    ['verify-ca', { POSTGRES_SSLROOTCERT: 'system' }, 'POSTGRES_SSLROOTCERT is system'],
    ['require', { PGSSLROOTCERT: 'system' }, 'PGSSLROOTCERT is system'],
    ['require', { POSTGRES_SSLROOTCERT: '/nowhere' }, 'POSTGRES_SSLROOTCERT: /nowhere: no such file or directory'],
    ['require', { POSTGRES_SSLROOTCERT: '/' }, 'POSTGRES_SSLROOTCERT: /: illegal operation on a directory'],
    ['require', { POSTGRES_SSLROOTCERT: import.meta.filename }, 'POSTGRES_SSLROOTCERT: holds no certificate in PEM'],
    [
      'require',
      { POSTGRES_SSLCERT: path('client.pem') },
      'POSTGRES_SSLCERT tells a client certificate without its key',
    ],
    ['require', { POSTGRES_SSLKEY: path('client.key') }, 'POSTGRES_SSLKEY tells a client key without its certificate'],
    ['require', { ...client, POSTGRES_SSLKEY: path('server.key') }, 'not a certificate and its key'],
    ['require', { ...client, POSTGRES_SSLKEY: path('client-encrypted.key') }, 'not a certificate and its key'],
    ['require', { ...client, POSTGRES_SSLCERT: path('client.key') }, 'not a certificate and its key'],
  ])('%s with %o', (mode, env, words) => {
    expect(problemsOf(() => withMode(mode, env))).toEqual([expect.stringContaining(words)]);
  });

  test('are named in a warning where sslmode=disable leaves them unused', () => {
    const { warnings } = load({ ...POSTGRES, ...root, POSTGRES_SSLMODE: 'disable' }, { scope: ['postgres'] });
    expect(warnings).toEqual(['POSTGRES_SSLROOTCERT is not used, because sslmode is disable']);
  });
});

describe('a handshake', () => {
  let server: Server;
  beforeAll(async () => {
    const accepted = { cert: pem('server.pem'), key: pem('server.key'), ca: pem('ca.pem') };
    server = createServer({ ...accepted, requestCert: true, rejectUnauthorized: false }, (socket) => {
      socket.on('error', () => {});
      socket.end(socket.authorized ? 'known' : 'unknown');
    });
    server.on('tlsClientError', () => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => server.close());

  /** What the server says to the first TLS attempt, or the error's code. */
  function greet(mode: string, POSTGRES_HOST: string, env: object): Promise<string> {
    const options = withMode(mode, { POSTGRES_HOST, ...env }).tls.find((attempt) => attempt !== false);
    const { port } = server.address() as AddressInfo;
    return new Promise((resolve) => {
      const socket = connect({ ...options, host: '127.0.0.1', port });
      socket.on('data', (text) => resolve(String(text)));
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    });
  }

  const other = { POSTGRES_SSLROOTCERT: path('other-ca.pem') };
  test.each<[string, string, object, string]>([
    ['require', 'db.example', {}, 'unknown'],
    ['require', 'wrong.example', root, 'unknown'],
    ['require', 'db.example', other, 'SELF_SIGNED_CERT_IN_CHAIN'],
    ['prefer', 'db.example', {}, 'unknown'],
    ['prefer', 'db.example', other, 'SELF_SIGNED_CERT_IN_CHAIN'],
    ['verify-ca', 'wrong.example', root, 'unknown'],
    ['verify-ca', 'db.example', other, 'SELF_SIGNED_CERT_IN_CHAIN'],
    ['verify-full', 'db.example', root, 'unknown'],
    ['verify-full', 'wrong.example', root, 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['verify-full', '127.0.0.1', root, 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['verify-full', 'db.example', other, 'SELF_SIGNED_CERT_IN_CHAIN'],
    ['verify-full', 'db.example', {}, 'SELF_SIGNED_CERT_IN_CHAIN'],
    ['verify-full', 'db.example', { ...root, ...client }, 'known'],
  ])('with %s at %s and %o ends in %s', async (mode, host, env, outcome) => {
    expect(await greet(mode, host, env)).toBe(outcome);
  });
});

describe('the warning of plaintext', () => {
  test.each(['localhost', 'pg.localhost', '127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1', '/var/run/postgresql'])(
    'is not given for %s',
    (POSTGRES_HOST) => {
      expect(plaintextWarning(withMode('disable', { POSTGRES_HOST }))).toBeUndefined();
    },
  );

  test.each(['db.example', '10.0.0.7', '2001:db8::1', 'localhost.example'])('is given for %s', (POSTGRES_HOST) => {
    expect(plaintextWarning(withMode('disable', { POSTGRES_HOST }))).toContain(`at ${POSTGRES_HOST} is not encrypted`);
  });
});
