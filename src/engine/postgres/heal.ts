import pg from 'pg';
import type { Migration, Span } from '../../core/migration.ts';
import { concurrentIndex, concurrentReindex, type Reindexed } from '../../core/steps.ts';
import type { Tools } from './apply.ts';

/**
 * Drops INVALID indexes that an earlier try of this statement has left: IF NOT EXISTS would pass over one, and each REINDEX
 * CONCURRENTLY that was cut off leaves another (`_ccnew`, `_ccold`).
 * https://www.postgresql.org/docs/current/sql-reindex.html#SQL-REINDEX-CONCURRENTLY
 */
export async function removeLeftovers(
  { session, emit }: Tools,
  { name, text }: Migration,
  span: Span,
  signal: AbortSignal,
): Promise<void> {
  const statement = text.slice(span.start, span.end);
  const index = concurrentIndex(statement);
  const reindexed = concurrentReindex(statement);
  if (index === undefined && reindexed === undefined) return;
  const condition = reindexed ? leftBy(reindexed) : `i.indexrelid = to_regclass(${pg.escapeLiteral(index ?? '')})`;
  const rows = await session.ask(
    `SELECT i.indexrelid::regclass::text AS index, pg_catalog.has_schema_privilege(c.relnamespace, 'USAGE') AS allowed
      FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid WHERE NOT i.indisvalid AND ${condition}`,
    signal,
  );
  for (const { index, allowed } of rows) {
    const drop = `DROP INDEX CONCURRENTLY IF EXISTS ${index}`;
    if (allowed === true) {
      emit({ event: 'healing', database: 'postgres', migration: name, index: String(index) });
      await session.run(drop, signal);
    }
    // Of a TOAST table: it slows writes down, and does no other harm.
    else
      emit({
        event: 'warning',
        message: `${name}: an earlier try left the INVALID index ${index}, which this role may not drop`,
        hint: `as superuser: ${drop}`,
      });
  }
}

/** On the tables that the statement is about, their partitions, and the TOAST tables of both. */
function leftBy({ kind, name }: Reindexed): string {
  const named = "c.relname ~ '_cc(new|old)[0-9]*$'";
  const found = pg.escapeLiteral(name);
  const tables = {
    INDEX: `SELECT x.indrelid FROM pg_catalog.pg_index x WHERE x.indexrelid = to_regclass(${found})
      OR x.indexrelid IN (SELECT relid FROM pg_catalog.pg_partition_tree(to_regclass(${found})))`,
    TABLE: `SELECT to_regclass(${found}) UNION SELECT relid FROM pg_catalog.pg_partition_tree(to_regclass(${found}))`,
    SCHEMA: `SELECT t.oid FROM pg_catalog.pg_class t WHERE t.relnamespace = to_regnamespace(${found})`,
    DATABASE: 'SELECT t.oid FROM pg_catalog.pg_class t',
  }[kind];
  return `${named} AND (i.indrelid IN (${tables})
    OR i.indrelid IN (SELECT t.reltoastrelid FROM pg_catalog.pg_class t WHERE t.oid IN (${tables})))`;
}
