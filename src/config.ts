import type { ConnectionOptions } from 'node:tls';
import { Findings } from './config/findings.ts';
import { flagLayer, type Layer, layersOf, merged } from './config/layers.ts';
import { neo4jFrom } from './config/neo4j.ts';
import { postgresFrom } from './config/postgres.ts';
import { POSTGRES_VARIABLES } from './config/postgres-variables.ts';
import { redisFrom } from './config/redis.ts';
import { unnamedTenant } from './config/tenants.ts';
import { tellingsOf, valuesOf } from './config/told.ts';
import { UNSUPPORTED_VARIABLES } from './config/unsupported.ts';
import { NEO4J_VARIABLES, OUTPUT_VARIABLES, REDIS_VARIABLES, RUN_VARIABLES } from './config/variables.ts';
import type { Database } from './core/migration.ts';
import type { Problem } from './errors.ts';

export { readDotenv } from './config/files.ts';
export { readTenant } from './config/tenants.ts';
export { plaintextWarning } from './config/tls.ts';
export { DEFAULT_TERMINATION_LOG, VARIABLES } from './config/variables.ts';

export type SslMode = 'disable' | 'allow' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';

export type ChannelBinding = 'disable' | 'prefer' | 'require';

export type TlsVersion = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';

export interface PostgresConfig {
  /** A host name, an address, or (beginning with /) the directory of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string | undefined;
  readonly sslmode: SslMode;
  /** What to try in order, in libpq's meaning of sslmode: `false` is plaintext, an object TLS with these options. */
  readonly tls: readonly (false | ConnectionOptions)[];
  /** Whether the login proves that both ends share one TLS connection, `prefer` by default; `require` leaves no plaintext in `tls`. */
  readonly channelBinding?: ChannelBinding;
  /** Milliseconds for TCP, TLS and authentication of one attempt. */
  readonly connectTimeout: number;
}

export interface Neo4jConfig {
  readonly uri: string;
  readonly user: string;
  readonly password: string;
  /** undefined: the server's default database for this user. */
  readonly database: string | undefined;
}

export interface RedisConfig {
  /** Without the password. */
  readonly url: string;
  readonly password: string | undefined;
}

/** How long things may take, in milliseconds; 0 for statementTimeout means no limit. */
export interface Budgets {
  readonly waitTimeout: number;
  readonly lockTimeout: number;
  readonly statementTimeout: number;
  readonly ddlLockTimeout: number;
  readonly ddlLockRetryFor: number;
  readonly shutdownGrace: number;
}

/** What has to be known before anything can be printed, a bad configuration included. */
export interface Output {
  readonly logFormat: 'auto' | 'json' | 'text';
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  /** A path; the default may not exist, and is then left alone by the writer. */
  readonly terminationLog: string;
  /** undefined: there is no sidecar, or one that ends by itself. */
  readonly sidecarQuitUrl: string | undefined;
}

export interface Config extends Output {
  /** undefined: not in scope. */
  readonly postgres: PostgresConfig | undefined;
  /** undefined: not in scope. */
  readonly neo4j: Neo4jConfig | undefined;
  /** undefined: not configured; only `health` looks at it. */
  readonly redis: RedisConfig | undefined;
  readonly budgets: Budgets;
  readonly migrationsDir: string;
  /** The same as it was set, for what names the files; undefined: the program's own. */
  readonly givenMigrationsDir: string | undefined;
  /** What is accepted, but not as it was probably meant. */
  readonly warnings: readonly string[];
}

/**
 * What the command line may override. `user` and `database` speak of PostgreSQL, unless Neo4j alone is in scope.
 */
