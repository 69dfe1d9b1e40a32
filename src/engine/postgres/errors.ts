import type { PostgresConfig } from '../../config.ts';
import { ConnectionLost, type ErrorKind, MigrateError, type ServerReport } from '../../errors.ts';
import { advised as addAdvice, UNREAD } from '../remedy.ts';

/** The fields of an ErrorResponse that `pg` puts on its errors. */
export interface PostgresError extends Error {
  readonly code?: string;
  readonly severity?: string;
  readonly detail?: string;
  readonly hint?: string;
  readonly where?: string;
  /** Counts code points of the message sent, from 1. */
  readonly position?: string;
  /** What a function sent itself, and the place in it, counted likewise. */
  readonly internalQuery?: string;
  readonly internalPosition?: string;
  readonly schema?: string;
  readonly table?: string;
  readonly column?: string;
  readonly constraint?: string;
}

/** Raised by our own check inside a migration's transaction when the advisory lock is not held any more. */
export const LOCK_LOST = 'LRM01';

/** Raised by our own check inside a migration's transaction when the file has touched the history. */
export const HISTORY_TOUCHED = 'LRM02';

/** Raised by a repair that does not find the row that it changes. */
export const ROW_GONE = 'LRM03';

const DNS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'Name or service not known',
  EAI_AGAIN: 'Temporary failure in name resolution',
};
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

/** localhost has two addresses; when both fail Node wraps both errors into one without a message. */
export function firstCause(error: PostgresError): PostgresError {
  return error instanceof AggregateError && error.errors.length > 0 ? (error.errors[0] as PostgresError) : error;
}

/** Whether TLS, not the server's word, ended the attempt: what sslmode `prefer` falls back from. */
export function isTlsFailure(error: PostgresError): boolean {
  return (
    /does not support SSL|establishing an SSL connection/.test(error.message) ||
    /^(ERR_SSL|ERR_TLS|EPROTO|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/.test(error.code ?? '') ||
    /certificate|TLS|SSL/i.test(error.message)
  );
}

type Topic = keyof typeof import('./remedies/connecting.ts').CONNECTING;

/** `unreachable` may pass; the other kinds stay until somebody acts. */
export const CONNECT_KINDS: Readonly<Record<Topic, ErrorKind>> = {
  'host name': 'unreachable',
  password: 'denied',
  'pg_hba.conf': 'denied',
  login: 'denied',
  database: 'config',
  connect: 'denied',
  'no tls': 'config',
  tls: 'config',
  'channel binding': 'config',
  'too many': 'unreachable',
  starting: 'unreachable',
  unreachable: 'unreachable',
};

/** What a failed attempt to connect means. */
export async function connectError(
  error: PostgresError,
  config: Pick<PostgresConfig, 'host' | 'port' | 'sslmode'>,
): Promise<MigrateError> {
  const { host, port } = config;
  const at = host.startsWith('/') ? `${host}/.s.PGSQL.${port}` : `${host}:${port}`;
  const [topic, message] = judge(error, config);
  const advice = await import('./remedies/connecting.ts').then(
    ({ CONNECTING }) => CONNECTING[topic],
    () => UNREAD,
  );
  return new MigrateError(CONNECT_KINDS[topic], `PostgreSQL at ${at}: ${message}`, {
    cause: error,
    server: isSqlState(error.code) ? { code: error.code } : undefined,
    ...advice,
  });
}

function judge(
  error: PostgresError,
  { host, sslmode }: Pick<PostgresConfig, 'host' | 'sslmode'>,
): readonly [topic: Topic, message: string] {
  const { code = '', message } = error;
  // The words of getaddrinfo, by which people look for it.
  const lookUp = DNS[code];
  if (lookUp !== undefined) return ['host name', `host name not found (${host}): ${lookUp}`];
  if (code === '28P01') return ['password', message];
  if (/client password must be a (non-empty )?string/.test(message))
    return ['password', 'the server asks for a password, and none is configured'];
  // Our own words, or the server's: it has seen another certificate than its own in the login.
  if (/channel binding/.test(message)) return ['channel binding', message];
  if (code === '28000') return [/not permitted to log in/.test(message) ? 'login' : 'pg_hba.conf', message];
  if (code === '3D000') return ['database', message];
  if (code === '42501') return ['connect', message];
  if (/does not support SSL/.test(message)) {
    // The other modes go on without TLS.
    const demand = ['allow', 'prefer'].includes(sslmode) ? 'channel_binding=require' : 'sslmode';
    return ['no tls', `SSL connection failed: the server offers no TLS, and ${demand} demands it`];
  }
  if (isTlsFailure(error) && !isSqlState(code)) return ['tls', `SSL connection failed: ${message}`];
  // pgbouncer has no SQLSTATE of its own for it.
  if (code === '53300' || /no more connections allowed/.test(message)) return ['too many', message];
  return [code === '57P03' ? 'starting' : 'unreachable', message || code || 'connection failed'];
}

/** SQLSTATEs that a migration may meet and that are not simply "the database refused it". */
function kindOf({ code = '', message }: PostgresError): ErrorKind {
  // The rest of class 53 (memory, disk, locks, limits) comes again until the server or the file is changed.
  if (['55P03', '40P01', '40001', '53300'].includes(code)) return 'busy';
  if (code === '42501' || code === '25006') return 'denied';
  if (/extension .* is not available|could not open extension control file/.test(message)) return 'denied';
  return 'failed';
}

/** An error of a statement, before anybody knows where in which file it was and what to do about it. */
export function statementError(error: PostgresError): MigrateError {
  if (error instanceof MigrateError) return error;
  const { code } = error;
  if (!isSqlState(code) || endsSession(error))
    return new ConnectionLost(`the connection to PostgreSQL was lost: ${error.message || code}`, error);
  const server: ServerReport = {
    code,
    ...Object.fromEntries(TOLD.flatMap((field) => (error[field] ? [[field, error[field]]] : []))),
  };
  return new MigrateError(kindOf(error), error.message, { cause: error, server });
}

/**
 * 57P0x, 08xxx and 25P03 are FATAL: the session is gone as if the socket had been. 25P04 is too, but it is the limit that the file
 * has set for its own transaction, which was rolled back. A file may raise each of them as an ERROR. The severity is in the
 * server's language.
 */
function endsSession({ code = '', severity }: PostgresError): boolean {
  return severity !== 'ERROR' && (code.startsWith('57P') || code.startsWith('08') || code === '25P03');
}

const TOLD = ['detail', 'hint', 'where', 'schema', 'table', 'column', 'constraint'] as const;

/** What the driver has thrown, below our own errors. */
export function rootCause(error: Error): unknown {
  return error.cause instanceof Error ? rootCause(error.cause) : error;
}

/** The same with what it means here and what there is to do. */
export function advised(error: MigrateError): Promise<MigrateError> {
  return addAdvice(error, () => import('./remedies.ts'));
}
