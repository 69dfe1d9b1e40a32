import type { Findings } from './findings.ts';
import type { Layer } from './layers.ts';

/*
 * What other clients of PostgreSQL obey and this program does not. A setting that is passed over in silence can lead to
 * another server, to a connection that is less safe, or to other results: so it is refused by name, unless its value asks
 * for what happens anyway.
 */

interface Setting {
  /** As a parameter of a URL. */
  readonly parameter?: string;
  readonly variable?: string;
  /** Values that change nothing, in lower case. */
  readonly harmless?: readonly string[];
  /** What to do instead, or for a warning: what happens instead. */
  readonly instead: string;
  /** It changes nothing but what the server shows of the session: a warning is enough. */
  readonly warns?: true;
}

const SERVICE = 'write what the service says into POSTGRES_HOST, POSTGRES_PORT, POSTGRES_DB and POSTGRES_USER';
const REVOCATION = 'lists of revoked certificates are not read; use verify-full with a root certificate of your own';
const AT_THE_ROLE = 'set it at the role: ALTER ROLE … SET';
const PASSWORDS = 'the role must log in with a password: POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE';
const NO_GSSAPI = `GSSAPI is not supported; ${PASSWORDS}`;
const OWN_NAME = "sessions carry this program's own name";
const KEEPALIVE = 'TCP keepalive is always on and begins after 10 s';
const PROTOCOL = 'the connection speaks version 3.0 of the protocol';

/**
 * libpq's settings without those in POSTGRES_VARIABLES and url-parameters.ts.
 * @see https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS
 * @see https://www.postgresql.org/docs/current/libpq-envars.html
 */
const LIBPQ: readonly Setting[] = [
  { parameter: 'service', variable: 'PGSERVICE', instead: SERVICE },
  { variable: 'PGSERVICEFILE', instead: SERVICE },
  { parameter: 'hostaddr', variable: 'PGHOSTADDR', instead: 'set POSTGRES_HOST to the address' },
  { parameter: 'passfile', variable: 'PGPASSFILE', instead: 'set POSTGRES_PASSWORD_FILE to a file with the password' },
  {
    parameter: 'require_auth',
    variable: 'PGREQUIREAUTH',
    instead: 'channel_binding=require demands SCRAM; other methods cannot be demanded',
  },
  { parameter: 'application_name', variable: 'PGAPPNAME', warns: true, instead: OWN_NAME },
  { parameter: 'fallback_application_name', warns: true, instead: OWN_NAME },
  {
    parameter: 'client_encoding',
    variable: 'PGCLIENTENCODING',
    harmless: ['utf8', 'utf-8', 'unicode', 'auto'],
    instead: 'files are UTF-8, and so is the connection',
  },
  { parameter: 'options', variable: 'PGOPTIONS', instead: `${AT_THE_ROLE} …` },
  { variable: 'PGDATESTYLE', instead: `${AT_THE_ROLE} DateStyle = …` },
  { variable: 'PGTZ', instead: `${AT_THE_ROLE} TimeZone = …` },
  { variable: 'PGGEQO', instead: `${AT_THE_ROLE} geqo = …` },
  { variable: 'PGREQUIRESSL', harmless: ['0'], instead: 'set POSTGRES_SSLMODE=require' },
  {
    parameter: 'sslnegotiation',
    variable: 'PGSSLNEGOTIATION',
    harmless: ['postgres'],
    instead: 'TLS begins with the request of the PostgreSQL protocol; POSTGRES_SSLMODE=require demands it',
  },
  { parameter: 'sslcompression', variable: 'PGSSLCOMPRESSION', harmless: ['0'], instead: 'TLS is never compressed' },
  {
    parameter: 'sslcertmode',
    variable: 'PGSSLCERTMODE',
    harmless: ['allow'],
    instead: 'a client certificate is sent if POSTGRES_SSLCERT is set and the server requests it',
  },
  { parameter: 'sslpassword', instead: 'store the key of POSTGRES_SSLKEY without encryption' },
  { parameter: 'sslcrl', variable: 'PGSSLCRL', instead: REVOCATION },
  { parameter: 'sslcrldir', variable: 'PGSSLCRLDIR', instead: REVOCATION },
  {
    parameter: 'sslsni',
    variable: 'PGSSLSNI',
    harmless: ['1'],
    instead: 'the TLS handshake always names the host; connect to its address to leave it out',
  },
  { parameter: 'sslkeylogfile', instead: 'keys of TLS are not written anywhere' },
  {
    parameter: 'requirepeer',
    variable: 'PGREQUIREPEER',
    instead: 'who owns a Unix socket cannot be checked; use TCP and verify-full',
  },
  { parameter: 'min_protocol_version', variable: 'PGMINPROTOCOLVERSION', harmless: ['3.0'], instead: PROTOCOL },
  {
    parameter: 'max_protocol_version',
    variable: 'PGMAXPROTOCOLVERSION',
    harmless: ['3.0', '3.2', 'latest'],
    instead: PROTOCOL,
  },
  { parameter: 'gssencmode', variable: 'PGGSSENCMODE', harmless: ['disable', 'prefer'], instead: NO_GSSAPI },
  { parameter: 'krbsrvname', variable: 'PGKRBSRVNAME', harmless: ['postgres'], instead: NO_GSSAPI },
  { parameter: 'gsslib', variable: 'PGGSSLIB', instead: NO_GSSAPI },
  { parameter: 'gssdelegation', variable: 'PGGSSDELEGATION', harmless: ['0'], instead: NO_GSSAPI },
  {
    parameter: 'load_balance_hosts',
    variable: 'PGLOADBALANCEHOSTS',
    harmless: ['disable'],
    instead: 'set POSTGRES_HOST to the server that takes writes',
  },
  { parameter: 'keepalives', harmless: ['1'], instead: KEEPALIVE },
  { parameter: 'keepalives_idle', harmless: ['0', '10'], instead: KEEPALIVE },
  { parameter: 'keepalives_interval', harmless: ['0'], instead: KEEPALIVE },
  { parameter: 'keepalives_count', harmless: ['0'], instead: KEEPALIVE },
  { parameter: 'tcp_user_timeout', harmless: ['0'], instead: 'a dead connection is found within half a minute anyway' },
  {
    parameter: 'replication',
    harmless: ['false', 'off', 'no', '0'],
    instead: 'migrations need an ordinary connection',
  },
  { parameter: 'scram_client_key', instead: PASSWORDS },
  { parameter: 'scram_server_key', instead: PASSWORDS },
  { parameter: 'oauth_issuer', instead: PASSWORDS },
  { parameter: 'oauth_client_id', instead: PASSWORDS },
  { parameter: 'oauth_client_secret', instead: PASSWORDS },
  { parameter: 'oauth_scope', instead: PASSWORDS },
  { variable: 'PGOAUTHDEBUG', instead: PASSWORDS },
];

