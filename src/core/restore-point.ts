import type { History } from './history.ts';

/** Where the databases were before the first change of a run, for a restore from backup. What a server does not show is left out. */
export interface RestorePoint {
  /** ISO 8601, UTC: by PostgreSQL's clock if PostgreSQL is in scope, else by that of the run. */
  readonly time: string;
  /** The position in PostgreSQL's write-ahead log. */
  readonly postgresLsn?: string;
  /** The number of the last transaction that Neo4j has committed. */
  readonly neo4jTransaction?: number;
}

/** A point as a history has it: an object, or its JSON. Undefined if it is none. */
export function restorePointOf(stored: unknown): RestorePoint | undefined {
  const { time, postgresLsn, neo4jTransaction } = objectOf(stored);
  if (typeof time !== 'string' || Number.isNaN(Date.parse(time))) return undefined;
  return {
    time,
    ...(typeof postgresLsn === 'string' && { postgresLsn }),
    ...(typeof neo4jTransaction === 'number' && { neo4jTransaction }),
  };
}

function objectOf(stored: unknown): Readonly<Record<string, unknown>> {
  if (typeof stored === 'object') return { ...stored };
  try {
    return { ...JSON.parse(String(stored)) };
  } catch {
    return {};
  }
}

/** The point of the last run that began to apply a migration. */
export function lastRestorePoint(histories: readonly History[]): RestorePoint | undefined {
  return histories
    .flatMap(({ entries }) => entries.flatMap(({ restorePoint }) => restorePoint ?? []))
    .toSorted((one, other) => Date.parse(one.time) - Date.parse(other.time))
    .at(-1);
}

export function restorePointText({ time, postgresLsn, neo4jTransaction }: RestorePoint): string {
  return [
    time,
    ...(postgresLsn === undefined ? [] : [`PostgreSQL LSN ${postgresLsn}`]),
    ...(neo4jTransaction === undefined ? [] : [`Neo4j transaction ${neo4jTransaction}`]),
  ].join(', ');
}
