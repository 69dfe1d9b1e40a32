import { CLEANUP, cleanedUp } from '../../deadline.ts';
import { ConnectionLost, MigrateError } from '../../errors.ts';
import type { Emit, Holder } from '../../events.ts';
import { isTransient, retrying } from '../../retry.ts';
import type { Identity } from '../engine.ts';
import { APPLICATION, answered, type Connection, type Row, type Work } from './connection.ts';
import { ACQUIRE, END_SUPERSEDED, FENCE, GIVE_BACK, LOOK_AT, RECREATE, RELEASE, RENEW } from './lease-statements.ts';

const LEASE = 'localrag-migrate';

/** Milliseconds that a lease holds without being renewed. */
const LIFE = 80_000;
/** How often it is renewed, and how often somebody looks whether that was heard; milliseconds. */
const HEARTBEAT = 10_000;
const LOOK = 2_000;
/** After so long without an answer the connections are taken for dead: nobody else may hope for a reply on them. */
const SILENCE = 28_000;

/**
 * Milliseconds that a transaction which others wait for may take before the server ends it: a client that died in it keeps
 * nobody out for long.
 */
export const SHORT = 25_000;

/**
 * Waits until nobody has the lease, and takes it not: nothing is written, and nothing of those who had it is ended.
 * Throws `busy` after `timeout` milliseconds.
 */
export function leaseFree(connection: Connection, timeout: number, emit: Emit, signal: AbortSignal): Promise<void> {
  let told = '';
  const look = async () => {
    const [lease] = await connection.readFromLeader(LOOK_AT, signal, { name: LEASE, holder: '' });
    if (lease === undefined || lease.free === true) return;
    const holder = lease.holder as Holder;
    if (JSON.stringify(holder) !== told) emit({ event: 'lock-waiting', database: 'neo4j', holder });
    told = JSON.stringify(holder);
    throw held(holder, timeout);
  };
  return retrying({ budget: timeout, first: 100, most: 2_000 }, signal, look, isTransient);
}

function held(holder: Holder | undefined, timeout: number): MigrateError {
  return new MigrateError(
    'busy',
    `another process holds Neo4j's migration lease${holder ? ` (pid ${holder.pid} on ${holder.host}, since ${holder.since})` : ''}, waited ${Math.round(timeout / 1000)} s`,
    {
      hint: `wait until it is done and run migrate again, or raise LOCK_TIMEOUT; a holder that died loses its lease after ${LIFE / 1000} s`,
    },
  );
}

/** The right to migrate this graph: one node with a fencing token, by the server's clock. */
export class Lease {
  readonly #connection: Connection;
  readonly #emit: Emit;
  readonly #parameters: Row;
  readonly #lost = new AbortController();
  #timers: readonly NodeJS.Timeout[] = [];
  #renewing: Promise<void> = Promise.resolve();
  #renewedAt = 0;
  /** Also where the answer to the last try was not waited for. */
  #mayBeOurs = false;

