import * as values from './values.ts';
import { optional } from './variable.ts';

/** Applied after all sources have been put together; DATABASE_URL may tell the same things. */
export const POSTGRES_DEFAULTS = {
  port: 5432,
  sslmode: 'prefer',
  connectTimeoutSeconds: 10,
  channelBinding: 'prefer',
  oldestTls: 'TLSv1.2',
} as const;

/** What the one server can be expected to be. */
export const TARGETS = ['any', 'read-write', 'primary'] as const;

export const POSTGRES_VARIABLES = {
  DATABASE_URL: optional(values.text, {
    description:
      'PostgreSQL in one URL; drivers as in postgresql+asyncpg:// are understood. Parameters: host, port, dbname, user, password, sslmode (or ssl), sslrootcert, sslcert, sslkey, ssl_min_protocol_version, ssl_max_protocol_version, channel_binding, connect_timeout, target_session_attrs.',
    example: 'postgresql://USER:PASSWORD@db.example:5432/localrag?sslmode=verify-full',
    secret: true,
  }),
  POSTGRES_HOST: optional(values.hostOrSocket, {
    description: 'Host name, address, or directory of the Unix socket.',
    example: 'db.example',
    flag: 'host',
  }),
  POSTGRES_PORT: optional(values.port, {
    description: 'Port.',
    default: String(POSTGRES_DEFAULTS.port),
    example: '5432',
    flag: 'port',
  }),
  POSTGRES_DB: optional(values.text, { description: "The database's name.", example: 'localrag', flag: 'database' }),
  POSTGRES_USER: optional(values.text, {
    description: 'The role that owns the schema.',
    example: 'localrag',
    flag: 'user',
  }),
  POSTGRES_PASSWORD: optional(values.text, { description: 'Its password.', example: 'PASSWORD', secret: true }),
  POSTGRES_SSLMODE: optional(values.sslmode, {
    description: `${values.SSL_MODES.join(', ')}: what libpq means by them.`,
    default: POSTGRES_DEFAULTS.sslmode,
    example: 'verify-full',
    flag: 'sslmode',
  }),
  POSTGRES_SSLROOTCERT: optional(values.text, {
    description:
      "File with the root certificates (PEM), or `system` for the runtime's own, which needs verify-full. Without it, verify-full trusts the runtime's roots, and verify-ca is refused.",
    example: '/tls/ca.crt',
  }),
  POSTGRES_SSLCERT: optional(values.text, { description: 'Client certificate (PEM file).', example: '/tls/tls.crt' }),
  POSTGRES_SSLKEY: optional(values.text, {
    description: 'Its private key (PEM file, not encrypted).',
    example: '/tls/tls.key',
  }),
  PGHOST: optional(values.hostOrSocket, { description: 'As POSTGRES_HOST, which wins.', example: 'db.example' }),
  PGPORT: optional(values.port, { description: 'As POSTGRES_PORT, which wins.', example: '5432' }),
  PGDATABASE: optional(values.text, { description: 'As POSTGRES_DB, which wins.', example: 'localrag' }),
  PGUSER: optional(values.text, { description: 'As POSTGRES_USER, which wins.', example: 'localrag' }),
  PGPASSWORD: optional(values.text, {
    description: 'As POSTGRES_PASSWORD, which wins.',
    example: 'PASSWORD',
    secret: true,
  }),
  PGSSLMODE: optional(values.sslmode, { description: 'As POSTGRES_SSLMODE, which wins.', example: 'verify-full' }),
  PGSSLROOTCERT: optional(values.text, {
    description: 'As POSTGRES_SSLROOTCERT, which wins.',
    example: '/tls/ca.crt',
  }),
  PGSSLCERT: optional(values.text, { description: 'As POSTGRES_SSLCERT, which wins.', example: '/tls/tls.crt' }),
  PGSSLKEY: optional(values.text, { description: 'As POSTGRES_SSLKEY, which wins.', example: '/tls/tls.key' }),
  PGCONNECT_TIMEOUT: optional(values.seconds, {
    description: 'Seconds for one attempt to connect.',
    default: String(POSTGRES_DEFAULTS.connectTimeoutSeconds),
    example: '10',
  }),
  PGTARGETSESSIONATTRS: optional(values.oneOf(TARGETS), {
    description: `${TARGETS.join(', ')}: there is one server, and it must take writes.`,
    example: 'read-write',
  }),
  PGCHANNELBINDING: optional(values.channelBinding, {
    description:
      'Whether the login is bound to the TLS connection: disable, prefer, or require, which refuses a server that does not do it.',
    default: POSTGRES_DEFAULTS.channelBinding,
    example: 'require',
  }),
  PGSSLMINPROTOCOLVERSION: optional(values.tlsVersion, {
    description: `The oldest version of TLS to accept: ${values.TLS_VERSIONS.join(', ')}. Without it, ${POSTGRES_DEFAULTS.oldestTls}.`,
    example: 'TLSv1.3',
  }),
  PGSSLMAXPROTOCOLVERSION: optional(values.tlsVersion, {
    description: 'The newest version of TLS to offer.',
    example: 'TLSv1.3',
  }),
};
