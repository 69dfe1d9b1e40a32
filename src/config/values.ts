import { isIPv6 } from 'node:net';
import { parseDuration } from '../core/duration.ts';

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

/** A name, an address (IPv6 also in brackets), or the directory of a Unix socket. */
export function host(input: string): string {
  if (input.startsWith('/')) return input;
  if (input.includes(',')) throw new Error('names several hosts; give the one that takes writes');
  const address = input.replace(/^\[(.*)\]$/, '$1');
  if (isIPv6(address)) return address;
  // Underscores are no part of a host name in DNS, but of service names in docker-compose.
  if (/^[\p{L}\p{N}_](?:[\p{L}\p{N}._-]*)$/u.test(input)) return input;
  throw new Error('is not a host name, an address or the directory of a Unix socket; a port has its own variable');
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
  if (milliseconds === 0) throw new Error('is 0, which would block every other session of the table; give it some seconds');
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

/** Python's names are understood too: LocalRAG reads the same variable. */
export function logLevel(input: string): 'debug' | 'info' | 'warn' | 'error' {
  return oneOf(['debug', 'info', 'warn', 'error'])(input.toLowerCase() === 'warning' ? 'warn' : input);
}

/** A word as it was written; anything that could be more than a mistyped word is not repeated. */
function quote(input: string): string {
  return /^[\w. +-]{1,30}$/.test(input) ? `"${input}"` : '(not shown)';
}

export function redisDatabase(input: string): number {
  if (!/^\d{1,5}$/.test(input)) throw new Error('is not the number of a Redis database');
  return Number(input);
}
