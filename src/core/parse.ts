import type { Problem } from '../errors.ts';
import { checksum, withLineFeeds } from './checksum.ts';
import { readCypher } from './cypher.ts';
import { cypherFaults, escapeFaults, shellFault } from './cypher-rules.ts';
import { decode } from './decode.ts';
import { readDirectives } from './directives.ts';
import { foreignSectionFaults } from './foreign-sections.ts';
import { invisibleFaults } from './invisible.ts';
import type { Script } from './lexer.ts';
import type { Database, Directives, Migration, Parsed, Span } from './migration.ts';
import { readRollback } from './rollback.ts';
import { type Fault, SourceLines, toProblem } from './source.ts';
import { readSql } from './sql.ts';
import { withQuotingFaults } from './sql-quoting.ts';
import { psqlFault, sqlFaults } from './sql-rules.ts';
import { toSteps } from './steps.ts';

export interface FileName {
  readonly version: number;
  readonly database: Database;
  readonly slug: string;
  /** The number as it is written, with its leading zeros. */
  readonly digits: string;
}

const PATTERN = /^(\d{3,14})_([a-z0-9_]+)\.(sql|cypher)$/;

/** `001_initial_schema.sql` and the like; undefined for every other name. */
export function parseFileName(name: string): FileName | undefined {
  const [, digits, slug, ending] = PATTERN.exec(name) ?? [];
  if (digits === undefined || slug === undefined) return undefined;
  return { version: Number(digits), slug, digits, database: ending === 'sql' ? 'postgres' : 'neo4j' };
}

/** Problems of one file that are told at most: finding a place takes time, and nobody reads the hundredth. */
const MOST = 100;

interface Dialect {
  read(text: string): Script;
  faults(text: string, statement: Span, directives: Directives): readonly Fault[];
  clientFault(text: string, command: Span): Fault;
  textFaults(text: string): readonly Fault[];
  readonly comment: string;
}

const DIALECTS: Readonly<Record<Database, Dialect>> = {
  postgres: { read: readSql, faults: sqlFaults, clientFault: psqlFault, textFaults: () => [], comment: '--' },
  neo4j: { read: readCypher, faults: cypherFaults, clientFault: shellFault, textFaults: escapeFaults, comment: '//' },
};

/** A migration from a file's name and content, or everything that is wrong with it. */
export function parseMigration(name: string, bytes: Uint8Array): Parsed {
  const file = parseFileName(name);
  if (file === undefined) return { problems: [badName(name)] };
  const decoded = decode(bytes);
  const text = withLineFeeds(decoded.text);
  if (decoded.fault !== undefined) return { problems: [toProblem(name, new SourceLines(decoded.text), decoded.fault)] };
  const { migration, faults } = parseText(name, file, text);
  if (migration !== undefined) return { migration, problems: [] };
  const lines = new SourceLines(text);
  const problems = faults.slice(0, MOST).map((fault) => toProblem(name, lines, fault));
  if (faults.length > MOST) problems.push({ message: `and ${faults.length - MOST} more`, place: { file: name } });
  return { problems };
}

/** What to say of a file whose name ends as a migration's does, and is none. */
export function badName(name: string): Problem {
  return {
    message: `${name} is no name of a migration`,
    hint: 'a name is a number of 3 to 14 digits, an underscore, and small letters, digits and underscores: 007_add_users.sql, 008_topics.cypher',
    place: { file: name },
  };
}

function parseText(
  name: string,
  { version, database }: FileName,
  text: string,
): { readonly migration?: Migration; readonly faults: readonly Fault[] } {
  const dialect = DIALECTS[database];
  const script = dialect.read(text);
  const { statements, markers, unterminated } = script;
  const { directives, faults: directiveFaults } = readDirectives(text, database, markers, statements[0]?.start);
  const rollback = readRollback(text, dialect.comment, markers);
  const found: Fault[] = [
    ...directiveFaults,
    ...rollback.faults,
    ...dialect.textFaults(text),
    ...foreignSectionFaults(text, script),
    ...invisibleFaults(text, script.invisible),
    ...script.clientCommands.map((command) => dialect.clientFault(text, command)),
  ];
  for (const statement of statements) found.push(...dialect.faults(text, statement, directives));
  if (unterminated !== undefined) found.push(neverCloses(unterminated));
  else if (statements.length === 0 && script.clientCommands.length === 0) found.push(noStatement(text));
  const faults = database === 'postgres' ? withQuotingFaults(text, script, found) : found;
  if (faults.length > 0) return { faults: faults.toSorted((a, b) => (a.offset ?? 0) - (b.offset ?? 0)) };

  return {
    faults,
    migration: {
      version,
      name,
      database,
      text,
      checksum: checksum(text),
      directives,
      steps: toSteps(database, text, statements, directives),
      rollback: rollback.text,
    },
  };
}

function neverCloses({ what, offset }: NonNullable<Script['unterminated']>): Fault {
  return {
    offset,
    message: `unterminated ${what}: it opens here and is never closed`,
    hint: 'close it, or take it out',
  };
}

function noStatement(text: string): Fault {
  return {
    message: `the file holds no statement${text.trim() === '' ? ': it is empty' : ', only comments'}`,
    hint: 'write the statements that the migration is made of, or remove the file',
  };
}
