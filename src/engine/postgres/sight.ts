import type { Holder, Progress } from '../../events.ts';
import type { Sight } from '../watch.ts';
import { HOLDER, PREPARED } from './holders.ts';
import type { Row } from './session.ts';

/**
 * What a backend does: whether it works, who stands in its way right now (a prepared transaction has no process, and comes
 * as pid 0), and how far it is with a command that reports that. All of it is shown of one's own sessions without rights.
 */
export function readSight(pid: number): string {
  return `SELECT me.state, me.wait_event = 'SyncRep' AS standby,
  (SELECT json_strip_nulls(json_agg(holder)) FROM (
    SELECT ${HOLDER}, blocker.pid = 0 AS prepared
    FROM (SELECT DISTINCT unnest(pg_catalog.pg_blocking_pids(${pid})) AS pid) blocker
    LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = blocker.pid ORDER BY a.xact_start) holder) AS blockers,
  (SELECT to_json(progress) FROM (${PROGRESS.map((select) => `${select} WHERE p.pid = ${pid}`).join(' UNION ALL ')}) progress LIMIT 1) AS progress
FROM pg_catalog.pg_stat_activity me WHERE me.pid = ${pid}`;
}

/** The views of what commands report of themselves, as columns of one form; they are the same from version 14 on. */
const PROGRESS = [
  `SELECT p.command, CASE p.index_relid WHEN 0 THEN p.relid ELSE p.index_relid END::regclass::text AS "on", p.phase,
    CASE WHEN p.phase LIKE 'waiting%' THEN p.lockers_done WHEN p.blocks_total > 0 THEN p.blocks_done ELSE p.tuples_done END AS done,
    CASE WHEN p.phase LIKE 'waiting%' THEN p.lockers_total WHEN p.blocks_total > 0 THEN p.blocks_total ELSE p.tuples_total END AS total,
    CASE WHEN p.phase LIKE 'waiting%' THEN 'transactions' WHEN p.blocks_total > 0 THEN 'blocks' ELSE 'tuples' END AS unit
  FROM pg_catalog.pg_stat_progress_create_index p`,
  `SELECT 'VACUUM', p.relid::regclass::text, p.phase,
    CASE p.phase WHEN 'vacuuming heap' THEN p.heap_blks_vacuumed ELSE p.heap_blks_scanned END,
    CASE WHEN p.phase IN ('scanning heap', 'vacuuming heap') THEN p.heap_blks_total END, 'blocks'
  FROM pg_catalog.pg_stat_progress_vacuum p`,
  `SELECT p.command, p.relid::regclass::text, p.phase, p.heap_blks_scanned,
    CASE p.phase WHEN 'seq scanning heap' THEN p.heap_blks_total END, 'blocks'
  FROM pg_catalog.pg_stat_progress_cluster p`,
  `SELECT 'ANALYZE', p.relid::regclass::text, p.phase, p.sample_blks_scanned, p.sample_blks_total, 'blocks'
  FROM pg_catalog.pg_stat_progress_analyze p`,
  `SELECT p.command, NULLIF(p.relid, 0)::regclass::text, NULL, p.bytes_processed, p.bytes_total, 'bytes'
  FROM pg_catalog.pg_stat_progress_copy p`,
];

interface Reported {
  readonly command: string;
  readonly on: string | null;
  readonly phase: string | null;
  readonly done: number | null;
  readonly total: number | null;
  readonly unit: string;
}

/** `row` is of `readSight`; undefined where the backend is gone. */
export function toSight(row: Row | undefined): Sight {
  const blockers = ((row?.blockers ?? []) as (Holder & { readonly prepared?: boolean })[]).map(
    ({ prepared, ...holder }) => (prepared ? { application: PREPARED } : holder),
  );
  const progress = row?.progress as Reported | null | undefined;
  return {
    working: row?.state === 'active',
    blockers,
    progress: progress ? toProgress(progress) : undefined,
    ...(row?.standby === true && { standby: true }),
  };
}

function toProgress({ command, on, phase, done, total, unit }: Reported): Progress {
  // While it sorts it counts nothing, and the figures are those of other phases.
  const counts = done !== null && total !== null && total > 0 && !phase?.includes('sorting');
  const counted = counts ? { done: Math.min(done, total), total, unit } : undefined;
  return {
    command,
    // What this transaction has made itself is not there yet for others, and has a number only.
    ...(on !== null && !/^\d+$/.test(on) && { on }),
    ...(phase !== null && { phase }),
    ...counted,
    // Whom it has waited for says nothing about how long the others take.
    ...(counted && unit !== 'transactions' && { percent: Math.floor((1000 * counted.done) / counted.total) / 10 }),
  };
}
