import type { RestorePoint } from '../../core/restore-point.ts';
import type { Row } from './session.ts';

/** A setting of no server: it carries the answer of a block, which has no rows, to the next statement of the same message. */
const SETTING = 'localrag_migrate.lsn';

/**
 * A query with the position of the server beside its rows, as one message. The position may be refused: to this user, on a
 * standby, or by a server whose storage has none. The block makes NULL of that, and the query has its rows all the same.
 */
export function POSITION(query: string): string {
  return `DO $position$ BEGIN
  PERFORM pg_catalog.set_config('${SETTING}', pg_catalog.pg_current_wal_lsn()::text, true);
EXCEPTION WHEN OTHERS THEN
  PERFORM pg_catalog.set_config('${SETTING}', '', true);
END $position$;
SELECT *, nullif(pg_catalog.current_setting('${SETTING}', true), '') AS lsn,
  floor(extract(epoch FROM pg_catalog.clock_timestamp()) * 1000)::text AS clock FROM (${query}) AS query`;
}

/** The clock's milliseconds are cut off, not rounded: a restore to this time has nothing of what comes after it. */
export function positionOf({ lsn, clock }: Row): Partial<RestorePoint> {
  return {
    time: new Date(Number(clock)).toISOString(),
    ...(typeof lsn === 'string' && { postgresLsn: lsn }),
  };
}
