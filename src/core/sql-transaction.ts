import type { Span } from './migration.ts';
import { outline, sqlTokens } from './sql.ts';
import { type BooleanOption, booleanOptions } from './sql-options.ts';

interface Refused {
  /** Of a statement's outline. */
  readonly form: RegExp;
  readonly name: string;
  /** Whether its options make PostgreSQL refuse it; always, if it is left out. */
  readonly with?: (option: BooleanOption) => boolean;
}

/**
 * What PostgreSQL refuses inside a transaction block (SQLSTATE 25001): every call of PreventInTransactionBlock in
 * PostgreSQL 14 to 18 that depends on the statement alone.
 */
const REFUSED: readonly Refused[] = [
  { form: /^CREATE (UNIQUE )?INDEX CONCURRENTLY /, name: 'CREATE INDEX CONCURRENTLY' },
  { form: /^DROP INDEX CONCURRENTLY /, name: 'DROP INDEX CONCURRENTLY' },
  { form: /^REINDEX (\( .*?\) )?(SCHEMA|DATABASE|SYSTEM)( |$)/, name: 'REINDEX of a schema or database' },
  { form: /^REINDEX (\( .*?\) )?(INDEX|TABLE) CONCURRENTLY /, name: 'REINDEX CONCURRENTLY' },
  { form: /^REINDEX \( /, name: 'REINDEX CONCURRENTLY', with: (option) => option('concurrently') === true },
  { form: /^VACUUM( |$)/, name: 'VACUUM' },
  { form: /^CLUSTER( VERBOSE| \( .*\))?$/, name: 'CLUSTER of the whole database' },
  { form: /^CREATE DATABASE /, name: 'CREATE DATABASE' },
  { form: /^DROP DATABASE /, name: 'DROP DATABASE' },
  { form: /^ALTER DATABASE \S+ (SET |WITH )?TABLESPACE /, name: 'ALTER DATABASE … SET TABLESPACE' },
  { form: /^ALTER SYSTEM /, name: 'ALTER SYSTEM' },
  { form: /^CREATE TABLESPACE /, name: 'CREATE TABLESPACE' },
  { form: /^DROP TABLESPACE /, name: 'DROP TABLESPACE' },
  {
    form: /^CREATE SUBSCRIPTION /,
    name: 'CREATE SUBSCRIPTION',
    // Creating the slot on the publisher cannot be rolled back.
    with: (option) => option('connect') !== false && option('create_slot') !== false,
  },
  { form: /^ALTER SUBSCRIPTION \S+ REFRESH PUBLICATION( |$)/, name: 'ALTER SUBSCRIPTION … REFRESH PUBLICATION' },
  {
    form: /^ALTER SUBSCRIPTION \S+ (SET|ADD|DROP) PUBLICATION /,
    name: 'ALTER SUBSCRIPTION … PUBLICATION with refresh',
    with: (option) => option('refresh') !== false,
  },
  { form: /^ALTER TABLE .* DETACH PARTITION .* CONCURRENTLY$/, name: 'ALTER TABLE … DETACH PARTITION … CONCURRENTLY' },
];

/** What may be refused, depending on what it finds or on its body (DO and CALL may commit). */
const PERHAPS_REFUSED = /^(DO|CALL|CLUSTER|REINDEX|(ALTER|DROP) SUBSCRIPTION)( |$)/;

/** Running these again, after a try that nobody knows the end of, does no harm. */
const REPLAYABLE =
  /^(CREATE (UNIQUE )?INDEX CONCURRENTLY IF NOT EXISTS \S+ ON |DROP INDEX CONCURRENTLY IF EXISTS |DROP (DATABASE|TABLESPACE) IF EXISTS |(REINDEX|VACUUM|CLUSTER|ALTER SYSTEM)( |$))/;

/** The first words of statements that `refusedInTransaction` can have something to say about. */
export const MAY_BE_REFUSED = new Set(['CREATE', 'DROP', 'ALTER', 'REINDEX', 'VACUUM', 'CLUSTER']);

/** What a statement is called that PostgreSQL refuses inside a transaction; undefined for all others. */
export function refusedInTransaction(text: string, statement: Span): string | undefined {
  return refused(outline(text, statement), text, statement)?.name;
}

function refused(words: string, text: string, statement: Span): Refused | undefined {
  return REFUSED.find((each) => each.form.test(words) && (each.with?.(optionsOf(text, statement)) ?? true));
}

/** The options of REINDEX (…), and those that WITH (…) gives. */
function optionsOf(text: string, statement: Span): BooleanOption {
  const tokens = [...sqlTokens(text, statement)];
  if (tokens[1]?.text === '(') return booleanOptions(tokens, 1);
  return booleanOptions(tokens, tokens.findIndex(({ kind, text }) => kind === 'word' && /^with$/i.test(text)) + 1);
}

/** Whether a statement of a `no-transaction` file has to go without a transaction, and whether it may be run twice. */
export function bareness(text: string, statement: Span): { readonly bare: boolean; readonly replayable: boolean } {
  const words = outline(text, statement);
  const bare = PERHAPS_REFUSED.test(words) || refused(words, text, statement) !== undefined;
  return { bare, replayable: REPLAYABLE.test(words) };
}
