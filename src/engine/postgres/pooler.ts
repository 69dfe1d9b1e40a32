import type { PostgresConfig } from '../../config.ts';
import { MigrateError } from '../../errors.ts';
import { Session } from './session.ts';

/** A pooler that lends an idle backend at all does so within this time; milliseconds. */
const LENDING = 3_000;

/**
 * Refuses a pooler that gives this session another backend for each transaction: a session lock means nothing there.
 * A pooler shows by a backend that is not the one named in BackendKeyData. One in session mode keeps the backend
 * for us alone; any other mode lends it to the next client, which is asked here.
 */
export async function assertDirect(session: Session, config: PostgresConfig, signal: AbortSignal): Promise<void> {
  if (session.backendPid === session.pid) return;
  const other = await Session.open(config, signal);
  try {
    // The other client holds a backend inside a transaction: is it ours, or do we get another one meanwhile?
    const theirs = await backend(other, 'BEGIN;', signal);
    if (theirs === undefined) return; // a pool in session mode whose backends are all taken, ours among them
    const ours = theirs === session.backendPid ? undefined : await backend(session, '', signal);
    if (ours !== session.backendPid) throw refused();
  } catch (error) {
    // Statement mode forbids BEGIN outright.
    if (error instanceof MigrateError && /transaction blocks not allowed/i.test(error.message)) throw refused();
    throw error;
  } finally {
    await other.close();
  }
}

/** The pid of the backend that answers; undefined where none does in time. */
async function backend(session: Session, before: string, signal: AbortSignal): Promise<number | undefined> {
  const late = AbortSignal.timeout(LENDING);
  try {
    const [row] = await session.ask(
      `${before}SELECT pg_catalog.pg_backend_pid() AS pid`,
      AbortSignal.any([signal, late]),
    );
    return Number(row?.pid);
  } catch (error) {
    signal.throwIfAborted();
    if (late.aborted) return undefined;
    throw error;
  }
}

function refused(): MigrateError {
  return new MigrateError(
    'config',
    'PostgreSQL is reached through a pooler in transaction or statement mode, where a migration lock protects nobody',
    { hint: 'point POSTGRES_HOST and POSTGRES_PORT at the server itself, or at a pool in session mode' },
  );
}
