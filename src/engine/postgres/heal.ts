import pg from 'pg';
import type { Migration, Span } from '../../core/migration.ts';
import { concurrentIndex } from '../../core/steps.ts';
import type { Tools } from './apply.ts';

/** An index that an earlier try left INVALID would be skipped by IF NOT EXISTS: drops it, so that it is built again. */
export async function healed(
  { session, emit }: Tools,
  { name, text }: Migration,
  span: Span,
  signal: AbortSignal,
): Promise<void> {
  const index = concurrentIndex(text.slice(span.start, span.end));
  if (index === undefined) return;
  const [row] = await session.ask(INVALID_INDEX(index), signal);
  if (row === undefined) return;
  emit({ event: 'healing', database: 'postgres', migration: name, index: String(row.index) });
  await session.run(`DROP INDEX CONCURRENTLY IF EXISTS ${row.index}`, signal);
}

function INVALID_INDEX(index: string): string {
  return `SELECT indexrelid::regclass::text AS index FROM pg_catalog.pg_index WHERE indexrelid = to_regclass(${pg.escapeLiteral(index)}) AND NOT indisvalid`;
}
