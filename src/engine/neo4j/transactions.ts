import type { Holder } from '../../events.ts';
import { APPLICATION, type Connection, type Work } from './connection.ts';

/** An open transaction, as SHOW TRANSACTIONS has it; of one that this user may not see there is none. */
export interface Open {
  readonly id: string;
  readonly user: string | null;
  readonly application: string | null;
  readonly host: string | null;
  readonly since: string;
  readonly elapsedMs: number;
  readonly query: string;
  /** `Running`, `Blocked by: [neo4j-transaction-7]`, … */
  readonly status: string;
  readonly locks: number;
  /** Of the lease that it runs under; null where it is no transaction of a migration. */
  readonly token: number | null;
}

const OPEN = `SHOW TRANSACTIONS YIELD database, transactionId, username, clientAddress, metaData, startTime, elapsedTime,
  currentQuery, status, activeLockCount
WHERE database = $database AND (activeLockCount > 0 OR metaData.application = $application)
RETURN transactionId AS id, username AS user, coalesce(metaData.application, metaData.app) AS application,
  clientAddress AS host, toString(startTime) AS since, elapsedTime.milliseconds AS elapsedMs,
  left(coalesce(currentQuery, ''), 200) AS query, status, activeLockCount AS locks,
  CASE metaData.application WHEN $application THEN metaData.token END AS token`;

/** Ours, and those of others that hold locks, on the server that also runs what is written. */
export function openTransactions(connection: Connection, within: number): Promise<readonly Open[]> {
  return connection.transaction((tx) => openIn(tx, connection.database), AbortSignal.timeout(within));
}

export async function openIn(tx: Work, database: string): Promise<readonly Open[]> {
  return (await tx.rows(OPEN, { database, application: APPLICATION })) as unknown as readonly Open[];
}

/** Who stands in the way of a transaction that waits for locks of data: the server says who. */
export function blockersOf(own: Open, all: readonly Open[]): readonly Holder[] {
  const ids = /^Blocked by: \[(.*)\]/.exec(own.status)?.[1]?.split(/,\s*/) ?? [];
  return ids.map((id) => holderOf(all.find((open) => open.id === id) ?? { id }));
}

/** Who may stand in the way of a schema command, which waits for everybody that has written to its label: nobody says who. */
export function suspects(all: readonly Open[], elapsedMs: number): readonly Holder[] {
  return all
    .filter((open) => open.token === null && open.locks > 0 && open.elapsedMs >= elapsedMs)
    .map((open) => ({ ...holderOf(open), maybe: true as const }));
}

function holderOf({ id, user, application, host, since, query }: Pick<Open, 'id'> & Partial<Open>): Holder {
  return {
    transaction: id,
    ...(user && { user }),
    ...(application && { application }),
    ...(host && { host }),
    ...(since && { since }),
    ...(query && { doing: query }),
  };
}
