import { POSTGRES_VARIABLES } from './postgres-variables.ts';
import * as values from './values.ts';
import { defaulted, optional, type Variable } from './variable.ts';

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

/** Where Kubernetes looks. */
export const DEFAULT_TERMINATION_LOG = '/dev/termination-log';

export const OUTPUT_VARIABLES = {
  LOG_FORMAT: defaulted(values.oneOf(['auto', 'json', 'text']), {
    description: 'How events are written to stderr: auto, json or text; auto is text on a terminal.',
    default: 'auto',
    example: 'json',
    shared: true,
    flag: 'logFormat',
  }),
  LOG_LEVEL: defaulted(values.logLevel, {
    description: "debug, info, warn or error; Python's names and numbers are understood too.",
    default: 'info',
    example: 'debug',
    shared: true,
    flag: 'logLevel',
  }),
  TERMINATION_LOG: defaulted(values.text, {
    description: 'Where the reason of a failure is written as one JSON object; the default only where it exists.',
    default: DEFAULT_TERMINATION_LOG,
    example: '/tmp/termination-log',
  }),
  SIDECAR_QUIT_URL: optional(values.loopbackUrl, {
    description:
      "Asked with POST at the end of every run, for at most 5 s: a mesh's sidecar that else keeps a finished pod running.",
    example: 'http://127.0.0.1:15020/quitquitquit',
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
    description: 'How long one statement (in Neo4j: one transaction) may run; 0 is without limit.',
    default: '0',
    example: '30m',
    flag: 'statementTimeout',
  }),
  DDL_LOCK_TIMEOUT: defaulted(values.positiveDuration, {
    description: 'How long one try may wait for the lock of a table or a label, and so hold up everybody behind it.',
    default: '5s',
    example: '2s',
    flag: 'ddlLockTimeout',
  }),
  DDL_LOCK_RETRY_FOR: defaulted(values.duration, {
    description: 'How long to go on trying for the lock of a table or a label.',
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

/** Read before all others: they say where the others are. */
const TENANT_VARIABLES = {
  TENANTS_DIR: optional(values.text, {
    description:
      'For `--tenant` and `--tenant-index`: the directory with one settings file (`NAME=value` lines) for each tenant.',
    example: '/run/secrets/tenants',
  }),
  JOB_COMPLETION_INDEX: optional(values.text, {
    description:
      'For `--tenant-index`: which of these files, counted from 0 in the order of names. Kubernetes sets it.',
    example: '7',
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
  run: rows({ ...RUN_VARIABLES, ...OUTPUT_VARIABLES, ...TENANT_VARIABLES }),
};
