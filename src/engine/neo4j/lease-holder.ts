import { MigrateError, mayPass } from '../../errors.ts';
import type { Holder } from '../../events.ts';
import type { Connection, Row } from './connection.ts';

/**
 * Milliseconds for which no connection of a holder may be listed before it counts as gone. A holder that lives opens one again
 * within its PRESENCE (lease.ts).
 */
const ABSENT = 1_500;

/** How a lease stands, as LOOK_AT returns it. */
export interface LeaseState {
  readonly token: number;
  readonly agent: string | null;
  readonly guard: string | null;
}

/**
 * Judges whether the run that a lease names is gone, so that the next one need not wait until the lease expires. A wrong answer
 * would cost time and no more: the holder's fence fails once the token is another one.
 */
export class HolderWitness {
  readonly #connection: Connection;
  readonly #guard: string | undefined;
  #absent: { readonly token: number; readonly since: number } | undefined;
  /** The server does not show connections to this user, or shows only its own. */
  #blind = false;

  /** `guard`: names the lock of another database that this run holds; see LockOptions. */
  constructor(connection: Connection, guard: string | undefined) {
    this.#connection = connection;
    this.#guard = guard;
  }

  /** Needs several looks, unless the holder's guard is this run's: only one of two runs can hold it. */
  async isGone({ token, agent, guard }: LeaseState, signal: AbortSignal): Promise<boolean> {
    if (guard !== null && guard === this.#guard) return true;
    if (agent === null || this.#blind) return false;
    const agents = await this.#agents(signal);
    if (agents === undefined || agents.includes(agent)) {
      this.#absent = undefined;
      return false;
    }
    if (this.#absent?.token !== token) this.#absent = { token, since: performance.now() };
    return performance.now() - this.#absent.since >= ABSENT;
  }

  /** The holder, and what is known of its end. */
  described(holder: Holder): Holder {
    return this.#absent
      ? { ...holder, doing: 'nothing: no connection of it is open, so it seems to have died' }
      : holder;
  }

  /** Milliseconds until the next look can say more; undefined if the holder is there as far as this run knows. */
  get nextLook(): number | undefined {
    return this.#absent && Math.max(0, this.#absent.since + ABSENT - performance.now());
  }

  /**
   * The user agents of all connections; undefined where that cannot be known. Only Community has a single server for certain:
   * in a cluster each server lists its own connections.
   */
  async #agents(signal: AbortSignal): Promise<readonly unknown[] | undefined> {
    try {
      const [row] = await this.#connection.readFromLeader(CONNECTIONS, signal);
      const agents = (row as Row | undefined)?.agents as readonly unknown[] | undefined;
      if (row?.edition === 'community' && agents?.includes(this.#connection.userAgent)) return agents;
    } catch (error) {
      if (!(error instanceof MigrateError) || mayPass(error)) throw error;
    }
    this.#blind = true;
    return undefined;
  }
}

const CONNECTIONS = `CALL dbms.components() YIELD edition
CALL dbms.listConnections() YIELD userAgent
RETURN edition, collect(userAgent) AS agents`;
