import { APPLICATION } from './session.ts';

/** A session of another user's shows its query, and most else, to those with pg_read_all_stats alone. */
export const HIDDEN = "a.query = '<insufficient privilege>'";

/** Stands for the application where a lock has no session. */
export const PREPARED = 'a prepared transaction (pg_prepared_xacts lists them)';

/**
 * Columns of pg_stat_activity `a` as a Holder. Without pg_read_all_stats only pid, user and application of other users'
 * sessions are shown, and what is hidden is said to be.
 */
export const HOLDER = `a.pid, a.usename::text AS "user",
  COALESCE(NULLIF(a.application_name, ''), NULLIF(a.backend_type, 'client backend')) AS application,
  CASE WHEN a.backend_start IS NOT NULL THEN COALESCE(a.client_hostname, host(a.client_addr), 'local') END AS host,
  to_char(COALESCE(a.xact_start, a.state_change, a.backend_start) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since,
  CASE WHEN ${HIDDEN} THEN NULL
    WHEN a.application_name LIKE '${APPLICATION}%' THEN a.state
    WHEN a.state = 'active' OR a.state IS NULL THEN ${shortened('NULLIF(a.query, $$$$)')}
    ELSE a.state || COALESCE(', last: ' || ${shortened('NULLIF(a.query, $$$$)')}, '') END AS doing,
  CASE WHEN ${HIDDEN} THEN true END AS hidden`;

function shortened(query: string): string {
  return `left(regexp_replace(${query}, '\\s+', ' ', 'g'), 200)`;
}
