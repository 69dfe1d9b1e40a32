import type { RestorePoint } from '../../core/restore-point.ts';
import type { Connection, Row } from './connection.ts';

/** Of a cluster each member has a row. Community Edition has the column and no value in it (5.26, 2026.08). */
const READ_TRANSACTION =
  'SHOW DATABASES YIELD name, lastCommittedTxn WHERE name = $database RETURN lastCommittedTxn AS transaction';

/** Milliseconds: a cluster asks all of its members, and the run can do without. */
const PATIENCE = 5_000;

/** Where the graph is now. What keeps it from being asked says itself again in the next statement, if it matters. */
export async function readPosition(connection: Connection, signal: AbortSignal): Promise<Partial<RestorePoint>> {
  const { database } = connection;
  const soon = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]);
  const rows = await connection.readFromLeader(READ_TRANSACTION, soon, { database }).catch(() => []);
  signal.throwIfAborted();
  return positionOf(rows);
}

/** The leader's transaction is the newest. */
export function positionOf(rows: readonly Row[]): Partial<RestorePoint> {
  const transactions = rows.flatMap(({ transaction }) => (transaction === null ? [] : [Number(transaction)]));
  return transactions.length === 0 ? {} : { neo4jTransaction: Math.max(...transactions) };
}