export interface Flags {
  readonly host?: string | undefined;
  readonly port?: string | undefined;
  readonly database?: string | undefined;
  readonly user?: string | undefined;
  readonly sslmode?: string | undefined;
  readonly uri?: string | undefined;
  readonly waitTimeout?: string | undefined;
  readonly lockTimeout?: string | undefined;
  readonly statementTimeout?: string | undefined;
  readonly ddlLockTimeout?: string | undefined;
  readonly ddlLockRetryFor?: string | undefined;
  readonly shutdownGrace?: string | undefined;
  readonly migrationsDir?: string | undefined;
  readonly logFormat?: string | undefined;
  readonly logLevel?: string | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** What the program brings along: the image's own migrations. */
export interface Defaults {
  readonly migrationsDir: string;
}

/**
 * Flags over environment over the text of `.env`. Only the databases in scope are read, and they must be configured.
 * @param dotenv what readDotenv gave.
 * @throws MigrateError `config`, with every problem at once and no secret in any of them.
 */
export function loadConfig(
  env: Environment,
  flags: Flags,
  scope: readonly Database[],
  defaults: Defaults,
  dotenv?: string | Problem,
): Config {
  // With a tenant's settings the environment has no TENANTS_DIR any more.
  const tenants = env.TENANTS_DIR;
  const findings = new Findings(tenants ? () => unnamedTenant(tenants) : undefined);
  if (typeof dotenv === 'object') findings.problems.push(dotenv);
  const variables = {
    ...(scope.includes('postgres') && { ...POSTGRES_VARIABLES, ...UNSUPPORTED_VARIABLES }),
    ...(scope.includes('neo4j') && NEO4J_VARIABLES),
    ...(scope.length > 0 && REDIS_VARIABLES),
    ...OUTPUT_VARIABLES,
    ...RUN_VARIABLES,
  };
  const layers = layersOf({ env, flags, dotenv }, variables, findings);
  const both = scope.length > 1;
  const postgres = scope.includes('postgres')
    ? postgresFrom(layers, findings, both ? LEAVE_OUT.postgres : {})
    : undefined;
  const neo4j = scope.includes('neo4j') ? neo4jFrom(layers, findings, both ? LEAVE_OUT.neo4j : {}) : undefined;
  const redis = scope.length > 0 ? redisFrom(layers, findings) : undefined;
  const output = valuesOf(merged(layers), OUTPUT_VARIABLES, findings);
  const run = valuesOf(merged(layers), RUN_VARIABLES, findings);
  findings.throwIfAny();
  return Object.freeze({
    postgres,
    neo4j,
    redis,
    logFormat: output.LOG_FORMAT,
    logLevel: output.LOG_LEVEL,
    terminationLog: output.TERMINATION_LOG,
    sidecarQuitUrl: output.SIDECAR_QUIT_URL,
    budgets: Object.freeze({
      waitTimeout: run.WAIT_TIMEOUT,
      lockTimeout: run.LOCK_TIMEOUT,
      statementTimeout: run.STATEMENT_TIMEOUT,
      ddlLockTimeout: run.DDL_LOCK_TIMEOUT,
      ddlLockRetryFor: run.DDL_LOCK_RETRY_FOR,
      shutdownGrace: run.SHUTDOWN_GRACE,
    }),
    migrationsDir: run.MIGRATIONS_DIR ?? defaults.migrationsDir,
    givenMigrationsDir: run.MIGRATIONS_DIR,
    warnings: Object.freeze(findings.warnings),
  });
}

const LEAVE_OUT = {
  postgres: { hint: 'or leave PostgreSQL out: `localrag-migrate neo4j …`' },
  neo4j: { hint: 'or leave Neo4j out: `localrag-migrate postgres …`' },
};

/** Where and how to print, from whatever of the configuration is valid, so that the rest's problems can be printed: never throws. */
export function loadOutput(env: Environment, flags: Flags, dotenv?: string | Problem): Output {
  const ignored = new Findings();
  const layer = merged(layersOf({ env, flags, dotenv }, OUTPUT_VARIABLES, ignored));
  const { LOG_FORMAT, LOG_LEVEL, TERMINATION_LOG } = OUTPUT_VARIABLES;
  const told = tellingsOf(layer, OUTPUT_VARIABLES, ignored);
  return Object.freeze({
    logFormat: told.LOG_FORMAT?.value ?? LOG_FORMAT.fallback,
    logLevel: told.LOG_LEVEL?.value ?? LOG_LEVEL.fallback,
    terminationLog: told.TERMINATION_LOG?.value ?? TERMINATION_LOG.fallback,
    sidecarQuitUrl: told.SIDECAR_QUIT_URL?.value,
  });
}

/**
 * `migrate-manual`: PostgreSQL from flags alone, as for a first setup on this machine where they are silent.
 * @throws MigrateError `config` with every problem.
 */
export function manualPostgres(flags: Flags, password: string | undefined): PostgresConfig {
  const otherwise = { host: 'localhost', database: 'localrag', user: 'localrag' };
  const config = fromFlags(flags, POSTGRES_VARIABLES, (layers, findings) =>
    postgresFrom(layers, findings, { otherwise }),
  );
  return Object.freeze({ ...config, password });
}

/**
 * `neo4j migrate-manual`: Neo4j from flags alone, as for a first setup on this machine where they are silent.
 * @throws MigrateError `config` with every problem.
 */
export function manualNeo4j(flags: Flags, password: string): Neo4jConfig {
  const otherwise = { uri: 'bolt://localhost:7687', password };
  return fromFlags(flags, NEO4J_VARIABLES, (layers, findings) => neo4jFrom(layers, findings, { otherwise }));
}

function fromFlags<T>(
  flags: Flags,
  variables: typeof POSTGRES_VARIABLES | typeof NEO4J_VARIABLES,
  read: (layers: readonly Layer[], findings: Findings) => T | undefined,
): T {
  const findings = new Findings();
  const config = read([flagLayer(flags, variables, findings)], findings);
  findings.throwIfAny();
  return config as T;
}
