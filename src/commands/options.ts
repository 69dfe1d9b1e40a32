import type { Database } from '../core/migration.ts';
import type { Command, Option } from './command.ts';

// The flags that many commands have, by what a command needs.

const PRINTING: readonly Option[] = [
  oneOf('--log-format <format>', ['auto', 'json', 'text']),
  oneOf('--log-level <level>', ['debug', 'info', 'warn', 'error']),
];
/** Of every command whose databases are configured by settings. */
export const TENANTS: readonly Option[] = [
  ['--tenant <name>', 'use the settings of the tenant of this name in TENANTS_DIR'],
  ['--tenant-index [index]', 'the same by place, counted from 0 (default: JOB_COMPLETION_INDEX)'],
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
  oneOf('--sslmode <mode>', ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full']),
];
const NEO4J: readonly Option[] = [['--uri <uri>', 'Neo4j URI: bolt://… or neo4j://…']];
/** Two flags that speak of PostgreSQL wherever it is in scope. */
const NEO4J_ALONE: readonly Option[] = [
  ['--database <name>', 'Neo4j database'],
  ['--user <name>', 'Neo4j user'],
];

/** The flags of a command: its own, and those that its privilege brings. */
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
    ...(databases && !manual ? TENANTS : []),
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

/** A flag whose value is one of a few words. */
function oneOf(flag: string, words: readonly string[]): Option {
  return [flag, `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`, words];
}
