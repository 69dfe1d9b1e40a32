import { ConnectionLost, type ErrorKind, MigrateError } from '../../errors.ts';

/** The fields of an ErrorResponse that `pg` puts on its errors. */
export interface PostgresError extends Error {
  readonly code?: string;
  readonly severity?: string;
  readonly detail?: string;
  readonly hint?: string;
  readonly where?: string;
  /** Counts code points of the message sent, from 1. */
  readonly position?: string;
}

/** Raised by our own check inside a migration's transaction when the advisory lock is not held any more. */
export const LOCK_LOST = 'LRM01';

const DNS = new Set(['ENOTFOUND', 'EAI_AGAIN']);
const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'ENOENT',
  'ECONNABORTED',
]);

/** An error without SQLSTATE is one of the socket: Node's codes, or the code-less texts of `pg`. */
function isSqlState(code: string | undefined): code is string {
  return code !== undefined && /^[0-9A-Z]{5}$/.test(code) && !NETWORK.has(code);
}

/** Whether TLS, not the server's word, ended the attempt: what sslmode `prefer` falls back from. */
export function isTlsFailure(error: PostgresError): boolean {
  return (
    /does not support SSL|establishing an SSL connection/.test(error.message) ||
    /^(ERR_SSL|ERR_TLS|EPROTO|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/.test(error.code ?? '') ||
    /certificate|TLS|SSL/i.test(error.message)
  );
}

/** What a failed attempt to connect means. `unreachable` may pass; the other kinds stay until somebody acts. */
export function connectError(error: PostgresError, target: { host: string; port: number }): MigrateError {
  const at = target.host.startsWith('/') ? `${target.host}/.s.PGSQL.${target.port}` : `${target.host}:${target.port}`;
  const code = error.code;
  const facts = { cause: error, server: isSqlState(code) ? { code } : undefined };
  const make = (kind: ErrorKind, message: string, hint: string) =>
    new MigrateError(kind, `PostgreSQL at ${at}: ${message}`, { ...facts, hint });

  if (code !== undefined && DNS.has(code))
    return make(
      'unreachable',
      `host name not found (${target.host})`,
      'check POSTGRES_HOST; in Docker both containers must be on one network, in Kubernetes the name needs its namespace (postgres.<namespace>.svc); an IP address leaves name resolution out',
    );
  if (code === '28P01' || /client password must be a (non-empty )?string/.test(error.message))
    return make(
      'denied',
      code === '28P01' ? error.message : 'the server asks for a password, and none is configured',
      'check POSTGRES_USER and POSTGRES_PASSWORD (or POSTGRES_PASSWORD_FILE)',
    );
  if (code === '28000')
    return make(
      'denied',
      error.message,
      "the server's pg_hba.conf has no entry for this user, database, address and encryption: add one, or change POSTGRES_SSLMODE",
    );
  if (code === '3D000')
    return make('config', error.message, 'create the database, or set POSTGRES_DB to one that exists');
  if (code === '42501') return make('denied', error.message, 'GRANT CONNECT ON DATABASE … TO this user');
  if (/does not support SSL/.test(error.message))
    return make(
      'config',
      'SSL connection failed: the server offers no TLS, and sslmode demands it',
      'set POSTGRES_SSLMODE=disable (or prefer), or configure the server to accept SSL connections',
    );
  if (isTlsFailure(error) && !isSqlState(code))
    return make(
      'config',
      `SSL connection failed: ${error.message}`,
      'check the root certificate (POSTGRES_SSLROOTCERT), the host name in the certificate, and POSTGRES_SSLMODE',
    );
  // pgbouncer has no SQLSTATE of its own for it.
  if (code === '53300' || /no more connections allowed/.test(error.message))
    return make(
      'unreachable',
      error.message,
      'all connections of the server, of the role or of the pooler are in use: end some, or raise max_connections (CONNECTION LIMIT, max_client_conn)',
    );
  return make(
    'unreachable',
    error.message || code || 'connection failed',
    'check that the server runs and that host, port and firewall let this machine reach it',
  );
}

/** SQLSTATEs that a migration may meet and that are not simply "the database refused it". */
function kindOf(error: PostgresError): ErrorKind {
  const code = error.code ?? '';
  if (['55P03', '40P01', '40001'].includes(code) || code.startsWith('53')) return 'busy';
  if (code === '42501' || code === '25006') return 'denied';
  if (/extension .* is not available|could not open extension control file/.test(error.message)) return 'denied';
  return 'failed';
}

/** What to do about an error of a migration; undefined where the server's own hint says all there is. */
function remedy(error: PostgresError): string | undefined {
  if (/extension .* is not available|could not open extension control file/.test(error.message)) {
    const name =
      /([^/"]+)\.control"|extension "([^"]+)"/.exec(error.message)?.slice(1).find(Boolean) ?? 'the extension';
    return name === 'vector'
      ? 'install pgvector on the database server (Debian and Ubuntu: apt install postgresql-<version>-pgvector; images: pgvector/pgvector), then run migrate again'
      : `install the package that brings ${name} on the database server (often postgresql-contrib), then run migrate again`;
  }
  if (/permission denied to create extension/.test(error.message)) {
    const name = /extension "?([^" ]+)"?/.exec(error.message)?.[1] ?? 'vector';
    return `once, as superuser, in this database: CREATE EXTENSION IF NOT EXISTS "${name}"; then run migrate again`;
  }
  const schema = /permission denied for schema (\S+)/.exec(error.message)?.[1];
  if (schema !== undefined)
    return `GRANT USAGE, CREATE ON SCHEMA ${schema} TO this user (PostgreSQL 15 and later give CREATE on public to its owner only)`;
  if (/permission denied for (table|sequence) migrations/.test(error.message))
    return 'migrate as the role that owns the history, which is the one that migrated first';
  if (/permission denied for database/.test(error.message)) return 'GRANT CREATE ON DATABASE … TO this user';
  if (/must be owner of/.test(error.message))
    return 'run migrate as the role that owns the object, or ALTER … OWNER TO this user';
  if (error.code === '42501') return 'grant this user the right that the message names';
  if (error.code === '25006')
    return 'the server is a read-only standby, or default_transaction_read_only is on: connect to the primary';
  if (error.code === '55P03')
    return 'somebody else holds a lock on the table: end that session, or raise DDL_LOCK_TIMEOUT or DDL_LOCK_RETRY_FOR';
  if (error.code === '53100') return 'free space on the disk of the database server, then run migrate again';
  if (error.code === '57014')
    return 'raise STATEMENT_TIMEOUT (0 means none), or break the work into smaller migrations';
  if (error.code === '25001') return 'put this statement into a file of its own with `-- migrate: no-transaction`';
  if (/unterminated dollar-quoted string/.test(error.message)) return 'close the $tag$ that opens at this place';
  return undefined;
}

/** An error of a statement, before anybody knows where in which file it was. */
export function statementError(error: PostgresError): MigrateError {
  const code = error.code;
  if (error instanceof MigrateError) return error;
  // 57P0x, 25P03 and 25P04 are FATAL: the session is gone as if the socket had been.
  if (!isSqlState(code) || code.startsWith('57P') || code.startsWith('08') || code === '25P03' || code === '25P04')
    return new ConnectionLost(`the connection to PostgreSQL was lost: ${error.message || code}`, error);
  return new MigrateError(kindOf(error), error.message, {
    cause: error,
    hint: remedy(error) ?? error.hint,
    server: {
      code,
      ...(error.detail && { detail: error.detail }),
      ...(error.hint && { hint: error.hint }),
      ...(error.where && { where: error.where }),
    },
  });
}
