import type { ConnectionOptions } from 'node:tls';

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
