import type { PostgresConfig, SslMode } from '../config.ts';
import { parseDatabaseUrl } from './database-url.ts';
import type { Findings } from './findings.ts';
import type { Layer } from './layers.ts';
import { tlsOf } from './tls.ts';
import { agreed, strongest, type Told, tell, tellingsOf } from './told.ts';
import { isKnownParameter, readParameters } from './url-parameters.ts';
import * as values from './values.ts';
import { POSTGRES_DEFAULTS, POSTGRES_VARIABLES } from './variables.ts';

/** What is told of PostgreSQL, each part with what told it. */
export interface PostgresParts {
  readonly host?: Told<string> | undefined;
  readonly port?: Told<number> | undefined;
  readonly database?: Told<string> | undefined;
  readonly user?: Told<string> | undefined;
  readonly password?: Told<string> | undefined;
  readonly sslmode?: Told<SslMode> | undefined;
  /** Paths; the root certificate's may be `system`. */
  readonly rootCertificate?: Told<string> | undefined;
  readonly certificate?: Told<string> | undefined;
  readonly key?: Told<string> | undefined;
  /** Milliseconds. */
  readonly connectTimeout?: Told<number> | undefined;
  /** A URL that could not be read may hold whatever seems to be missing. */
  readonly unreadable?: Told<true> | undefined;
}

/** Without defaults: schema changes in a database that nobody named are worse than an error. */
const REQUIRED = {
  host: ['POSTGRES_HOST', 'PGHOST'],
  database: ['POSTGRES_DB', 'PGDATABASE'],
  user: ['POSTGRES_USER', 'PGUSER'],
} as const;
type Required = Readonly<Record<keyof typeof REQUIRED, string>>;

/**
 * PostgreSQL's configuration from layers, the strongest first; undefined where there are problems.
 * Inside one layer DATABASE_URL and the single variables must agree; between layers the stronger one overrides.
 * @param otherwise stands in for the parts that must be told somewhere.
 * @param hint what else can be done where they are not.
 */
export function postgresFrom(
  layers: readonly Layer[],
  findings: Findings,
  { otherwise, hint }: { readonly otherwise?: Required; readonly hint?: string } = {},
): PostgresConfig | undefined {
  const parts = strongest(layers.map((layer) => partsOf(layer, findings)));
  const host = parts.host?.value ?? otherwise?.host;
  const database = parts.database?.value ?? otherwise?.database;
  const user = parts.user?.value ?? otherwise?.user;
  const tls = tlsOf(host ?? '', parts, findings);
  if (!parts.unreadable) reportMissing({ host, database, user }, layers, findings, hint);
  if (host === undefined || database === undefined || user === undefined) return undefined;
  return Object.freeze({
    host,
    port: parts.port?.value ?? POSTGRES_DEFAULTS.port,
    database,
    user,
    password: parts.password?.value,
    ...tls,
    connectTimeout: parts.connectTimeout?.value ?? POSTGRES_DEFAULTS.connectTimeoutSeconds * 1000,
  });
}

function partsOf(layer: Layer, findings: Findings): PostgresParts {
  const told = tellingsOf(layer, POSTGRES_VARIABLES, findings);
  const url: PostgresParts = told.DATABASE_URL ? partsOfUrl(told.DATABASE_URL, findings) : {};
  const agree = <T>(what: string, ...tellings: (Told<T> | undefined)[]) => agreed(tellings, what, findings);
  return {
    host: agree('hosts', url.host, told.POSTGRES_HOST ?? told.PGHOST),
    port: agree('ports', url.port, told.POSTGRES_PORT ?? told.PGPORT),
    database: agree('databases', url.database, told.POSTGRES_DB ?? told.PGDATABASE),
    user: agree('users', url.user, told.POSTGRES_USER ?? told.PGUSER),
    password: agree('passwords', url.password, told.POSTGRES_PASSWORD ?? told.PGPASSWORD),
    sslmode: agree('modes of TLS', url.sslmode, told.POSTGRES_SSLMODE ?? told.PGSSLMODE),
    rootCertificate: agree('root certificates', url.rootCertificate, told.POSTGRES_SSLROOTCERT ?? told.PGSSLROOTCERT),
    certificate: agree('certificates', url.certificate, told.POSTGRES_SSLCERT ?? told.PGSSLCERT),
    key: agree('keys', url.key, told.POSTGRES_SSLKEY ?? told.PGSSLKEY),
    connectTimeout: agree('timeouts', url.connectTimeout, told.PGCONNECT_TIMEOUT),
    unreadable: url.unreadable,
  };
}

function partsOfUrl({ value, source }: Told<string>, findings: Findings): PostgresParts {
  const url = tell(source, () => parseDatabaseUrl(value, isKnownParameter), findings)?.value;
  const unreadable = { value: true, source } as const;
  if (!url) return { unreadable };

  const parameters = readParameters(url.parameters, source, findings);
  // h1:5432,h2:5432 reads as the host h1 with the port "5432,h2:5432".
  const hosts = url.port?.includes(',') ? `${url.host},` : url.host;
  const host =
    hosts === undefined ? undefined : tell(source, () => values.hostOrSocket(hosts), findings, 'the host in ');
  const port = url.port && host ? tell(source, () => values.port(url.port ?? ''), findings, 'the port in ') : undefined;
  const part = (text: string | undefined) => (text === undefined ? undefined : { value: text, source });
  return {
    ...parameters,
    host: agreed([host, parameters.host], 'hosts', findings),
    port,
    database: part(url.database),
    user: part(url.user),
    password: part(url.password),
    ...(hosts !== undefined && host === undefined && { unreadable }),
  };
}

function reportMissing(
  found: Readonly<Record<keyof Required, string | undefined>>,
  layers: readonly Layer[],
  findings: Findings,
  hint: string | undefined,
): void {
  const isTold = (name: string) => layers.some((layer) => layer.has(name));
  const missing = Object.entries(REQUIRED)
    .filter(([part, names]) => found[part as keyof Required] === undefined && !names.some(isTold))
    .map(([, [name]]) => name);
  if (missing.length === 0) return;
  if (missing.length === Object.keys(REQUIRED).length && !isTold('DATABASE_URL')) {
    findings.problem(
      'PostgreSQL is not configured: set DATABASE_URL, or POSTGRES_HOST, POSTGRES_DB and POSTGRES_USER',
      hint,
    );
    return;
  }
  for (const name of missing) {
    findings.problem(`${name} is not set${isTold('DATABASE_URL') ? ', and DATABASE_URL does not tell it either' : ''}`);
  }
}
