import type { Span } from './migration.ts';
import { outline } from './sql.ts';

/**
 * What PostgreSQL refuses inside a transaction block (SQLSTATE 25001), by the outline of a statement: every call of
 * PreventInTransactionBlock in PostgreSQL 14 to 18 that depends on the statement alone.
 */
const REFUSED: readonly (readonly [RegExp, string])[] = [
  [/^CREATE (UNIQUE )?INDEX CONCURRENTLY /, 'CREATE INDEX CONCURRENTLY'],
  [/^DROP INDEX CONCURRENTLY /, 'DROP INDEX CONCURRENTLY'],
  [/^REINDEX (\( .*?\) )?(SCHEMA|DATABASE|SYSTEM)( |$)/, 'REINDEX of a schema or database'],
  [/^REINDEX .*CONCURRENTLY( |$)/, 'REINDEX CONCURRENTLY'],
  [/^VACUUM( |$)/, 'VACUUM'],
  [/^CLUSTER( VERBOSE| \( .*\))?$/, 'CLUSTER of the whole database'],
  [/^CREATE DATABASE /, 'CREATE DATABASE'],
  [/^DROP DATABASE /, 'DROP DATABASE'],
  [/^ALTER DATABASE \S+ SET TABLESPACE /, 'ALTER DATABASE … SET TABLESPACE'],
  [/^ALTER SYSTEM /, 'ALTER SYSTEM'],
  [/^CREATE TABLESPACE /, 'CREATE TABLESPACE'],
  [/^DROP TABLESPACE /, 'DROP TABLESPACE'],
  [/^CREATE SUBSCRIPTION /, 'CREATE SUBSCRIPTION'],
  [/^ALTER TABLE .* DETACH PARTITION .* CONCURRENTLY$/, 'ALTER TABLE … DETACH PARTITION … CONCURRENTLY'],
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
  const words = outline(text, statement);
  return REFUSED.find(([pattern]) => pattern.test(words))?.[1];
}

/** Whether a statement of a `no-transaction` file has to go without a transaction, and whether it may be run twice. */
export function bareness(text: string, statement: Span): { readonly bare: boolean; readonly replayable: boolean } {
  const words = outline(text, statement);
  const bare = PERHAPS_REFUSED.test(words) || REFUSED.some(([pattern]) => pattern.test(words));
  return { bare, replayable: REPLAYABLE.test(words) };
}
