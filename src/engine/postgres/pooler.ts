import type { PostgresConfig } from '../../config.ts';
import { MigrateError } from '../../errors.ts';
import { Session } from './session.ts';

/**
 * Refuses a pooler that gives this session another backend for each transaction: a session lock means nothing there.
 * A pooler shows by a backend that is not the one named in BackendKeyData. One in session mode keeps the backend
 * for us alone; any other mode lends it to the next client, which is asked here.
 */
export async function assertDirect(session: Session, config: PostgresConfig, signal: AbortSignal): Promise<void> {
  if (session.backendPid === session.pid) return;
  const other = await Session.open(config, signal);
  try {
    // The other client holds its backend inside a transaction; is it ours, or do we get another one meanwhile?
    await other.run('BEGIN', signal);
    const theirs = await backend(other, signal);
    const ours = await backend(session, signal);
    await other.run('COMMIT', signal);
    if (theirs === session.backendPid || ours !== session.backendPid) throw refused();
  } catch (error) {
    // Statement mode forbids BEGIN outright.
    if (error instanceof MigrateError && /transaction blocks not allowed|statement pooling/i.test(error.message))
      throw refused();
    throw error;
  } finally {
    await other.close();
  }
}

async function backend(session: Session, signal: AbortSignal): Promise<number> {
  const [row] = await session.run('SELECT pg_catalog.pg_backend_pid() AS pid', signal);
  return Number(row?.pid);
}

function refused(): MigrateError {
  return new MigrateError(
    'config',
    'PostgreSQL is reached through a pooler in transaction or statement mode, where a migration lock protects nobody',
    { hint: 'point POSTGRES_HOST and POSTGRES_PORT at the server itself, or at a pool in session mode' },
  );
}