  constructor(connection: Connection, identity: Identity, holder: string, emit: Emit) {
    this.#connection = connection;
    this.#emit = emit;
    this.#parameters = {
      name: LEASE,
      application: `${APPLICATION} ${identity.toolVersion}`,
      host: identity.host,
      pid: identity.pid,
      holder,
      life: LIFE,
    };
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Throws `busy` after `timeout` milliseconds, and what `waiting` throws. */
  async acquire(timeout: number, signal: AbortSignal, waiting?: () => Promise<void>): Promise<void> {
    const begin = performance.now();
    try {
      await this.#acquired(timeout, signal, waiting);
    } catch (error) {
      // Given up in the middle of a try, or just after it.
      if (this.#mayBeOurs) await cleanedUp(this.#write(GIVE_BACK, AbortSignal.timeout(CLEANUP)));
      throw error;
    }
    this.#emit({ event: 'locked', database: 'neo4j', waitedMs: Math.round(performance.now() - begin) });
    this.#timers = [setInterval(() => this.#beat(), HEARTBEAT), setInterval(() => this.#look(), LOOK)];
  }

  async #acquired(timeout: number, signal: AbortSignal, waiting?: () => Promise<void>): Promise<void> {
    let told = '';
    await retrying(
      { budget: timeout, first: 100, most: 2_000 },
      signal,
      async () => {
        const holder = await this.#heldBy(signal);
        if (holder === undefined && (await this.#take(signal))) return;
        const seen = JSON.stringify(holder ?? null);
        if (seen !== told) this.#emit({ event: 'lock-waiting', database: 'neo4j', holder });
        told = seen;
        await waiting?.();
        throw held(holder, timeout);
      },
      isTransient,
    );
  }

  /** What every transaction under the lease tells the server, so that a later holder can end it. */
  get metadata(): Row {
    return { token: this.#parameters.token };
  }

  /** The last act of a transaction before its commit: a holder that was superseded cannot commit. */
  async fence(tx: Work): Promise<void> {
    const rows = await tx.rows(FENCE, this.#parameters);
    if (rows.length === 0) throw this.#superseded();
  }

  /** Makes the node again, as it was taken: a statement of this run may have deleted it. */
  async recreate(tx: Work): Promise<void> {
    await tx.rows(RECREATE, this.#parameters);
  }

  /** Cleanup: not under anybody's signal, and never an error: what is not given back expires. */
  async release(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.#renewing;
    if (this.#lost.signal.aborted) return;
    await this.#write(RELEASE, AbortSignal.timeout(5_000)).then(
      () => this.#emit({ event: 'unlocked', database: 'neo4j' }),
      () => {},
    );
  }

  /** Who has the lease; where nobody has it, nothing of those who had it is left open. */
  async #heldBy(signal: AbortSignal): Promise<Holder | undefined> {
    const [lease] = await this.#connection.readFromLeader(LOOK_AT, signal, this.#parameters);
    if (lease === undefined) return undefined;
    if (lease.free !== true) return lease.holder as Holder;
    const ended = await this.#write(END_SUPERSEDED, answered(signal), {
      database: this.#connection.database,
      application: APPLICATION,
      token: lease.token,
    });
    if (ended.length > 0)
      this.#emit({
        event: 'warning',
        message: `Neo4j still had ${ended.length} open transaction(s) of a run that has lost the migration lease; ended, what they had not committed is rolled back`,
      });
    return undefined;
  }

  /** `false` where another one was quicker. */
  async #take(signal: AbortSignal): Promise<boolean> {
    this.#renewedAt = performance.now();
    this.#mayBeOurs = true;
    const [row] = await this.#write(ACQUIRE, answered(signal));
    this.#mayBeOurs = row !== undefined;
    if (row !== undefined) this.#parameters.token = row.token;
    return this.#mayBeOurs;
  }

  #beat(): void {
    this.#renewing = this.#renewing.then(() => this.#renew());
  }

  async #renew(): Promise<void> {
    const asked = performance.now();
    try {
      const rows = await this.#write(RENEW, AbortSignal.timeout(HEARTBEAT));
      if (rows.length > 0 || !(await this.#isTaken())) this.#heard(asked);
      else this.#lost.abort(this.#superseded());
    } catch {
      // A statement of this run may have locked the node. What is read says whether the server answers, and who has the lease;
      // where it does not answer, `#look` knows for how long.
      const looked = performance.now();
      const taken = await this.#isTaken().catch(() => true);
      if (!taken) this.#heard(looked);
    }
  }

  /** Whether the lease is another run's. Where the node is gone, it is not: the run's own statement may have deleted it. */
  async #isTaken(): Promise<boolean> {
    const [lease] = await this.#connection.readFromLeader(LOOK_AT, AbortSignal.timeout(HEARTBEAT), this.#parameters);
    return lease !== undefined && lease.token !== this.#parameters.token;
  }

  #heard(asked: number): void {
    this.#renewedAt = Math.max(this.#renewedAt, asked);
  }

  /** A transaction that waits for an answer would wait much longer: a dead connection says nothing. */
  #look(): void {
    if (performance.now() - this.#renewedAt > SILENCE) this.#lost.abort(this.#superseded());
  }

  #superseded(): ConnectionLost {
    return new ConnectionLost(
      "Neo4j's migration lease was lost: it was not renewed in time, or another process took it over",
      undefined,
    );
  }

  #write(query: string, signal: AbortSignal, parameters = this.#parameters): Promise<Row[]> {
    return this.#connection.transaction((tx) => tx.rows(query, parameters), signal, { timeout: SHORT });
  }
}
