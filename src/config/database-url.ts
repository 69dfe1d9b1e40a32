import * as values from './values.ts';

/** The pieces of a PostgreSQL URL, decoded; empty ones are left out. */
export interface DatabaseUrl {
  readonly host?: string;
  readonly port?: number;
  readonly database?: string;
  readonly user?: string;
  readonly password?: string;
  readonly parameters: ReadonlyMap<string, string>;
}

const ESCAPES = 'in user name and password write @ as %40, : as %3A, / as %2F, ? as %3F, # as %23, % as %25';

/** What follows the user and the password. Database and parameters may hold no delimiter that is not escaped. */
const SERVER =
  /^(?<host>(?:\[[^\]@]*\]|[^\s:@/?#[\]])*)(?::(?<port>[^\s:@/?#[\]]*))?(?:\/(?<database>[^\s@/?#]*))?(?:\?(?<query>[^\s#]*))?$/;

/** A parameter's name, as libpq and SQLAlchemy spell them; anything else is a piece of a password. */
const PARAMETER = /^(?<name>[a-z_]+)=(?<value>.*)$/;

/**
 * Reads `postgresql://user:password@host:port/database?parameters`, with any driver (`postgresql+asyncpg`).
 *
 * Passwords are often pasted in without escaping, so every @ is tried as the one that ends it. The first that leaves
 * a server with a port of digits and parameters of known names is taken: a raw @, /, ?, # or : in a password is then
 * unambiguous. Nothing else is guessed.
 * @param known whether a parameter has this name.
 * @throws Error in words that go on after the variable's name, and show nothing of the URL.
 * @see https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS
 */
export function parseDatabaseUrl(text: string, known: (name: string) => boolean): DatabaseUrl {
  const rest = /^postgres(?:ql)?(?:\+\w+)?:\/\/(?<rest>.*)$/is.exec(text.trim())?.groups?.rest;
  if (rest === undefined) throw new Error('does not begin with postgresql:// (or postgresql+asyncpg:// and the like)');

  const readings = readingsOf(rest);
  const reading =
    readings.find(({ port, parameters }) => /^\d*$/.test(port) && [...parameters.keys()].every(known)) ??
    readings.find(({ parameters }) => [...parameters.values()].every((value) => !value.includes('@')));
  if (!reading) throw new Error(`is not a URL such as postgresql://user:password@host:5432/database; ${ESCAPES}`);
  return decoded(reading);
}

interface Reading {
  readonly user: string;
  readonly password: string;
  readonly host: string;
  readonly port: string;
  readonly database: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** Everything that the text could mean, the shortest user and password first. */
function readingsOf(rest: string): readonly Reading[] {
  const ends = [-1, ...[...rest.matchAll(/@/g)].map(({ index }) => index)];
  return ends.flatMap((end) => {
    const { host = '', port = '', database = '', query } = SERVER.exec(rest.slice(end + 1))?.groups ?? { host: '@' };
    const parameters = parametersOf(query ?? '');
    if (host === '@' || parameters === undefined) return [];
    const [user = '', ...password] = end === -1 ? [] : rest.slice(0, end).split(':');
    return [{ user, password: password.join(':'), host, port, database, parameters }];
  });
}

/** undefined: not a list of parameters, or one of them twice. */
function parametersOf(query: string): ReadonlyMap<string, string> | undefined {
  const pairs = query === '' ? [] : query.split('&').map((pair) => PARAMETER.exec(pair)?.groups);
  const parameters = new Map(pairs.map((pair) => [pair?.name ?? '', pair?.value ?? '']));
  return parameters.has('') || parameters.size < pairs.length ? undefined : parameters;
}

function decoded(reading: Reading): DatabaseUrl {
  const url = {
    host: reading.host && values.host(decode(reading.host, 'host')),
    port: reading.port && values.port(reading.port),
    database: decode(reading.database, 'database'),
    user: decodeCredential(reading.user, 'user name'),
    password: decodeCredential(reading.password, 'password'),
  };
  const parameters = [...reading.parameters].map(([name, value]) => [name, decode(value, name)] as const);
  const told = Object.entries(url).filter(([, value]) => value !== '');
  return { ...Object.fromEntries(told), parameters: new Map(parameters) };
}

function decode(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error(`has a % in its ${what} that escapes no character; write it as %25`);
  }
}

/** A % that escapes nothing stands for itself, unless the same text also has escapes: then one of them is a mistake. */
function decodeCredential(text: string, what: string): string {
  return /%[0-9a-f]{2}/i.test(text) ? decode(text, what) : text;
}
