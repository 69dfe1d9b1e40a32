import pg from 'pg';
import { MigrateError } from '../../errors.ts';
import type { Holder } from '../../events.ts';
import type { Asked, Found, Survey } from '../engine.ts';
import { HIDDEN, HOLDER, PREPARED } from './holders.ts';
import type { Row, Session } from './session.ts';

/** Milliseconds to wait for a table that somebody has locked against every look at it. */
const PATIENCE = 1_000;

/** SQLSTATE lock_not_available. */
const LOCKED = '55P03';

/**
 * One query, for which the right to connect is enough. The exact size of a table takes a lock on it (ACCESS SHARE): where
 * somebody keeps that away, the pages that the last VACUUM counted have to do.
 */
export async function survey(session: Session, asked: readonly Asked[], signal: AbortSignal): Promise<Survey> {
  const ask = (bytes: string) =>
    session.ask(`BEGIN READ ONLY; SET LOCAL lock_timeout = ${PATIENCE}; ${SURVEY(asked, bytes)}; COMMIT`, signal);
  const [row] = await ask('pg_catalog.pg_total_relation_size(p.oid)').catch(async (error) => {
    await session.ask('ROLLBACK').catch(() => {});
    if (error instanceof MigrateError && error.server?.code === LOCKED)
      return ask("p.relpages * current_setting('block_size')::bigint");
    throw error;
  });
  return toSurvey(asked, row ?? {});
}

const SURVEY = (asked: readonly Asked[], bytes: string) => `WITH asked AS (
  SELECT * FROM jsonb_to_recordset(${pg.escapeLiteral(JSON.stringify(asked.map(({ schema, name }, n) => ({ n, schema, name }))))})
    AS asked(n int, schema text, name text)),
found AS (
  SELECT DISTINCT ON (n) n, c.oid, c.relkind, COALESCE(i.indrelid, c.oid) AS tableid
  FROM asked JOIN pg_catalog.pg_class c ON c.relname = asked.name
    JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
  WHERE CASE WHEN asked.schema IS NULL THEN pg_table_is_visible(c.oid) ELSE s.nspname = asked.schema END),
sized AS (
  SELECT f.*, (SELECT jsonb_build_object('bytes', sum(${bytes}),
      'rows', sum(p.reltuples) FILTER (WHERE p.reltuples >= 0 AND p.relkind <> 'p'))
    FROM pg_catalog.pg_class p WHERE p.oid IN (SELECT relid FROM pg_partition_tree(f.tableid) UNION SELECT f.tableid)) AS size
  FROM found f),
holders AS (
  SELECT l.relation, jsonb_agg(jsonb_build_object('mode', l.mode)
    || CASE WHEN l.pid IS NULL THEN jsonb_build_object('application', '${PREPARED}') ELSE jsonb_strip_nulls(to_jsonb(h)) END) AS holders
  FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid, LATERAL (SELECT ${HOLDER}) h
  WHERE l.locktype = 'relation' AND l.granted AND l.pid IS DISTINCT FROM pg_backend_pid()
    AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
    AND l.relation IN (SELECT tableid FROM found)
  GROUP BY l.relation)
SELECT
  (SELECT jsonb_agg(jsonb_build_object('n', n, 'kind', relkind, 'table', tableid::regclass::text, 'size', size,
      'holders', COALESCE(h.holders, '[]'),
      'columns', (SELECT jsonb_object_agg(attname, format_type(atttypid, atttypmod)) FROM pg_catalog.pg_attribute
        WHERE attrelid = tableid AND attnum > 0 AND NOT attisdropped)))
    FROM sized LEFT JOIN holders h ON h.relation = tableid) AS found,
  (SELECT jsonb_agg(jsonb_strip_nulls(to_jsonb(h))) FROM (SELECT ${HOLDER} FROM pg_catalog.pg_stat_activity a
    WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.backend_type = 'client backend'
      AND (a.backend_xmin IS NOT NULL OR a.backend_xid IS NOT NULL)
    ORDER BY a.xact_start LIMIT 10) h) AS open,
  NOT pg_has_role('pg_read_all_stats', 'USAGE') AND EXISTS (SELECT FROM pg_catalog.pg_stat_activity a
    WHERE a.datname = current_database() AND ${HIDDEN}) AS hidden`;

const KINDS: Readonly<Record<string, Found['what']>> = {
  r: 'table',
  f: 'table',
  p: 'partitioned table',
  i: 'index',
  I: 'index',
  v: 'view',
  m: 'materialized view',
  S: 'sequence',
};

interface Live {
  readonly n: number;
  readonly kind: string;
  readonly table: string;
  readonly size: { readonly bytes: number | null; readonly rows: number | null };
  readonly holders: Found['holders'];
  readonly columns: Readonly<Record<string, string>> | null;
}

function toSurvey(asked: readonly Asked[], row: Row): Survey {
  const live = new Map(((row.found as Live[] | null) ?? []).map((each) => [each.n, each]));
  return {
    found: asked.map((_, n) => {
      const found = live.get(n);
      if (found === undefined) return undefined;
      const { bytes, rows } = found.size;
      return {
        what: KINDS[found.kind] ?? 'other',
        table: found.table,
        ...(bytes !== null && { bytes: Number(bytes) }),
        ...(rows !== null && { rows: Number(rows) }),
        ...(found.columns !== null && { columns: found.columns }),
        holders: found.holders,
      };
    }),
    open: (row.open as Holder[] | null) ?? [],
    ...(row.hidden === true && {
      hidden: "what other users' sessions run is not shown to this user: GRANT pg_read_all_stats TO it to see that",
    }),
  };
}
