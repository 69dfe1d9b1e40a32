import { describe, expect, test } from 'vitest';
import { load, postgres, problemsOf } from './loading.ts';

/*
 * Every parameter and every environment variable of libpq 18, as PQconndefaults() lists them, and those variables that it
 * reads besides: each is honored, has a value that changes nothing, or is refused by name.
 */

/** Where the value of an honored one is found. */
type Honored = (config: ReturnType<typeof postgres>) => unknown;
type Row = readonly [parameter: string, variable: string, value: string];

const firstTls: Honored = ({ tls }) => tls[0];
const HONORED: readonly (readonly [...Row, read: Honored, expected: unknown])[] = [
  ['user', 'PGUSER', 'other', ({ user }) => user, 'other'],
  ['password', 'PGPASSWORD', 'other', ({ password }) => password, 'other'],
  ['dbname', 'PGDATABASE', 'other', ({ database }) => database, 'other'],
  ['host', 'PGHOST', 'other', ({ host }) => host, 'other'],
  ['port', 'PGPORT', '5433', ({ port }) => port, 5433],
  ['connect_timeout', 'PGCONNECT_TIMEOUT', '7', ({ connectTimeout }) => connectTimeout, 7_000],
  ['channel_binding', 'PGCHANNELBINDING', 'require', ({ channelBinding }) => channelBinding, 'require'],
  ['channel_binding', 'PGCHANNELBINDING', 'disable', ({ channelBinding }) => channelBinding, 'disable'],
  ['sslmode', 'PGSSLMODE', 'require', ({ sslmode }) => sslmode, 'require'],
  ['sslrootcert', 'PGSSLROOTCERT', 'system', ({ sslmode }) => sslmode, 'verify-full'],
  [
    'ssl_min_protocol_version',
    'PGSSLMINPROTOCOLVERSION',
    'tlsv1.3',
    firstTls,
    expect.objectContaining({ minVersion: 'TLSv1.3' }),
  ],
  [
    'ssl_max_protocol_version',
    'PGSSLMAXPROTOCOLVERSION',
    'TLSv1.2',
    firstTls,
    expect.objectContaining({ maxVersion: 'TLSv1.2' }),
  ],
];

const WITHOUT_EFFECT: readonly Row[] = [
  ['target_session_attrs', 'PGTARGETSESSIONATTRS', 'read-write'],
  ['client_encoding', 'PGCLIENTENCODING', 'UTF8'],
  ['sslnegotiation', 'PGSSLNEGOTIATION', 'postgres'],
  ['sslcompression', 'PGSSLCOMPRESSION', '0'],
  ['sslcertmode', 'PGSSLCERTMODE', 'allow'],
  ['sslsni', 'PGSSLSNI', '1'],
  ['min_protocol_version', 'PGMINPROTOCOLVERSION', '3.0'],
  ['max_protocol_version', 'PGMAXPROTOCOLVERSION', 'latest'],
  ['gssencmode', 'PGGSSENCMODE', 'disable'],
  ['gssencmode', 'PGGSSENCMODE', 'prefer'],
  ['krbsrvname', 'PGKRBSRVNAME', 'postgres'],
  ['gssdelegation', 'PGGSSDELEGATION', '0'],
  ['load_balance_hosts', 'PGLOADBALANCEHOSTS', 'disable'],
  ['', 'PGREQUIRESSL', '0'],
  // They say where libpq finds files that nothing here asks for.
  ['', 'PGSYSCONFDIR', '/etc'],
  ['', 'PGLOCALEDIR', '/usr/share/locale'],
  ['keepalives', '', '1'],
  ['keepalives_idle', '', '0'],
  ['keepalives_interval', '', '0'],
  ['keepalives_count', '', '0'],
  ['tcp_user_timeout', '', '0'],
  ['replication', '', 'false'],
];

