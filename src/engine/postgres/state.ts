import pg from 'pg';
import type { Entry, EntryState } from '../../core/history.ts';
import { parseFileName } from '../../core/parse.ts';
import { restorePointOf } from '../../core/restore-point.ts';
import { MigrateError } from '../../errors.ts';
import type { Row, Session } from './session.ts';

const LOWEST_VERSION = 140_000;

/** What the server says of itself and of the history, in one answer. */
export interface State {
  readonly version: string;
  readonly versionNumber: number;
  readonly pid: number;
  readonly standby: boolean;
  readonly database: string;
  readonly user: string;
  /** The schema, quoted where it needs quotes, that has the history or will have it; undefined where search_path names none. */
  readonly schema: string | undefined;
  readonly entries: readonly Entry[];
  /** The relations among those that were asked for that are there: beside the history, or in search_path. */
  readonly found: readonly string[];
}

/** What is asked about. */
interface Question {
  /** The history with its schema, if that is known; else the first one in search_path. */
  readonly table?: string;
  /** Relations, quoted if they need quotes. */
  readonly names?: readonly string[] | undefined;
}

const SERVER = `current_setting('server_version') AS version,
  current_setting('server_version_num')::int AS number,
  pg_catalog.pg_backend_pid() AS pid,
  pg_catalog.pg_is_in_recovery() AS standby,
  pg_catalog.current_database()::text AS database,
  current_user::text AS "user",
  COALESCE((SELECT relnamespace FROM pg_catalog.pg_class WHERE oid = to_regclass('migrations')),
    to_regnamespace(quote_ident(current_schema())))::regnamespace::text AS schema`;

/**
 * Rows as JSON: so one text reads an earlier tool's table, which lacks our columns, and ours; 42703 where it is neither. Not as
 * jsonb, which takes the server more than twice as long. A policy that hides rows is an error (42501): row_security is off for this
 * message alone, behind a pooler the session is not ours.
 */
function READ_STATE({ table = 'migrations', names = [] }: Question): string {
  return `SET LOCAL row_security = off;SELECT ${SERVER},
  (SELECT json_agg(m ORDER BY m.id, m.filename) FROM ${table} m) AS rows${names.length === 0 ? '' : `,\n  ${FOUND(table, names)}`}`;
}

/** A reader needs no right to a relation to learn that it is there. */
function FOUND(table: string, names: readonly string[]): string {
  return `(SELECT json_agg(name) FROM unnest(ARRAY[${names.map(pg.escapeLiteral).join(', ')}]) AS name WHERE COALESCE(to_regclass(name),
    to_regclass((SELECT relnamespace::regnamespace::text FROM pg_catalog.pg_class WHERE oid = to_regclass(${pg.escapeLiteral(table)}))
      || '.' || name)) IS NOT NULL) AS found`;
}

/** For a database without a history: the other statement fails there with 42P01. */
const READ_SERVER = `SELECT ${SERVER}, NULL AS rows`;

function stateOf(row: Row): State {
  return {
    version: String(row.version),
    versionNumber: Number(row.number),
    pid: Number(row.pid),
    standby: row.standby === true,
    database: String(row.database),
    user: String(row.user),
    schema: (row.schema as string | null) ?? undefined,
    entries: ((row.rows as Row[] | null) ?? []).map(entryOf),
    found: (row.found as string[] | null | undefined) ?? [],
  };
}

function entryOf(row: Row): Entry {
  const optional = <T>(name: string, value: unknown, convert: (value: never) => T) =>
    value === null || value === undefined ? {} : { [name]: convert(value as never) };
  const date = (value: string) => new Date(value);
  const restorePoint = restorePointOf(row.restore_point);
  return {
    database: 'postgres',
    name: String(row.filename),
    version: parseFileName(String(row.filename))?.version,
    state: (row.state as EntryState | null | undefined) ?? 'adopted',
    ...optional('checksum', row.checksum, String),
    ...optional('stepsDone', row.steps_done, Number),
    ...optional('stepsTotal', row.steps_total, Number),
    ...optional('stepsChecksum', row.steps_checksum, String),
    ...optional('stepBegun', row.step_begun, Number),
    ...optional('breaking', row.breaking, Boolean),
    ...optional('startedAt', row.started_at, date),
    ...optional('appliedAt', row.applied_at, date),
    ...optional('tookMs', row.took_ms, Number),
    ...optional('by', row.applied_by, String),
    ...optional('host', row.host, String),
    ...optional('toolVersion', row.tool_version, String),
    ...optional('serverVersion', row.server_version, String),
    ...optional('runId', row.run_id, String),
    ...(restorePoint && { restorePoint }),
  };
}

/**
 * One query; for a database that was never migrated a second one. Writes nothing, and needs SELECT on the history alone.
 * @throws MigrateError `config` (a server too old, a table that is not a history), `denied`.
 */
export async function readState(session: Session, signal: AbortSignal, question: Question = {}): Promise<State> {
  const [row] = await session.ask(READ_STATE(question), signal).catch((error) => {
    if (error instanceof MigrateError && error.server?.code === '42P01') return session.ask(READ_SERVER, signal);
    throw explained(error);
  });
  const state = stateOf(row ?? {});
  session.backendPid = state.pid;
  if (state.versionNumber < LOWEST_VERSION)
    throw new MigrateError('config', `PostgreSQL ${state.version} is not supported: 14 is the lowest version`, {
      hint: 'upgrade the server',
    });
  return state;
}

function explained(error: unknown): unknown {
  if (!(error instanceof MigrateError)) return error;
  if (error.server?.code === '42703')
    return new MigrateError(
      'config',
      `the table migrations in this database is not a migration history: ${error.message}`,
      {
        cause: error,
        server: error.server,
        hint: 'it belongs to another program: give LocalRAG a schema of its own (ALTER ROLE … SET search_path) or a database of its own',
      },
    );
  if (error.server?.code === '42501')
    return new MigrateError('denied', error.message, {
      cause: error,
      server: error.server,
      hint: /row-level security/.test(error.message)
        ? 'row security hides the history from this user, so it cannot be known what is applied: ALTER TABLE migrations DISABLE ROW LEVEL SECURITY (for its owner NO FORCE ROW LEVEL SECURITY is enough), or ALTER ROLE this user BYPASSRLS'
        : 'GRANT SELECT ON migrations TO this user; the user who migrates must own the table',
    });
  return error;
}
