import type { Problem } from '../errors.ts';

/** The databases that migrations go to; the order is the order in which their locks are taken. */
export const DATABASES = ['postgres', 'neo4j'] as const;
export type Database = (typeof DATABASES)[number];

/** A range of a migration's text, in UTF-16 offsets: [start, end). */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Directives {
  readonly noTransaction: boolean;
  readonly autoCommit: boolean;
  readonly replayable: boolean;
  readonly breaking: boolean;
  /** Milliseconds; overrides DDL_LOCK_TIMEOUT. */
  readonly ddlLockTimeout?: number;
  /** Milliseconds; overrides STATEMENT_TIMEOUT. */
  readonly statementTimeout?: number;
  /** Lint rule → the reason that the file gives for its exception. */
  readonly allow: ReadonlyMap<string, string>;
}

/** What is sent to a database as one unit (docs/format.md lists the kinds). */
export interface Step {
  readonly kind:
    | 'sql-file' // the whole file in one message and one transaction with its history row
    | 'sql-marked' // one statement in one transaction with its progress
    | 'sql-bare' // one statement that PostgreSQL refuses inside a transaction
    | 'cypher-data' // a run of data statements in one transaction with its progress
    | 'cypher-schema' // a run of schema statements, each a transaction of its own
    | 'cypher-auto'; // one statement that opens its own transactions
  /** The statements, as ranges of the migration's text; for sql-file one range, the whole text. */
  readonly statements: readonly Span[];
  /** Whether running it a second time does no harm. Meaningless where marker and work share a transaction. */
  readonly replayable: boolean;
}

/** One file. Everything but `text` is derived from name and text by `parseMigration`. */
export interface Migration {
  readonly version: number;
  /** The file's name, as it stands in the history: `001_initial_schema.sql`. */
  readonly name: string;
  readonly database: Database;
  /** Text without BOM and with LF line ends: what is sent, and what the checksum is made of. */
  readonly text: string;
  /** `sha256:` and 64 hexadecimal digits. */
  readonly checksum: string;
  readonly directives: Directives;
  readonly steps: readonly Step[];
  /** The commented section that undoes it, uncommented; undefined where the file has none. */
  readonly rollback: string | undefined;
}

/** A part of a migration's text. */
export function textOf({ text }: Pick<Migration, 'text'>, { start, end }: Span): string {
  return text.slice(start, end);
}

/** Where a step keeps what it did together with what it did it to, so that it needs no replaying. */
export function isAtomic(step: Step): boolean {
  return step.kind === 'sql-file' || step.kind === 'sql-marked' || step.kind === 'cypher-data';
}

export type Parsed =
  | { readonly migration: Migration; readonly problems: readonly [] }
  | {
      readonly migration?: undefined;
      readonly problems: readonly Problem[];
    };
