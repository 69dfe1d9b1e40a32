import pg from 'pg';
import { HISTORY_TOUCHED } from './errors.ts';

/** Locks that say that this transaction has changed a table or keeps others from reading it; ANALYZE and CREATE INDEX take weaker ones. */
const TOUCHING = "'RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'";

/**
 * The search_path of the next session of this role in this database, in the order in which PostgreSQL applies such settings:
 * https://github.com/postgres/postgres/blob/REL_18_STABLE/src/backend/utils/init/postinit.c (process_settings)
 */
const NEXT_SEARCH_PATH = `COALESCE((SELECT pg_catalog.substr(setting, 13)
    FROM pg_catalog.pg_db_role_setting, pg_catalog.unnest(setconfig) AS setting
    WHERE setting LIKE 'search_path=%' AND setrole IN (0, session_user::regrole)
      AND setdatabase IN (0, (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()))
    ORDER BY setrole <> 0 DESC, setdatabase <> 0 DESC LIMIT 1), '"$user", public')`;

/**
 * A statement that fails (HISTORY_TOUCHED) where this transaction has taken the history away: dropped, renamed, replaced, emptied,
 * changed or locked it, or hidden it from the next session. What it does to the table holds a lock until the transaction ends, and
 * ALTER ROLE and ALTER DATABASE hold one on pg_db_role_setting.
 *
 * `table`: the history table with its schema, quoted. `state`: whether the table was there before the transaction; `made`: this
 * transaction has made it for us, after the file.
 */
export function guardHistory(table: string, state: 'absent' | 'present' | 'made'): string {
  const name = pg.escapeLiteral(table);
  return `DO $history$
DECLARE
  history CONSTANT oid := pg_catalog.to_regclass(${name});
  touching text;
  path text;
  problem text;
BEGIN
  SELECT max(mode) FILTER (WHERE relation = history),
      CASE WHEN bool_or(relation = 'pg_catalog.pg_db_role_setting'::regclass) THEN ${NEXT_SEARCH_PATH} END
    INTO touching, path
    FROM pg_catalog.pg_locks
    WHERE locktype = 'relation' AND pid = pg_catalog.pg_backend_pid() AND mode IN (${TOUCHING});
  IF path IS NOT NULL THEN PERFORM pg_catalog.set_config('search_path', path, true); END IF;
  problem := ${PROBLEMS[state]};
  IF problem IS NOT NULL THEN
    RAISE EXCEPTION 'the file takes away the history table %: it %', ${name}, problem USING ERRCODE = '${HISTORY_TOUCHED}';
  END IF;
END $history$`;
}

const FOUND = "pg_catalog.to_regclass('migrations')";

const HIDDEN = `WHEN ${FOUND} IS DISTINCT FROM history THEN 'hides it: in search_path ' ||
    pg_catalog.current_setting('search_path') || CASE WHEN ${FOUND} IS NULL THEN ' there is none' ELSE ' another object of that name comes first' END`;

const PROBLEMS = {
  absent: `CASE WHEN COALESCE(history, ${FOUND}) IS NOT NULL THEN 'makes an object of that name' END`,
  present: `CASE WHEN history IS NULL THEN 'drops, renames or moves it'
    WHEN touching IS NOT NULL THEN 'changes, empties or locks it (' || touching || ')'
    ${HIDDEN} END`,
  made: `CASE ${HIDDEN} END`,
};
