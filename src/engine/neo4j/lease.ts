import { CLEANUP, cleanedUp } from '../../deadline.ts';
import { ConnectionLost, type MigrateError } from '../../errors.ts';
import type { Emit, Holder } from '../../events.ts';
import { isTransient, LOCK_POLLING, polling } from '../../retry.ts';
import type { Identity } from '../engine.ts';
import { LockHolder } from '../lock-holder.ts';
import { answered } from './answered.ts';
import { APPLICATION, type Connection, type Row, type Work } from './connection.ts';
import { HolderWitness } from './lease-holder.ts';
import {
  ACQUIRE,
  END_SUPERSEDED,
  FENCE,
  GIVE_BACK,
  LEASE,
  LIFE,
  LOOK_AT,
  RECREATE,
  RELEASE,
  RENEW,
  STILL_OURS,
} from './lease-statements.ts';
import { busy, described, type Look } from './lease-waiting.ts';

/** How often it is renewed; milliseconds. */
const HEARTBEAT = 10_000;
/** How often its holder asks who has it, which keeps a connection open: a run without one counts as gone. Milliseconds. */
const PRESENCE = 750;
/** After so long without an answer the connections are taken for dead: nobody else may hope for a reply on them. */
const SILENCE = 28_000;

/**
 * Milliseconds that a transaction which others wait for may take before the server ends it: a client that died in it keeps
 * nobody out for long.
 */
export const SHORT = 25_000;

/** The right to migrate this graph: one node with a fencing token, by the server's clock. */
export class Lease {
  readonly #connection: Connection;
  readonly #emit: Emit;
  readonly #parameters: Row;
  readonly #lost = new AbortController();
  readonly #guard: string | undefined;
  #timers: readonly NodeJS.Timeout[] = [];
  #renewing: Promise<void> = Promise.resolve();
  #looking = false;
  #renewedAt = 0;
  /** Also where the answer to the last try was not waited for. */
  #mayBeOurs = false;

  /** `holder`: tells this process from others; `guard`: see LockOptions. */
  constructor(connection: Connection, identity: Identity, holder: string, emit: Emit, guard?: string) {
    this.#connection = connection;
    this.#emit = emit;
    this.#guard = guard;
    this.#parameters = {
      name: LEASE,
      application: `${APPLICATION} ${identity.toolVersion}`,
      host: identity.host,
      pid: identity.pid,
      holder,
      agent: connection.userAgent,
      guard: guard ?? null,
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
    this.#timers = [setInterval(() => this.#beat(), HEARTBEAT), setInterval(() => void this.#look(), PRESENCE)];
  }

  async #acquired(timeout: number, signal: AbortSignal, waiting?: () => Promise<void>): Promise<void> {
    const witness = new HolderWitness(this.#connection, this.#guard);
    const holder = new LockHolder('neo4j', this.#emit);
    let refused: MigrateError | undefined;
    const look = async () => {
      try {
        const taken = await this.#tried(witness, signal);
        if (taken === true) return true;
        holder.see(taken);
        refused = undefined;
      } catch (error) {
        if (!isTransient(error)) throw error;
        refused = error as MigrateError;
      }
      await waiting?.();
      await this.#connection.close();
      return undefined;
    };
    const policy = { budget: timeout, ...LOCK_POLLING, nextLook: () => witness.nextLook };
    if (!(await polling(policy, signal, look))) throw refused ?? busy(holder.last, timeout);
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

  /** Takes the lease if it is free, or if its holder is gone; else returns the holder, undefined where another run was quicker. */
  async #tried(witness: HolderWitness, signal: AbortSignal): Promise<true | Holder | undefined> {
    const [lease] = (await this.#connection.readFromLeader(LOOK_AT, signal, this.#parameters)) as unknown as Look[];
    if (lease === undefined) return (await this.#take(signal)) || undefined;
    const gone = !lease.free && (await witness.isGone(lease, signal));
    if (!lease.free && !gone) return witness.described(lease.holder);
    await this.#endSuperseded(lease.token, signal);
    if (!(await this.#take(signal, gone ? lease.token : null))) return undefined;
    // What a holder that is frozen or cut off has begun after the first time; from now on its fence fails.
    if (!lease.released) await this.#endSuperseded(lease.token, signal);
    if (gone)
      this.#emit({
        event: 'warning',
        message: `the run that held Neo4j's migration lease (${described(lease.holder)}) is gone: this run has taken the lease over`,
      });
    return true;
  }

  async #endSuperseded(token: number, signal: AbortSignal): Promise<void> {
    const ended = await this.#write(END_SUPERSEDED, answered(signal), {
      database: this.#connection.database,
      application: APPLICATION,
      token,
    });
    if (ended.length > 0)
      this.#emit({
        event: 'warning',
        message: `Neo4j still had ${ended.length} open transaction(s) of a run that has lost the migration lease; ended, what they had not committed is rolled back`,
      });
  }

  /** `false` where another one was quicker. */
  async #take(signal: AbortSignal, gone: number | null = null): Promise<boolean> {
    this.#renewedAt = performance.now();
    this.#mayBeOurs = true;
    const [row] = await this.#write(ACQUIRE, answered(signal), { ...this.#parameters, gone });
    this.#mayBeOurs = row !== undefined;
    if (row !== undefined) this.#parameters.token = row.token;
    return this.#mayBeOurs;
  }

  #beat(): void {
    this.#renewing = this.#renewing.then(() => this.#renew());
  }

  /** May wait for a lock that a statement of this run has: looks tell whether the server answers. */
  async #renew(): Promise<void> {
    const asked = performance.now();
    const rows = await this.#write(RENEW, AbortSignal.timeout(HEARTBEAT)).catch(() => []);
    if (rows.length > 0) this.#heard(asked);
  }

  /** A transaction that waits for an answer would wait much longer: a dead connection says nothing. */
  async #look(): Promise<void> {
    const asked = performance.now();
    if (asked - this.#renewedAt > SILENCE) this.#lost.abort(this.#superseded());
    if (this.#looking) return;
    this.#looking = true;
    try {
      if (await this.#isTaken()) this.#lost.abort(this.#superseded());
      else this.#heard(asked);
    } catch {
      // The next look may be answered.
    } finally {
      this.#looking = false;
    }
  }

  /** Whether the lease is another run's. Where the node is gone, it is not: the run's own statement may have deleted it. */
  async #isTaken(): Promise<boolean> {
    const [lease] = await this.#connection.readFromLeader(STILL_OURS, AbortSignal.timeout(HEARTBEAT), this.#parameters);
    return lease !== undefined && lease.token !== this.#parameters.token;
  }

  #heard(asked: number): void {
    this.#renewedAt = Math.max(this.#renewedAt, asked);
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
