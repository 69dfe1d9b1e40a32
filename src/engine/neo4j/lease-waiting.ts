import { MigrateError } from '../../errors.ts';
import type { Emit, Holder } from '../../events.ts';
import { LOCK_POLLING, polling } from '../../retry.ts';
import { LockHolder } from '../lock-holder.ts';
import type { Connection } from './connection.ts';
import { HolderWitness, type LeaseState } from './lease-holder.ts';
import { LEASE, LIFE, LOOK_AT } from './lease-statements.ts';

/** How the lease stands, and who has it. */
export interface Look extends LeaseState {
  readonly free: boolean;
  readonly released: boolean;
  readonly holder: Holder;
}

/**
 * Waits until no run has the lease, and does not take it: writes nothing, and ends nothing of those who had it.
 * Throws `busy` after `timeout` milliseconds.
 */
export async function leaseFree(
  connection: Connection,
  timeout: number,
  emit: Emit,
  signal: AbortSignal,
  guard: string | undefined,
): Promise<void> {
  const witness = new HolderWitness(connection, guard);
  const holder = new LockHolder('neo4j', emit);
  const look = async () => {
    const [lease] = (await connection.readFromLeader(LOOK_AT, signal, {
      name: LEASE,
      holder: '',
    })) as unknown as Look[];
    if (lease === undefined || lease.free || (await witness.isGone(lease, signal))) return true;
    holder.see(witness.described(lease.holder));
    await connection.close();
    return undefined;
  };
  const policy = { budget: timeout, ...LOCK_POLLING, nextLook: () => witness.nextLook };
  if (!(await polling(policy, signal, look))) throw busy(holder.last, timeout);
}

export function busy(holder: Holder | undefined, timeout: number): MigrateError {
  return new MigrateError(
    'busy',
    `another process holds Neo4j's migration lease${holder ? ` (${described(holder)})` : ''}, waited ${Math.round(timeout / 1000)} s`,
    {
      hint: `wait until it is done and run migrate again, or raise LOCK_TIMEOUT; the lease of a holder that died is taken over at once if the server or PostgreSQL's lock shows that, else after ${LIFE / 1000} s`,
    },
  );
}

export function described({ pid, host, since, doing }: Holder): string {
  return `pid ${pid} on ${host}, since ${since}${doing ? `, doing ${doing}` : ''}`;
}