const REFUSED: readonly Row[] = [
  ['service', 'PGSERVICE', 'production'],
  ['', 'PGSERVICEFILE', '/etc/pg_service.conf'],
  ['passfile', 'PGPASSFILE', '/home/app/.pgpass'],
  ['hostaddr', 'PGHOSTADDR', '10.0.0.7'],
  ['client_encoding', 'PGCLIENTENCODING', 'LATIN1'],
  ['options', 'PGOPTIONS', '-csearch_path=x'],
  ['sslnegotiation', 'PGSSLNEGOTIATION', 'direct'],
  ['sslcompression', 'PGSSLCOMPRESSION', '1'],
  ['sslcertmode', 'PGSSLCERTMODE', 'require'],
  ['sslpassword', '', 'x'],
  ['sslcrl', 'PGSSLCRL', '/tls/crl'],
  ['sslcrldir', 'PGSSLCRLDIR', '/tls'],
  ['sslsni', 'PGSSLSNI', '0'],
  ['sslkeylogfile', '', '/tmp/keys'],
  ['requirepeer', 'PGREQUIREPEER', 'postgres'],
  ['require_auth', 'PGREQUIREAUTH', 'scram-sha-256'],
  ['min_protocol_version', 'PGMINPROTOCOLVERSION', '3.2'],
  ['max_protocol_version', 'PGMAXPROTOCOLVERSION', '2.0'],
  ['gssencmode', 'PGGSSENCMODE', 'require'],
  ['krbsrvname', 'PGKRBSRVNAME', 'pg'],
  ['gsslib', 'PGGSSLIB', 'gssapi'],
  ['gssdelegation', 'PGGSSDELEGATION', '1'],
  ['load_balance_hosts', 'PGLOADBALANCEHOSTS', 'random'],
  ['', 'PGREQUIRESSL', '1'],
  ['', 'PGDATESTYLE', 'German'],
  ['', 'PGTZ', 'UTC'],
  ['', 'PGGEQO', 'off'],
  ['', 'PGOAUTHDEBUG', 'UNSAFE'],
  ['keepalives', '', '0'],
  ['keepalives_idle', '', '30'],
  ['keepalives_interval', '', '10'],
  ['keepalives_count', '', '5'],
  ['tcp_user_timeout', '', '1000'],
  ['replication', '', 'database'],
  ['scram_client_key', '', 'x'],
  ['scram_server_key', '', 'x'],
  ['oauth_issuer', '', 'https://issuer.example'],
  ['oauth_client_id', '', 'x'],
  ['oauth_client_secret', '', 'x'],
  ['oauth_scope', '', 'x'],
];

/** The rest of a configuration, without what the row has a value for. */
const BASE = { PGHOST: 'db.example', PGUSER: 'app', PGDATABASE: 'localrag' };

function byVariable(variable: string, value: string): Record<string, string> {
  return { ...BASE, [variable]: value };
}

function byParameter(parameter: string, value: string): Record<string, string> {
  const own = { host: 'PGHOST', user: 'PGUSER', dbname: 'PGDATABASE' }[parameter];
  const rest = Object.fromEntries(Object.entries(BASE).filter(([name]) => name !== own));
  return { ...rest, DATABASE_URL: `postgresql:///?${parameter}=${encodeURIComponent(value)}` };
}

describe('a setting of libpq is honored', () => {
  test.each(HONORED)('%s, %s: %s', (parameter, variable, value, read, expected) => {
    expect(read(postgres(byVariable(variable, value)))).toEqual(expected);
    expect(read(postgres(byParameter(parameter, value)))).toEqual(expected);
  });
});

describe('a setting of libpq that asks for what happens anyway is accepted', () => {
  test.each(WITHOUT_EFFECT)('%s, %s: %s', (parameter, variable, value) => {
    const { tls, ...plain } = postgres(BASE);
    expect(plain.sslmode).toBe('prefer');
    if (variable !== '') expect(postgres(byVariable(variable, value))).toEqual({ ...plain, tls });
    if (parameter !== '') expect(postgres(byParameter(parameter, value))).toEqual({ ...plain, tls });
  });
});

describe('a setting of libpq that cannot be honored is refused by name, once, with what to do', () => {
  test.each(REFUSED)('%s, %s: %s', (parameter, variable, value) => {
    if (variable !== '') {
      const problems = problemsOf(() => postgres(byVariable(variable, value)));
      expect(problems).toEqual([expect.stringMatching(`^${variable} is not supported \\(unset ${variable}: .+\\)$`)]);
      const inFile = problemsOf(() => postgres(BASE, { dotenv: `${variable}=${value}` }));
      expect(inFile).toEqual([expect.stringContaining(`${variable} in .env is not supported`)]);
    }
    if (parameter !== '') {
      expect(problemsOf(() => postgres(byParameter(parameter, value)))).toEqual([
        expect.stringMatching(
          `^DATABASE_URL has the parameter ${parameter}, which is not supported \\(take ${parameter} out of DATABASE_URL: .+\\)$`,
        ),
      ]);
    }
  });
});

