import { Neo4jError } from 'neo4j-driver';
import { ConnectionLost, type ErrorKind, MigrateError } from '../../errors.ts';

const CONNECTION = new Set(['ServiceUnavailable', 'SessionExpired']);

const CUT_HANDSHAKE = /before secure TLS connection/;

/** Whether a server ended a TLS handshake: one that does so again and again has no TLS. */
export function isCutHandshake(error: MigrateError): boolean {
  return CUT_HANDSHAKE.test(error.message);
}

/** Whether a constraint cannot be made because an index has its name: somebody's, or one that was left behind. */
export function isNameTaken(error: unknown): boolean {
  return error instanceof MigrateError && error.server?.code === 'Neo.ClientError.Schema.IndexWithNameAlreadyExists';
}

/** What a failed attempt to reach the server means. `unreachable` may pass; the other kinds stay until somebody acts. */
export function connectError(error: unknown, uri: string): MigrateError {
  if (error instanceof MigrateError) return error;
  const { code, message } = describe(error);
  const make = (kind: ErrorKind, text: string, hint: string) =>
    new MigrateError(kind, `Neo4j at ${uri}: ${text}`, {
      hint,
      cause: error,
      server: code.startsWith('Neo.') ? { code } : undefined,
    });
  if (code.startsWith('Neo.ClientError.Security.Unauthorized') || code.includes('CredentialsExpired'))
    return make(
      'denied',
      'user name or password is wrong',
      'check NEO4J_USER and NEO4J_PASSWORD (or NEO4J_PASSWORD_FILE)',
    );
  if (code.includes('AuthenticationRateLimit'))
    return make(
      'denied',
      'too many attempts with a wrong password, the server refuses more for a while',
      'check NEO4J_USER and NEO4J_PASSWORD, and who else tries with an old password',
    );
  if (code.startsWith('Neo.ClientError.Security'))
    return make('denied', message, 'grant this user the right that the message names');
  if (code === 'Neo.ClientError.Database.DatabaseNotFound')
    return make(
      'config',
      message,
      'set NEO4J_DATABASE to one that exists (Community Edition has one: neo4j), or unset it',
    );
  if (/certificate|self.signed|altnames|ERR_TLS|ERR_SSL|wrong version number|SSL routines|EPROTO/i.test(message))
    return make(
      'config',
      `TLS connection failed: ${message}`,
      'use bolt:// or neo4j:// where the server has no TLS, +ssc for a certificate that no authority signed',
    );
  // So says a server without TLS, and one that is just restarting.
  if (CUT_HANDSHAKE.test(message))
    return make(
      'unreachable',
      `TLS connection failed: ${message}`,
      'use bolt:// or neo4j:// where the server has no TLS; else wait until it has started',
    );
  if (/HTTP|http endpoint/.test(message))
    return make('config', 'this port speaks HTTP, not Bolt', 'use the Bolt port (7687 by default)');
  if (/ENOTFOUND|EAI_AGAIN/.test(message))
    return make(
      'unreachable',
      'host name not found',
      'check NEO4J_URI; in Docker both containers must be on one network, in Kubernetes the name needs its namespace; an IP address leaves name resolution out',
    );
  if (code.startsWith('Neo.ClientError') || code.startsWith('Neo.DatabaseError')) return statementError(error);
  return make(
    'unreachable',
    message,
    'check that the server runs and that host, port and firewall let this machine reach it',
  );
}

/** An error of a statement, before anybody knows where in which file it was. */
export function statementError(error: unknown): MigrateError {
  if (error instanceof MigrateError) return error;
  const { code, message } = describe(error);
  if (CONNECTION.has(code) || !code.startsWith('Neo.'))
    return new ConnectionLost(`the connection to Neo4j was lost: ${message}`, error);
  return new MigrateError(kindOf(code), message, { cause: error, hint: remedy(code), server: { code } });
}

function kindOf(code: string): ErrorKind {
  if (code.startsWith('Neo.ClientError.Security')) return 'denied';
  // Called transient by the server, but it comes again every time.
  if (code.includes('MemoryPoolOutOfMemory') || code.includes('OutOfMemory')) return 'failed';
  // The driver calls a terminated transaction the client's error, because a client may have asked for it; we have not.
  if (code.endsWith('Transaction.Terminated') || code.endsWith('Transaction.LockClientStopped')) return 'busy';
  if (code.startsWith('Neo.TransientError')) return 'busy';
  return 'failed';
}

function remedy(code: string): string | undefined {
  if (code.startsWith('Neo.ClientError.Security')) return 'grant this user the right that the message names';
  if (code.includes('OutOfMemory'))
    return 'the transaction is too large for the server: batch it with CALL { … } IN TRANSACTIONS in a file with `// migrate: auto-commit` and, if a second run does no harm, `// migrate: replayable`';
  if (code.endsWith('Schema.ConstraintCreationFailed'))
    return 'data stands in the way of the constraint (duplicates?), or the edition lacks it: mend the nodes that the message names, then run migrate again';
  if (code.endsWith('Schema.IndexAlreadyExists'))
    return 'drop the index that stands on the same label and property first: DROP INDEX … IF EXISTS';
  if (code.endsWith('Schema.IndexWithNameAlreadyExists'))
    return 'an index has the name of this constraint: drop it first (DROP INDEX … IF EXISTS), or name the constraint otherwise';
  if (code.endsWith('Transaction.TransactionStartFailed') || code.endsWith('ForbiddenDueToTransactionType'))
    return 'CALL { … } IN TRANSACTIONS needs `// migrate: auto-commit` at the head of the file';
  if (code.includes('TransactionTimedOut'))
    return 'raise STATEMENT_TIMEOUT (0 means none), or break the work into batches';
  return undefined;
}

function describe(error: unknown): { code: string; message: string } {
  if (!(error instanceof Error)) return { code: '', message: String(error) };
  if (error.name === 'TimeoutError') return { code: '', message: 'no answer in time' };
  const code = error instanceof Neo4jError ? error.code : '';
  // Where it is about the network, the driver puts advice and its whole routing table around the cause.
  const cause = code.startsWith('Neo.') ? error : deepest(error);
  const message = cause.message.replace(/\s*\n\s*/g, ' ').replace(/^Failed to connect to server\..* Caused by: /, '');
  return { code, message: message.replace(/\s*Known routing table.*$/, '') };
}

function deepest(error: Error): Error {
  return error.cause instanceof Error ? deepest(error.cause) : error;
}
