import { historyReach } from '../../core/cypher-reach.ts';
import { reportingStatus } from '../../core/cypher-status.ts';
import { type Migration, type Span, textOf } from '../../core/migration.ts';
import { locate } from '../../core/source.ts';
import { answered } from './answered.ts';
import type { Tools } from './apply.ts';
import type { Connection, Options } from './connection.ts';
import { HistorySnapshot, touchedHistory } from './history-guard.ts';
import { placed } from './place.ts';

/**
 * Runs CALL … IN TRANSACTIONS, which commits by itself: what it does to the history cannot be rolled back, so it is put back.
 * @throws MigrateError `failed` where it has changed the history; else what the statement throws.
 */
export async function runBatches(
  tools: Tools,
  migration: Migration,
  span: Span,
  options: Options,
  signal: AbortSignal,
): Promise<void> {
  const { connection } = tools;
  if (historyReach(migration.text, span) === 'none') return run(tools, migration, span, options, signal);
  const before = await snapshot(connection);
  try {
    await run(tools, migration, span, options, signal);
  } finally {
    const difference = before.differenceTo(await snapshot(connection));
    if (difference !== undefined) await restore(tools, before, migration, span, difference);
  }
}

/** Not under the run's signal: also a statement that was stopped may have deleted the history. */
function snapshot(connection: Connection): Promise<HistorySnapshot> {
  return connection.transaction((tx) => HistorySnapshot.read(tx), answered(undefined));
}

/** Always throws. */
async function restore(
  { connection, lease }: Tools,
  before: HistorySnapshot,
  migration: Migration,
  span: Span,
  difference: string,
): Promise<never> {
  await connection.transaction(async (tx) => {
    await lease.recreate(tx);
    await before.restore(tx);
    await lease.fence(tx);
  }, answered(undefined));
  const fate = 'they were put back as they were; what else it has committed stays';
  throw touchedHistory(migration, span, difference, fate);
}

/** Warns of batches that failed, where the statement goes on after them. */
async function run(
  { connection, emit }: Tools,
  migration: Migration,
  span: Span,
  options: Options,
  signal: AbortSignal,
): Promise<void> {
  const text = textOf(migration, span);
  const { query, counts } = reportingStatus(text) ?? { query: text, counts: undefined };
  const running = connection.autoCommit(query, signal, { ...options, rows: counts === true });
  const [row] = await placed(migration, span, running);
  const at = `${migration.name}:${locate(migration.text, span.start).line}`;
  if (counts === false)
    emit({
      event: 'warning',
      message: `${at}: the statement goes on after batches that fail, and it cannot be seen whether any did`,
      hint: 'let it end with CALL … IN TRANSACTIONS, or report the status yourself',
    });
  const failed = Number(row?.failed ?? 0);
  if (failed > 0)
    emit({
      event: 'warning',
      message: `${at}: ${failed === 1 ? '1 batch failed and was' : `${failed} batches failed and were`} rolled back; the first error: ${row?.message}`,
      hint: 'ON ERROR CONTINUE and ON ERROR BREAK count as applied whatever their batches do: look at what is missing, and write it as a new migration',
    });
}
