import type { ChannelBinding, SslMode, TlsVersion } from '../config.ts';
import { parseDatabaseUrl } from './database-url.ts';
import type { Findings } from './findings.ts';
import type { Layer } from './layers.ts';
import { POSTGRES_VARIABLES } from './postgres-variables.ts';
import { agreed, type Told, tell, tellingsOf } from './told.ts';
import { refuseVariables } from './unsupported.ts';
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
  readonly oldestTls?: Told<TlsVersion> | undefined;
  readonly newestTls?: Told<TlsVersion> | undefined;
  readonly channelBinding?: Told<ChannelBinding> | undefined;
  /** Milliseconds. */
  readonly connectTimeout?: Told<number> | undefined;
  /** A URL that could not be read may hold whatever seems to be missing. */
  readonly unreadable?: true | undefined;
}

/** What one layer tells of PostgreSQL; DATABASE_URL and the single variables in it must agree. */
export function partsOf(layer: Layer, findings: Findings): PostgresParts {
  const told = tellingsOf(layer, POSTGRES_VARIABLES, findings);
  refuseVariables(layer, findings);
  const url: PostgresParts = told.DATABASE_URL ? partsOfUrl(told.DATABASE_URL, findings) : {};
  const password = told.POSTGRES_PASSWORD ?? told.PGPASSWORD;
  const agree = <T>(what: string, ...tellings: (Told<T> | undefined)[]) => agreed(tellings, what, findings);
  return {
    host: agree('hosts', url.host, told.POSTGRES_HOST ?? told.PGHOST),
    port: agree('ports', url.port, told.POSTGRES_PORT ?? told.PGPORT),
    database: agree('databases', url.database, told.POSTGRES_DB ?? told.PGDATABASE),
    user: agree('users', url.user, told.POSTGRES_USER ?? told.PGUSER),
    password: agreed([url.password, password], 'passwords', findings, hintOnEscapes(password)),
    sslmode: agree('modes of TLS', url.sslmode, told.POSTGRES_SSLMODE ?? told.PGSSLMODE),
    rootCertificate: agree('root certificates', url.rootCertificate, told.POSTGRES_SSLROOTCERT ?? told.PGSSLROOTCERT),
    certificate: agree('certificates', url.certificate, told.POSTGRES_SSLCERT ?? told.PGSSLCERT),
    key: agree('keys', url.key, told.POSTGRES_SSLKEY ?? told.PGSSLKEY),
    oldestTls: agree('oldest versions of TLS', url.oldestTls, told.PGSSLMINPROTOCOLVERSION),
    newestTls: agree('newest versions of TLS', url.newestTls, told.PGSSLMAXPROTOCOLVERSION),
    channelBinding: agree('modes of channel binding', url.channelBinding, told.PGCHANNELBINDING),
    connectTimeout: agree('timeouts', url.connectTimeout, told.PGCONNECT_TIMEOUT),
    unreadable: layer.has('DATABASE_URL') && !told.DATABASE_URL ? true : url.unreadable,
  };
}

/** A password that was put into the URL as it is: %41 in it has become an A. */
function hintOnEscapes(password: Told<string> | undefined): string | undefined {
  return password && /%[0-9a-f]{2}/i.test(password.value)
    ? 'in the password in DATABASE_URL write % as %25, or keep one of them'
    : undefined;
}

function partsOfUrl({ value, source }: Told<string>, findings: Findings): PostgresParts {
  const url = tell(source, () => parseDatabaseUrl(value, isKnownParameter), findings)?.value;
  if (!url) return { unreadable: true };

  const parameters = readParameters(url.parameters, source, findings);
  // h1:5432,h2:5432 reads as the host h1 with the port "5432,h2:5432".
  const hosts = url.host !== undefined && url.port?.includes(',') ? `${url.host},` : url.host;
  const host =
    hosts === undefined ? undefined : tell(`the host in ${source}`, () => values.hostOrSocket(hosts), findings);
  const hasHost = hosts !== undefined || url.parameters.some(([name]) => name === 'host');
  // The port belongs to the host, also to one among the parameters or in another variable.
  const isHostRefused = hasHost && !host && !parameters.host;
  const port =
    url.port && !isHostRefused ? tell(`the port in ${source}`, () => values.port(url.port ?? ''), findings) : undefined;
  const part = (text: string | undefined) => (text === undefined ? undefined : { value: text, source });
  return {
    ...parameters,
    host: agreed([host, parameters.host], 'hosts', findings),
    port: agreed([port, parameters.port], 'ports', findings),
    database: agreed([part(url.database), parameters.database], 'databases', findings),
    user: agreed([part(url.user), parameters.user], 'users', findings),
    password: agreed([part(url.password), parameters.password], 'passwords', findings),
    unreadable: isHostRefused ? true : undefined,
  };
}
