import { MigrateError } from '../../errors.ts';
import { type Emit, type Holder, holderText } from '../../events.ts';
import { LOCK_POLLING, polling } from '../../retry.ts';
import { LockHolder } from '../lock-holder.ts';
import type { HistoryTable } from './history.ts';
import type { AdvisoryLock } from './lock.ts';
import type { Session } from './session.ts';
import type { State } from './state.ts';

/** A session on which the lock may be taken. */
export interface Candidate {
  readonly session: Session;
  readonly state: State;
  readonly table: HistoryTable;
  readonly lock: AdvisoryLock;
}

interface Connecting {
  readonly connect: () => Promise<Candidate>;
  /** Called after each look that found the lock held; what it throws ends the waiting. */
  readonly disconnect: () => Promise<void>;
}

/** Waits for the lock without a connection: connects, looks, and disconnects. Throws `busy` after `timeout` milliseconds. */
export async function acquired(
  { connect, disconnect }: Connecting,
  timeout: number,
  emit: Emit,
  signal: AbortSignal,
): Promise<Candidate> {
  const begin = performance.now();
  const holder = new LockHolder('postgres', emit);
  const held = await polling({ budget: timeout, ...LOCK_POLLING }, signal, async () => {
    const candidate = await connect();
    if (await candidate.lock.take(signal)) return candidate;
    holder.see(await candidate.lock.holder(signal));
    await disconnect();
    return undefined;
  });
  if (held === undefined) throw busy(holder.last, timeout);
  emit({ event: 'locked', database: 'postgres', waitedMs: Math.round(performance.now() - begin) });
  return held;
}

function busy(holder: Holder | undefined, timeout: number): MigrateError {
  return new MigrateError(
    'busy',
    `another process holds PostgreSQL's migration lock${holder ? ` (${holderText(holder)})` : ''}, waited ${Math.round(timeout / 1000)} s`,
    {
      hint: 'wait until it is done and run migrate again, raise LOCK_TIMEOUT, or end that session (pg_terminate_backend)',
    },
  );
}
