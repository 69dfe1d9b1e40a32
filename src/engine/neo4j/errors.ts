import { Neo4jError } from 'neo4j-driver';
import { ConnectionLost, type ErrorKind, MigrateError } from '../../errors.ts';
import { advised as addAdvice, UNREAD } from '../remedy.ts';

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

type Topic = keyof typeof import('./remedies/connecting.ts').CONNECTING;

/** `unreachable` may pass; the other kinds stay until somebody acts. */
export const CONNECT_KINDS: Readonly<Record<Topic, ErrorKind>> = {
  password: 'denied',
  'password expired': 'denied',
  'too many attempts': 'denied',
  right: 'denied',
  database: 'config',
  offline: 'unreachable',
  tls: 'config',
  'cut handshake': 'unreachable',
  http: 'config',
  'host name': 'unreachable',
  unreachable: 'unreachable',
};

/** What a failed attempt to reach the server means. */
export async function connectError(error: unknown, uri: string): Promise<MigrateError> {
  if (error instanceof MigrateError) return error;
  const { code, message } = describe(error);
  const judgement = judge(code, message);
  if (judgement === undefined) return advised(statementError(error));
  const [topic, text] = judgement;
  const advice = await import('./remedies/connecting.ts').then(
    ({ CONNECTING }) => CONNECTING[topic],
    () => UNREAD,
  );
  return new MigrateError(CONNECT_KINDS[topic], `Neo4j at ${uri}: ${text}`, {
    cause: error,
    server: code.startsWith('Neo.') ? { code } : undefined,
    ...advice,
  });
}

/** Undefined where the server has answered, and refuses the statement. */
function judge(code: string, message: string): readonly [topic: Topic, message: string] | undefined {
  if (code.includes('CredentialsExpired')) return ['password expired', message];
  if (code.startsWith('Neo.ClientError.Security.Unauthorized')) return ['password', 'user name or password is wrong'];
  if (code.includes('AuthenticationRateLimit'))
    return ['too many attempts', 'too many attempts with a wrong password, the server refuses more for a while'];
  if (code.startsWith('Neo.ClientError.Security')) return ['right', message];
  if (code === 'Neo.ClientError.Database.DatabaseNotFound') return ['database', message];
  if (code.endsWith('.DatabaseUnavailable')) return ['offline', message];
  if (/certificate|self.signed|altnames|ERR_TLS|ERR_SSL|wrong version number|SSL routines|EPROTO/i.test(message))
    return ['tls', `TLS connection failed: ${message}`];
  // So says a server without TLS, and one that is just restarting.
  if (CUT_HANDSHAKE.test(message)) return ['cut handshake', `TLS connection failed: ${message}`];
  if (/HTTP|http endpoint/.test(message)) return ['http', 'this port speaks HTTP, not Bolt'];
  // The words of getaddrinfo, by which people look for it.
  if (/ENOTFOUND/.test(message)) return ['host name', 'host name not found: Name or service not known'];
  if (/EAI_AGAIN/.test(message)) return ['host name', 'host name not found: Temporary failure in name resolution'];
  if (code.startsWith('Neo.ClientError') || code.startsWith('Neo.DatabaseError')) return undefined;
  return ['unreachable', message];
}

/** An error of a statement, before anybody knows where in which file it was and what to do about it. */
export function statementError(error: unknown): MigrateError {
  if (error instanceof MigrateError) return error;
  const { code, message, detail } = describe(error);
  if (CONNECTION.has(code) || !code.startsWith('Neo.'))
    return new ConnectionLost(`the connection to Neo4j was lost: ${message}`, error);
  return new MigrateError(kindOf(code), message, { cause: error, server: { code, ...(detail && { detail }) } });
}

/** The same with what it means here and what there is to do. */
export function advised(error: MigrateError): Promise<MigrateError> {
  return addAdvice(error, () => import('./remedies.ts'));
}

/** Called transient by the server, but it comes again every time: the statement needs more memory or stack than there is. */
const PERMANENT = /OutOfMemory|StackOverFlow|MemoryLimit|ExternalResource/i;

function kindOf(code: string): ErrorKind {
  if (code.startsWith('Neo.ClientError.Security')) return 'denied';
  if (PERMANENT.test(code)) return 'failed';
  // The driver calls a terminated transaction the client's error, because a client may have asked for it; we have not.
  if (code.endsWith('Transaction.Terminated') || code.endsWith('Transaction.LockClientStopped')) return 'busy';
  if (code.startsWith('Neo.TransientError')) return 'busy';
  return 'failed';
}

/** Where the server says that the error is, counted from the statement's beginning; behind it stands that line once more. */
const POSITION = /\(line \d+, column \d+ \(offset: (\d+)\)\)(?:\s*"[\s\S]*"\s*\^)?\s*$/;

/** The UTF-16 offset of an error in the text that was sent; undefined where the server does not say it. */
export function offsetIn(error: unknown): number | undefined {
  const offset = POSITION.exec(deepestNeo4j(error)?.message ?? '')?.[1];
  return offset === undefined ? undefined : Number(offset);
}

function deepestNeo4j(error: unknown): Neo4jError | undefined {
  if (error instanceof Neo4jError) return error;
  return error instanceof Error ? deepestNeo4j(error.cause) : undefined;
}

function describe(error: unknown): { code: string; message: string; detail?: string | undefined } {
  if (!(error instanceof Error)) return { code: '', message: String(error) };
  if (error.name === 'TimeoutError') return { code: '', message: 'no answer in time' };
  const code = error instanceof Neo4jError ? error.code : '';
  // Where it is about the network, the driver puts advice and its whole routing table around the cause.
  const cause = code.startsWith('Neo.') ? error : deepest(error);
  const message = cause.message
    .replace(POSITION, '')
    .replace(/\n\s*\^\s*$/, '')
    .trim()
    .replace(/\s*\n\s*/g, ' ')
    .replace(/^Failed to connect to server\..* Caused by: /, '');
  return { code, message: message.replace(/\s*Known routing table.*$/, ''), detail: detailOf(error) };
}

/** What newer servers say in more words: an error below the one with the code. `50N42` is the one that says nothing. */
function detailOf(error: Error): string | undefined {
  const { cause } = error;
  if (!(cause instanceof Error) || !('gqlStatus' in cause)) return undefined;
  return detailOf(cause) ?? (String(cause.gqlStatus).startsWith('50N') ? undefined : cause.message);
}

function deepest(error: Error): Error {
  return error.cause instanceof Error ? deepest(error.cause) : error;
}
