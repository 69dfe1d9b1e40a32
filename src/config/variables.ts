import { makeExactValidator } from 'envalid';
import type { Flags } from '../config.ts';
import * as values from './values.ts';

/** What the documentation and `--help` say of an environment variable. */
export interface Variable {
  readonly description: string;
  /** As a person would write it; left out where nothing stands in for the variable. */
  readonly default?: string;
  readonly example: string;
  /** Never printed; also read from the file that `<NAME>_FILE` names. */
  readonly secret?: true;
  /** The flag that overrides it. */
  readonly flag?: keyof Flags;
}

function optional<T>(parse: (input: string) => T, variable: Variable) {
  const spec = makeExactValidator(parse)({ default: undefined, desc: variable.description, example: variable.example });
  return { ...spec, variable };
}

function defaulted<T extends number | string>(parse: (input: string) => T, variable: Variable & { default: string }) {
  const fallback = parse(variable.default);
  const { description, example } = variable;
  const spec = makeExactValidator<T>(parse)({ default: fallback as NonNullable<T>, desc: description, example });
  return { ...spec, variable, fallback };
}

/** Applied after all sources have been put together; DATABASE_URL may tell the same things. */
export const POSTGRES_DEFAULTS = { port: 5432, sslmode: 'prefer', connectTimeoutSeconds: 10 } as const;

export const POSTGRES_VARIABLES = {
  DATABASE_URL: optional(values.text, {
    description:
      'PostgreSQL in one URL; drivers as in postgresql+asyncpg:// are understood. Parameters: sslmode (or ssl), sslrootcert, sslcert, sslkey, connect_timeout, host, target_session_attrs, channel_binding.',
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
};

export const REDIS_DEFAULTS = { port: 6379, database: 0 } as const;

export const NEO4J_VARIABLES = {
  NEO4J_URI: optional(values.neo4jUri, {
    description: 'bolt or neo4j, with +s for TLS, +ssc for TLS without verification.',
    example: 'neo4j+s://graph.example:7687',
    flag: 'uri',
  }),
  NEO4J_USER: optional(values.text, { description: 'User.', default: 'neo4j', example: 'neo4j', flag: 'user' }),
  NEO4J_USERNAME: optional(values.text, { description: 'As NEO4J_USER, which wins.', example: 'neo4j' }),
  NEO4J_PASSWORD: optional(values.text, { description: 'Password.', example: 'PASSWORD', secret: true }),
  NEO4J_DATABASE: optional(values.text, {
    description: "Database; without it, the server's default one for the user.",
    example: 'neo4j',
    flag: 'database',
  }),
};

export const REDIS_VARIABLES = {
  REDIS_URL: optional(values.redisUrl, {
    description: 'Redis in one URL (redis or rediss). Only `health` looks at Redis, and only where it is configured.',
    example: 'redis://:PASSWORD@cache.example:6379/0',
    secret: true,
  }),
  REDIS_HOST: optional(values.host, { description: 'Host name or address.', example: 'cache.example' }),
  REDIS_PORT: optional(values.port, { description: 'Port.', default: String(REDIS_DEFAULTS.port), example: '6379' }),
  REDIS_PASSWORD: optional(values.text, { description: 'Password.', example: 'PASSWORD', secret: true }),
  REDIS_DB: optional(values.redisDatabase, {
    description: 'Number of the database.',
    default: String(REDIS_DEFAULTS.database),
    example: '0',
  }),
};

export const OUTPUT_VARIABLES = {
  LOG_FORMAT: defaulted(values.oneOf(['auto', 'json', 'text']), {
    description: 'How events are written to stderr: auto, json or text; auto is text on a terminal.',
    default: 'auto',
    example: 'json',
    flag: 'logFormat',
  }),
  LOG_LEVEL: defaulted(values.logLevel, {
    description: 'debug, info, warn or error.',
    default: 'info',
    example: 'debug',
    flag: 'logLevel',
  }),
  TERMINATION_LOG: defaulted(values.text, {
    description: 'Where the reason of a failure is written as one JSON object; the default only where it exists.',
    default: '/dev/termination-log',
    example: '/tmp/termination-log',
  }),
};

export const RUN_VARIABLES = {
  WAIT_TIMEOUT: defaulted(values.duration, {
    description: 'How long to wait until the databases are ready.',
    default: '120s',
    example: '5m',
    flag: 'waitTimeout',
  }),
  LOCK_TIMEOUT: defaulted(values.duration, {
    description: 'How long to wait for the migration lock while another run holds it.',
    default: '90s',
    example: '10m',
    flag: 'lockTimeout',
  }),
  STATEMENT_TIMEOUT: defaulted(values.duration, {
    description: 'How long one statement may run; 0 is without limit.',
    default: '0',
    example: '30m',
    flag: 'statementTimeout',
  }),
  DDL_LOCK_TIMEOUT: defaulted(values.positiveDuration, {
    description: "How long one try may wait for a table's lock, and so hold up everybody behind it.",
    default: '5s',
    example: '2s',
    flag: 'ddlLockTimeout',
  }),
  DDL_LOCK_RETRY_FOR: defaulted(values.duration, {
    description: "How long to go on trying for a table's lock.",
    default: '120s',
    example: '10m',
    flag: 'ddlLockRetryFor',
  }),
  SHUTDOWN_GRACE: defaulted(values.duration, {
    description: 'How long stopping may take after SIGTERM or SIGINT.',
    default: '20s',
    example: '20s',
    flag: 'shutdownGrace',
  }),
  MIGRATIONS_DIR: optional(values.text, {
    description: 'Directory with the migrations.',
    default: 'the ones that come with the program',
    example: '/migrations',
    flag: 'migrationsDir',
  }),
};

type Row = Variable & { readonly name: string };

function rows(specs: Readonly<Record<string, { readonly variable: Variable }>>): readonly Row[] {
  return Object.entries(specs).map(([name, { variable }]) => ({ name, ...variable }));
}

/** Every environment variable that is read, by what it belongs to: the documentation and `--help` are made from it. */
export const VARIABLES = {
  postgres: rows(POSTGRES_VARIABLES),
  neo4j: rows(NEO4J_VARIABLES),
  redis: rows(REDIS_VARIABLES),
  run: rows({ ...RUN_VARIABLES, ...OUTPUT_VARIABLES }),
};
