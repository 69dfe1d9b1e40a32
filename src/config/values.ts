import { isIPv6 } from 'node:net';
import { parseDuration } from '../core/duration.ts';
import { decodeCredential } from './database-url.ts';

/*
 * From a variable's text to its value. Each throws an Error whose message goes on after the variable's name, and
 * which repeats the text only where no secret can have strayed into it.
 */

export const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;

/** setTimeout of Node and timeouts of PostgreSQL both end at 2^31 - 1 milliseconds; Node takes more for 1 ms. */
const LONGEST = 2 ** 31 - 1;

export function text(input: string): string {
  return input;
}

export function port(input: string): number {
  const number = Number(input);
  if (!/^\d{1,5}$/.test(input) || number < 1 || number > 65_535) throw new Error('is not a port, 1 to 65535');
  return number;
}

/** A name, an address, or the directory of a Unix socket. */
export function hostOrSocket(input: string): string {
  return input.startsWith('/') ? input : host(input);
}

/** A name or an address; IPv6 also in brackets, which come off. */
export function host(input: string): string {
  if (input.includes(',')) throw new Error('names several hosts; give the one that takes writes');
  const address = input.replace(/^\[(.*)\]$/, '$1');
  // Asked only where it may be one: the pattern behind it takes 5 ms to compile.
  if (address.includes(':') && isIPv6(address)) return address;
  // Underscores are no part of a host name in DNS, but of service names in docker-compose.
  if (/^[\p{L}\p{N}_](?:[\p{L}\p{N}._-]*)$/u.test(input)) return input;
  throw new Error('is not a host name or an address; a port has its own place');
}

export function seconds(input: string): number {
  // 0 would be "no limit" to libpq; an attempt that never ends would hide every later one.
  if (!/^\d{1,6}$/.test(input) || Number(input) === 0) throw new Error('is not a whole number of seconds from 1 on');
  return Number(input) * 1000;
}

export function duration(input: string): number {
  const milliseconds = input === '0' ? 0 : parseDuration(input);
  if (milliseconds === undefined) throw new Error(`is not a duration such as 500ms, 90s, 5m or 2h: ${quote(input)}`);
  if (milliseconds > LONGEST) throw new Error(`is longer than 24 days: ${quote(input)}`);
  return milliseconds;
}

/** For PostgreSQL's lock_timeout, where 0 would mean to wait for ever. */
export function positiveDuration(input: string): number {
  const milliseconds = duration(input);
  if (milliseconds === 0)
    throw new Error('is 0, which would block every other session of the table; give it some seconds');
  return milliseconds;
}

export function oneOf<const T extends string>(choices: readonly T[]): (input: string) => T {
  return (input) => {
    const choice = choices.find((word) => word === input.toLowerCase());
    if (choice === undefined) throw new Error(`is none of ${choices.join(', ')}: ${quote(input)}`);
    return choice;
  };
}

export const sslmode = oneOf(SSL_MODES);

export const channelBinding = oneOf(['disable', 'prefer', 'require']);

/** In the order of their age; Node and libpq have the same names for them. */
export const TLS_VERSIONS = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;

export function tlsVersion(input: string): (typeof TLS_VERSIONS)[number] {
  const version = TLS_VERSIONS.find((name) => name.toLowerCase() === input.toLowerCase());
  if (version === undefined) throw new Error(`is none of ${TLS_VERSIONS.join(', ')}: ${quote(input)}`);
  return version;
}

const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
type LogLevel = (typeof LOG_LEVELS)[number];

/** LocalRAG reads the same variable: what Python's logging, loguru and uvicorn call the levels. */
const PYTHON_LOG_LEVELS: ReadonlyMap<string, LogLevel> = new Map([
  ...(['notset', 'trace', '0', '5', '10'] as const).map((name) => [name, 'debug'] as const),
  ...(['success', '20', '25'] as const).map((name) => [name, 'info'] as const),
  ...(['warning', '30'] as const).map((name) => [name, 'warn'] as const),
  ...(['critical', 'fatal', '40', '50'] as const).map((name) => [name, 'error'] as const),
]);

export function logLevel(input: string): LogLevel {
  const name = input.trim().toLowerCase();
  return PYTHON_LOG_LEVELS.get(name) ?? oneOf(LOG_LEVELS)(name);
}

/** Somewhere on this machine, because that is where a sidecar is. */
export function loopbackUrl(input: string): string {
  const url = URL.canParse(input) ? new URL(input) : undefined;
  if (url?.protocol !== 'http:' || !['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname)) {
    throw new Error('is not a URL of this machine such as http://127.0.0.1:15020/quitquitquit');
  }
  return input;
}

const NEO4J_SCHEMES = ['bolt', 'bolt+s', 'bolt+ssc', 'neo4j', 'neo4j+s', 'neo4j+ssc'];

/** Nothing of the URI is repeated: credentials may have strayed into it. */
export function neo4jUri(input: string): string {
  const uri = input.trim();
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  const scheme = /^[^:]*(?=:\/\/)/.exec(uri)?.[0].toLowerCase() ?? '';
  if (!NEO4J_SCHEMES.includes(scheme)) {
    throw new Error(`does not begin with any of ${NEO4J_SCHEMES.map((name) => `${name}://`).join(', ')}`);
  }
  if (uri.includes('@')) throw new Error('holds a user or a password; NEO4J_USER and NEO4J_PASSWORD are for them');
  if (!url?.hostname || url.hash) throw new Error('is not a URI such as neo4j://graph.example:7687');
  if (url.pathname.length > 1) throw new Error('has a path; NEO4J_DATABASE names a database');
  // The driver takes a routing context with the schemes that route, and nothing with the others.
  if (url.search && scheme.startsWith('bolt')) throw new Error('has parameters, which only neo4j:// takes');
  host(url.hostname);
  return uri;
}

/** A word as it was written; anything that could be more than a mistyped word is not repeated. */
function quote(input: string): string {
  return /^[\w. +-]{1,30}$/.test(input) ? `"${input}"` : '(not shown)';
}

export interface RedisUrl {
  readonly encrypted: boolean;
  readonly host: string;
  readonly port: number | undefined;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly database: number | undefined;
}

/** Nothing of the URL is repeated: the password may be anywhere in it. */
export function redisUrl(input: string): RedisUrl {
  const url = URL.canParse(input.trim()) ? new URL(input.trim()) : undefined;
  const path = /^\/?(?<database>\d*)$/.exec(url?.pathname ?? '-')?.groups;
  if (!url?.hostname || !/^rediss?:$/.test(url.protocol) || !path || url.search || url.hash) {
    throw new Error(
      'is not a URL such as redis://:PASSWORD@cache.example:6379/0 (or rediss://); in the password write @ as %40, / as %2F, ? as %3F, # as %23, % as %25',
    );
  }
  return {
    encrypted: url.protocol === 'rediss:',
    host: host(url.hostname),
    port: url.port ? Number(url.port) : undefined,
    user: decodeCredential(url.username, 'user name'),
    password: decodeCredential(url.password, 'password'),
    database: path.database ? redisDatabase(path.database) : undefined,
  };
}

export function redisDatabase(input: string): number {
  if (!/^\d{1,5}$/.test(input)) throw new Error('is not the number of a Redis database');
  return Number(input);
}
