/** The pieces of a PostgreSQL URL, decoded and otherwise unchecked; empty ones are left out. */
export interface DatabaseUrl {
  readonly host: string | undefined;
  readonly port: string | undefined;
  readonly database: string | undefined;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly parameters: readonly (readonly [name: string, value: string])[];
}

const ESCAPES = 'in user name and password write @ as %40, : as %3A, / as %2F, ? as %3F, # as %23, % as %25';

/** What follows user and password. Only the parameters' values may hold a raw @. */
const SERVER =
  /^(?<host>(?:\[[^\]@]*\]|[^\s:@/?#[\]])*)(?::(?<port>[^\s@/?#[\]]*))?(?:\/(?<database>[^\s@/?#]*))?(?:\?(?<query>[^\s#]*))?$/;

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

  // A reading that is not right in everything serves to say what is wrong; a stray @ in it would be a password's.
  const readings = readingsOf(rest);
  const plain = readings.filter(({ parameters }) => !parameters.some(([, value]) => value.includes('@')));
  const reading =
    readings.find((candidate) => hasPlainPort(candidate) && hasOnly(known, candidate)) ??
    plain.find(hasPlainPort) ??
    plain.find((candidate) => hasOnly(known, candidate));
  if (!reading) throw new Error(`is not a URL such as postgresql://USER:PASSWORD@db.example:5432/localrag; ${ESCAPES}`);

  return {
    host: decode(reading.host, 'host'),
    port: reading.port,
    database: decode(reading.database, "database's name"),
    user: decodeCredential(reading.user, 'user name'),
    password: decodeCredential(reading.password, 'password'),
    parameters: reading.parameters.map(([name, value]) => [name, decode(value, name) ?? '']),
  };
}

/** Everything that the text could mean, the shortest user and password first. */
function readingsOf(rest: string): readonly DatabaseUrl[] {
  const ends = [...rest.matchAll(/@/g)].map(({ index }) => index);
  return [undefined, ...ends].flatMap((end) => {
    const credentials = end === undefined ? '' : rest.slice(0, end);
    const server = SERVER.exec(end === undefined ? rest : rest.slice(end + 1))?.groups;
    const parameters = parametersOf(server?.query);
    if (!server || !parameters) return [];
    const [user, ...password] = credentials.split(':');
    const { host, port, database } = server;
    return [{ host, port, database, user, password: password.join(':'), parameters }];
  });
}

/** undefined: no list of parameters, but a piece of a password. */
function parametersOf(query: string | undefined) {
  const pairs = (query || undefined)?.split('&').map((pair) => /^([a-z]\w*)=(.*)$/i.exec(pair)) ?? [];
  if (pairs.includes(null)) return undefined;
  return pairs.map((pair) => [pair?.[1] ?? '', pair?.[2] ?? ''] as const);
}

function hasPlainPort({ port }: DatabaseUrl): boolean {
  return /^\d*$/.test(port ?? '');
}

function hasOnly(known: (name: string) => boolean, { parameters }: DatabaseUrl): boolean {
  return parameters.every(([name]) => known(name));
}

function decode(text: string | undefined, what: string): string | undefined {
  try {
    return text ? decodeURIComponent(text) : undefined;
  } catch {
    throw new Error(`has a % in its ${what} that escapes no character; write it as %25`);
  }
}

/** A % that escapes nothing stands for itself, unless the same text also has escapes: then one of them is a mistake. */
export function decodeCredential(text: string | undefined, what: string): string | undefined {
  return /%[0-9a-f]{2}/i.test(text ?? '') ? decode(text, what) : text || undefined;
}
