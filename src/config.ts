import type { ConnectionOptions } from 'node:tls';
import type { Database } from './core/migration.ts';
import type { Problem } from './errors.ts';

export type SslMode = 'disable' | 'allow' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';

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
 * @throws MigrateError `config`, with every problem at once and no secret in any of them.
 */
export function loadConfig(
  _env: Environment,
  _flags: Flags,
  _scope: readonly Database[],
  _defaults: Defaults,
  _dotenv?: string | Problem,
): Config {
  throw new Error('being written');
}

/** The text of `.env` in a directory; undefined where there is none; a problem, for loadConfig to report, where it cannot be read. */
export function readDotenv(_directory: string): string | Problem | undefined {
  throw new Error('being written');
}

/** Where and how to print, from whatever of the configuration is valid: never throws. */
export function loadOutput(_env: Environment, _flags: Flags, _dotenv?: string | Problem): Output {
  throw new Error('being written');
}

/** `migrate-manual`: from flags alone, no environment. @throws MigrateError `config` with every problem. */
export function manualPostgres(_flags: Flags, _password: string | undefined): PostgresConfig {
  throw new Error('being written');
}

/** `neo4j migrate-manual`: from flags alone, no environment. @throws MigrateError `config` with every problem. */
export function manualNeo4j(_flags: Flags, _password: string): Neo4jConfig {
  throw new Error('being written');
}

/** What to warn of after connecting in plaintext; undefined for this machine (loopback, Unix socket). */
export function plaintextWarning(_config: PostgresConfig): string | undefined {
  throw new Error('being written');
}
