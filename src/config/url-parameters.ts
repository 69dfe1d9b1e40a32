import type { Findings } from './findings.ts';
import type { PostgresParts } from './postgres-parts.ts';
import { TARGETS } from './postgres-variables.ts';
import { agreed, type Told, tell } from './told.ts';
import { isUnsupportedParameter, refuseParameter } from './unsupported.ts';
import * as values from './values.ts';

/** Parameters that say how to connect; names and meanings are those of libpq. */
const SUPPORTED = [
  'host',
  'port',
  'dbname',
  'user',
  'password',
  'sslmode',
  'ssl',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'ssl_min_protocol_version',
  'ssl_max_protocol_version',
  'channel_binding',
  'connect_timeout',
  'target_session_attrs',
];

export function isKnownParameter(name: string): boolean {
  return SUPPORTED.includes(name) || isUnsupportedParameter(name);
}

/** The settings among a URL's parameters. What cannot be honoured is a problem that names it, never ignored. */
export function readParameters(
  parameters: readonly (readonly [name: string, value: string])[],
  source: string,
  findings: Findings,
): PostgresParts {
  const texts = new Map(parameters);
  if (texts.size < parameters.length) findings.problem(`${source} has a parameter twice`, 'keep one of them');
  for (const [name, value] of texts) {
    if (!SUPPORTED.includes(name)) refuseParameter(name, value, source, findings);
  }

  function read<T>(name: string, parse: (input: string) => T): Told<T> | undefined {
    const input = texts.get(name);
    return input ? tell(`${name} in ${source}`, () => parse(input), findings) : undefined;
  }

  read('target_session_attrs', values.oneOf(TARGETS));
  return {
    host: read('host', values.hostOrSocket),
    port: read('port', values.port),
    database: read('dbname', values.text),
    user: read('user', values.text),
    password: read('password', values.text),
    sslmode: agreed([read('sslmode', values.sslmode), read('ssl', ssl)], 'modes', findings),
    rootCertificate: read('sslrootcert', values.text),
    certificate: read('sslcert', values.text),
    key: read('sslkey', values.text),
    oldestTls: read('ssl_min_protocol_version', values.tlsVersion),
    newestTls: read('ssl_max_protocol_version', values.tlsVersion),
    channelBinding: read('channel_binding', values.channelBinding),
    connectTimeout: read('connect_timeout', values.seconds),
  };
}

/** libpq itself reads ssl=true as sslmode=require, which is how JDBC writes it; asyncpg's users write the modes here. */
function ssl(input: string) {
  const words = { true: 'require', 1: 'require', false: 'disable', 0: 'disable' };
  return values.sslmode(new Map(Object.entries(words)).get(input.toLowerCase()) ?? input);
}
