import { COMMANDS, type Command, type Input, type Option } from './commands/commands.ts';
import type { Flags } from './config.ts';
import { DATABASES, type Database } from './core/migration.ts';

/** What the command line asks for. */
export interface Invocation {
  readonly command: Command;
  readonly scope: readonly Database[];
  readonly input: Input;
  readonly flags: Flags;
  readonly json: boolean;
}

const PRINTING: readonly Option[] = [
  ['--log-format <format>', 'auto, json or text'],
  ['--log-level <level>', 'debug, info, warn or error'],
];
const FILES: readonly Option[] = [
  ['--migrations-dir <path>', "the directory of the migrations (default: the image's own)"],
];
const WAITING: readonly Option[] = [['--wait-timeout <duration>', 'how long to wait for the databases (120s)']];
const WRITING: readonly Option[] = [
  ['--lock-timeout <duration>', 'how long to wait for the migration lock (90s)'],
  ['--statement-timeout <duration>', 'how long one statement may take (0: no limit)'],
  ['--ddl-lock-timeout <duration>', 'how long one try may wait for a table (5s)'],
  ['--ddl-lock-retry-for <duration>', 'how long to try again for a table (120s)'],
  ['--shutdown-grace <duration>', 'how long stopping cleanly may take (20s)'],
];
const POSTGRES: readonly Option[] = [
  ['--host <host>', 'PostgreSQL host'],
  ['--port <port>', 'PostgreSQL port'],
  ['--database <name>', 'PostgreSQL database'],
  ['--user <name>', 'PostgreSQL user'],
  ['--sslmode <mode>', 'disable, allow, prefer, require, verify-ca or verify-full'],
];
const NEO4J: readonly Option[] = [['--uri <uri>', 'Neo4j URI: bolt://… or neo4j://…']];
/** Two flags that speak of PostgreSQL wherever it is in scope. */
const NEO4J_ALONE: readonly Option[] = [
  ['--database <name>', 'Neo4j database'],
  ['--user <name>', 'Neo4j user'],
];

/** `localrag-migrate` and `localrag-migrate postgres`, with flags or without, mean migrate. */
export function withDefaultCommand(argv: readonly string[]): string[] {
  const scoped = DATABASES.some((database) => database === argv[0]) ? 1 : 0;
  const next = argv[scoped];
  const given = next !== undefined && (!next.startsWith('-') || ['-h', '--help', '-V', '--version'].includes(next));
  return given ? [...argv] : [...argv.slice(0, scoped), 'migrate', ...argv.slice(scoped)];
}

/** The flags of a command where these databases are in scope. */
export function optionsOf(command: Command, scope: readonly Database[]): readonly Option[] {
  const databases = needsDatabases(command);
  const manual = command.name === 'migrate-manual';
  const postgres = scope.includes('postgres');
  return [
    ...command.options,
    ['--json', 'answer in JSON'],
    ...(databases && postgres ? POSTGRES : []),
    ...(databases && scope.includes('neo4j') && !(manual && postgres) ? NEO4J : []),
    ...(databases && !postgres ? NEO4J_ALONE : []),
    ...FILES,
    ...(command.privilege === 'read' || command.privilege === 'write' ? WAITING : []),
    ...(command.privilege === 'write' ? WRITING : []),
    ...PRINTING,
  ];
}

/** Whether a command's databases must be configured. */
export function needsDatabases({ privilege }: Command): boolean {
  return privilege === 'look' || privilege === 'read' || privilege === 'write';
}

/** `options` by their names in camelCase, as commander has them. */
export function invocationOf(
  command: Command,
  scope: readonly Database[],
  argument: string | undefined,
  options: Input['options'],
): Invocation {
  return {
    command,
    // migrate-manual speaks of one database at a time.
    scope: command.name === 'migrate-manual' ? scope.slice(0, 1) : scope,
    input: { scope, argument, options },
    flags: options as Flags,
    json: options.json === true,
  };
}

/**
 * A command line that is written plainly, which a Job's always is: a command and its long flags. Everything else
 * (help, abbreviations, mistakes) is undefined here, and commander's: to read it takes longer than to read both databases.
 */
export function plainInvocation(argv: readonly string[]): Invocation | undefined {
  const words = withDefaultCommand(argv);
  const only = DATABASES.find((database) => database === words[0]);
  const scope = only === undefined ? DATABASES : [only];
  const [name, ...rest] = only === undefined ? words : words.slice(1);
  const command = COMMANDS.find((command) => command.name === name);
  if (command === undefined || command.argument !== undefined) return undefined;
  const kinds = new Map(optionsOf(command, scope).map(([flag]) => [flag.split(' ')[0], flag.split(' ')[1]?.[0]]));
  const options: Record<string, string | true> = {};
  for (let at = 0; at < rest.length; at += 1) {
    const [, flag = '', , given] = /^(--[a-z][a-z0-9-]*)(=(.*))?$/s.exec(rest[at] ?? '') ?? [];
    if (!kinds.has(flag)) return undefined;
    const kind = kinds.get(flag);
    const next = rest[at + 1];
    const apart = given === undefined && next !== undefined && !next.startsWith('-') ? next : undefined;
    if (kind === undefined ? given !== undefined : kind === '<' && given === undefined && apart === undefined)
      return undefined;
    const value = kind === undefined ? true : (given ?? apart ?? true);
    if (kind !== undefined && given === undefined && apart !== undefined) at += 1;
    options[flag.slice(2).replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())] = value;
  }
  return invocationOf(command, scope, undefined, options);
}
