import type { MigrateError } from '../../errors.ts';
import type { Session } from './session.ts';

/** Ends the role and the settings of a file. The settings of this run follow: RESET ALL ends those too. */
export const RESET = ['RESET SESSION AUTHORIZATION', 'RESET ROLE', 'RESET ALL'] as const;

/**
 * What else a file may leave in a session. DISCARD ALL does the same, but runs only outside of a transaction and releases the
 * migration lock with all other advisory locks, which `AdvisoryLock.cleanFence` keeps.
 * https://www.postgresql.org/docs/current/sql-discard.html
 */
export const DISCARD = [
  'CLOSE ALL',
  'DEALLOCATE ALL',
  'UNLISTEN *',
  'DISCARD PLANS',
  'DISCARD SEQUENCES',
  'DISCARD TEMP',
] as const;

/**
 * The settings of this run for one transaction of a session that has those of a file. COMMIT puts the file's back, also one that
 * the same transaction has set: PostgreSQL keeps it below the local one.
 */
export function shield(versionNumber: number): readonly string[] {
  return [
    'SET LOCAL SESSION AUTHORIZATION DEFAULT',
    'SET LOCAL ROLE NONE',
    'SET LOCAL search_path TO DEFAULT',
    'SET LOCAL timezone TO DEFAULT',
    'SET LOCAL row_security = off',
    'SET LOCAL statement_timeout = 0',
    ...(versionNumber >= 170_000 ? ['SET LOCAL transaction_timeout = 0'] : []),
  ];
}

/** The settings that a session with the migration lock lives under, as statements. */
function sessionSettings(versionNumber: number): readonly string[] {
  return [
    'idle_session_timeout = 0',
    'idle_in_transaction_session_timeout = 0',
    'statement_timeout = 0',
    // A policy that hides rows is then an error, for the history and for what files read and write.
    'row_security = off',
    'standard_conforming_strings = on',
    'tcp_keepalives_idle = 10',
    'tcp_keepalives_interval = 5',
    'tcp_keepalives_count = 3',
    ...(versionNumber >= 170_000 ? ['transaction_timeout = 0'] : []),
  ].map((setting) => `SET ${setting}`);
}

/** A killed client's statement ends soon; servers on systems without POLLRDHUP refuse it. */
const CHECK_CLIENT = 'SET client_connection_check_interval = 5000';

/** Returns them as statements: RESET ALL of a file takes them back. */
export async function applySettings(
  session: Session,
  versionNumber: number,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const always = sessionSettings(versionNumber);
  await session.ask(always.join(';'), signal);
  const possible = await session.ask(CHECK_CLIENT, signal).then(
    () => true,
    (error: MigrateError) => {
      if (error.server === undefined) throw error;
      return false;
    },
  );
  return [...always, ...(possible ? [CHECK_CLIENT] : [])];
}