test('no setting of libpq 18 is left out', () => {
  const parameters = `service user password passfile channel_binding connect_timeout dbname host hostaddr port
    client_encoding options application_name fallback_application_name keepalives keepalives_idle keepalives_interval
    keepalives_count tcp_user_timeout sslmode sslnegotiation sslcompression sslcert sslkey sslcertmode sslpassword
    sslrootcert sslcrl sslcrldir sslsni requirepeer require_auth min_protocol_version max_protocol_version
    ssl_min_protocol_version ssl_max_protocol_version gssencmode krbsrvname gsslib gssdelegation replication
    target_session_attrs load_balance_hosts scram_client_key scram_server_key oauth_issuer oauth_client_id
    oauth_client_secret oauth_scope sslkeylogfile`.split(/\s+/);
  // Client certificates have tests of their own, with files; so have names of the session, below.
  const elsewhere = ['sslcert', 'sslkey', 'application_name', 'fallback_application_name'];
  const rows = [...HONORED, ...WITHOUT_EFFECT, ...REFUSED].map(([parameter]) => parameter).filter(Boolean);
  expect([...new Set([...rows, ...elsewhere])].sort()).toEqual(parameters.sort());
});

test.each([
  { PGAPPNAME: 'x' },
  { DATABASE_URL: 'postgresql:///?application_name=x' },
  { DATABASE_URL: 'postgresql:///?fallback_application_name=x' },
])('%o, which only names the session, gets a warning', (env) => {
  const { warnings } = load({ ...BASE, ...env } as Record<string, string>, { scope: ['postgres'] });
  expect(warnings).toEqual([expect.stringMatching(/is not used: sessions carry this program's own name$/)]);
});

test.each([
  ['currentSchema', 'ALTER ROLE … SET search_path'],
  ['schema', 'ALTER ROLE … SET search_path'],
  ['connectTimeout', 'write connect_timeout'],
  ['targetServerType', 'write target_session_attrs=primary'],
  ['sslRootCert', 'write sslrootcert'],
  ['pgbouncer', 'connect to the server itself'],
])('%s, a parameter of another driver, is refused with what to write instead', (parameter, instead) => {
  expect(problemsOf(() => postgres(byParameter(parameter, 'x')))).toEqual([expect.stringContaining(instead)]);
});

describe('versions of TLS', () => {
  test.each([
    ['TLSv1.1', undefined, 'PGSSLMAXPROTOCOLVERSION is older than the default TLSv1.2'],
    ['TLSv1.2', 'TLSv1.3', 'PGSSLMAXPROTOCOLVERSION is older than PGSSLMINPROTOCOLVERSION'],
    ['TLSv2', undefined, 'PGSSLMAXPROTOCOLVERSION is none of TLSv1, TLSv1.1, TLSv1.2, TLSv1.3: "TLSv2"'],
  ])('to %s from %s leave none', (PGSSLMAXPROTOCOLVERSION, PGSSLMINPROTOCOLVERSION, message) => {
    const env = { ...BASE, PGSSLMAXPROTOCOLVERSION, PGSSLMINPROTOCOLVERSION };
    expect(problemsOf(() => postgres(env))).toEqual([expect.stringContaining(message)]);
  });
});

describe('channel_binding=require', () => {
  const PGCHANNELBINDING = 'require';

  test('leaves no plaintext to try', () => {
    for (const PGSSLMODE of ['allow', 'prefer', 'require', 'verify-full']) {
      expect(postgres({ ...BASE, PGCHANNELBINDING, PGSSLMODE }).tls).not.toContain(false);
    }
  });

  test.each([
    [{ PGSSLMODE: 'disable' }, 'PGCHANNELBINDING is require, which needs TLS, but sslmode is disable'],
    [{ PGHOST: '/run/postgresql' }, 'PGCHANNELBINDING is require, which needs TLS, but a Unix socket has none'],
  ])('is refused with %o', (env, message) => {
    expect(problemsOf(() => postgres({ ...BASE, PGCHANNELBINDING, ...env }))).toEqual([
      expect.stringContaining(message),
    ]);
  });
});