const SEARCH_PATH = `${AT_THE_ROLE} search_path = …`;
const POOLER = 'connect to the server itself, without a pooler between';
const WAITING = 'WAIT_TIMEOUT, LOCK_TIMEOUT and STATEMENT_TIMEOUT are the limits here';

/** Parameters of other drivers, which people copy from their URLs. */
const OTHER_DRIVERS: Readonly<Record<string, string>> = {
  currentSchema: SEARCH_PATH,
  searchpath: SEARCH_PATH,
  search_path: SEARCH_PATH,
  schema: SEARCH_PATH,
  connectTimeout: 'write connect_timeout',
  loginTimeout: 'write connect_timeout',
  timeout: 'write connect_timeout',
  socketTimeout: WAITING,
  socket_timeout: WAITING,
  command_timeout: WAITING,
  statement_timeout: WAITING,
  lock_timeout: WAITING,
  pool_timeout: WAITING,
  targetServerType: 'write target_session_attrs=primary',
  sslRootCert: 'write sslrootcert',
  sslfactory: 'write sslmode and sslrootcert',
  sslaccept: 'write sslmode=require or sslmode=verify-full',
  sslidentity: 'write sslcert and sslkey',
  channelBinding: 'write channel_binding',
  uselibpqcompat: 'sslmode means what libpq means by it in any case',
  pgbouncer: POOLER,
  pool_mode: POOLER,
  statement_cache_size: POOLER,
  prepared_statement_cache_size: POOLER,
};

const PARAMETERS: ReadonlyMap<string, Omit<Setting, 'parameter'>> = new Map([
  ...Object.entries(OTHER_DRIVERS).map(([name, instead]) => [name, { instead }] as const),
  ...LIBPQ.flatMap(({ parameter, ...setting }) => (parameter === undefined ? [] : [[parameter, setting] as const])),
]);

const VARIABLES = LIBPQ.flatMap(({ variable, ...setting }) =>
  variable === undefined ? [] : [[variable, setting] as const],
);

/** The names of the variables, as the layers want them: not secret, without a flag. */
export const UNSUPPORTED_VARIABLES = Object.fromEntries(
  VARIABLES.map(([name]) => [name, { variable: { description: '', example: '' } }]),
);

export function isUnsupportedParameter(name: string): boolean {
  return PARAMETERS.has(name);
}

/** Reports each variable of the layer that asks for what cannot be done. */
export function refuseVariables(layer: Layer, findings: Findings): void {
  for (const [name, setting] of VARIABLES) {
    const { value, source = name } = layer.get(name) ?? {};
    if (value === undefined || isHarmless(setting, value)) continue;
    if (setting.warns) findings.warnings.push(`${source} is not used: ${setting.instead}`);
    else findings.problem(`${source} is not supported`, `unset ${name}: ${setting.instead}`);
  }
}

/** Reports a parameter of a URL that asks for what cannot be done, or that is not known. */
export function refuseParameter(name: string, value: string, source: string, findings: Findings): void {
  const setting = PARAMETERS.get(name);
  if (setting && isHarmless(setting, value)) return;
  const message = `${source} has the parameter ${name}, which is not supported`;
  const hint = `take ${name} out of ${source}`;
  if (setting === undefined) findings.problem(message, hint);
  else if (setting.warns) findings.warnings.push(`${name} in ${source} is not used: ${setting.instead}`);
  else findings.problem(message, `${hint}: ${setting.instead}`);
}

function isHarmless({ harmless = [] }: Pick<Setting, 'harmless'>, value: string): boolean {
  return harmless.includes(value.trim().toLowerCase());
}
