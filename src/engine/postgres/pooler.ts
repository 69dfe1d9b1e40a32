import type { PostgresConfig } from '../../config.ts';
import { MigrateError } from '../../errors.ts';
import { Session } from './session.ts';

/** A pooler that has a backend to lend does so within this time; milliseconds. */
const LENDING = 1_000;

/** How often both clients are asked: chance, in a pool where many others work, may hide the truth a few times. */
const ROUNDS = 5;

/**
 * Refuses a pooler that gives this session another backend for each transaction: a session lock means nothing there.
 * A pooler shows by a backend that is not the one named in BackendKeyData. In session mode the backend stays ours alone;
 * in any other mode a second client soon gets it, or we get another one.
 */
export async function assertDirect(session: Session, config: PostgresConfig, signal: AbortSignal): Promise<void> {
  if (session.backendPid === session.pid) return;
  const other = await Session.open(config, signal);
  try {
    if (await isLent(session, other, signal)) throw refused();
  } finally {
    await other.close();
  }
}

/** Whether the pooler lends the backend of a session that is not in a transaction to others. */
async function isLent(session: Session, other: Session, signal: AbortSignal): Promise<boolean> {
  const own = session.backendPid;
  const isOurs = async () => (await backend(session, signal)) === own;
  for (let round = 1; round <= ROUNDS; round++) {
    // A pool that lends in turn would give ours back to us after one number of questions: so that number changes.
    for (let question = 0; question < round; question++) {
      const theirs = backend(other);
      await inTime(theirs);
      // Every backend is taken. Whoever is served before those who wait has one of his own.
      for (let again = 0; other.running; again++) {
        if (again === ROUNDS) return false;
        if (!(await isOurs())) return true;
      }
      if ((await theirs) === own) return true;
    }
    if (!(await isOurs())) return true;
  }
  return false;
}

/** Waits for an answer, but not longer than the pooler needs to lend a backend; what comes later may also fail. */
async function inTime(answer: Promise<unknown>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, LENDING);
  await Promise.race([answer, late]).finally(() => clearTimeout(timer));
}

/** The pid of the backend that answers. */
async function backend(session: Session, signal?: AbortSignal): Promise<number> {
  const [row] = await session.ask('SELECT pg_catalog.pg_backend_pid() AS pid', signal);
  return Number(row?.pid);
}

function refused(): MigrateError {
  return new MigrateError(
    'config',
    'PostgreSQL is reached through a pooler in transaction or statement mode, where a migration lock protects nobody',
    { hint: 'point POSTGRES_HOST and POSTGRES_PORT at the server itself, or at a pool in session mode' },
  );
}
