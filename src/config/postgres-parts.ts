import type { SslMode } from '../config.ts';
import { parseDatabaseUrl } from './database-url.ts';
import type { Findings } from './findings.ts';
import type { Layer } from './layers.ts';
import { POSTGRES_VARIABLES, REFUSED_POSTGRES_VARIABLES } from './postgres-variables.ts';
import { agreed, type Told, tell, tellingsOf } from './told.ts';
import { isKnownParameter, readParameters } from './url-parameters.ts';
import * as values from './values.ts';

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
  readonly unreadable?: true | undefined;
}

/** What one layer tells of PostgreSQL; DATABASE_URL and the single variables in it must agree. */
export function partsOf(layer: Layer, findings: Findings): PostgresParts {
  const told = tellingsOf(layer, POSTGRES_VARIABLES, findings);
  tellingsOf(layer, REFUSED_POSTGRES_VARIABLES, findings);
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
    unreadable: layer.has('DATABASE_URL') && !told.DATABASE_URL ? true : url.unreadable,
  };
}

function partsOfUrl({ value, source }: Told<string>, findings: Findings): PostgresParts {
  const url = tell(source, () => parseDatabaseUrl(value, isKnownParameter), findings)?.value;
  if (!url) return { unreadable: true };

  const parameters = readParameters(url.parameters, source, findings);
  // h1:5432,h2:5432 reads as the host h1 with the port "5432,h2:5432".
  const hosts = url.port?.includes(',') ? `${url.host},` : url.host;
  const host =
    hosts === undefined ? undefined : tell(`the host in ${source}`, () => values.hostOrSocket(hosts), findings);
  const port =
    url.port && host ? tell(`the port in ${source}`, () => values.port(url.port ?? ''), findings) : undefined;
  const toldHost = hosts !== undefined || url.parameters.some(([name]) => name === 'host');
  const part = (text: string | undefined) => (text === undefined ? undefined : { value: text, source });
  return {
    ...parameters,
    host: agreed([host, parameters.host], 'hosts', findings),
    port,
    database: part(url.database),
    user: part(url.user),
    password: part(url.password),
    unreadable: toldHost && !host && !parameters.host ? true : undefined,
  };
}
