import { CLEANUP, cleanedUp } from '../../deadline.ts';
import { ConnectionLost, MigrateError } from '../../errors.ts';
import type { Emit, Holder } from '../../events.ts';
import { isTransient, retrying } from '../../retry.ts';
import type { Identity } from '../engine.ts';
import { APPLICATION, answered, type Connection, type Row, type Work } from './connection.ts';

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
 * Every statement writes the node first and reads its condition after: the write takes the node's lock, and a condition
 * that was read before it lets several contenders win. Time is the server's, read when the lock is had.
 */
const TOUCH = 'MATCH (l:`_MigrationLease` {name: $name}) SET l.touch = $holder WITH l';

/**
 * Only where the anchor is there: a statement of the run that has the lease may have deleted both, and that run puts them back.
 * Links what is not linked, and counts what was not counted: nodes that an earlier version has made, or that lost their links.
 */
const ACQUIRE = `MATCH (b:\`_MigrationBootstrap\`) WITH b ORDER BY elementId(b) LIMIT 1
MERGE (l:\`_MigrationLease\` {name: $name})
  ON CREATE SET l.token = 0, l.until = datetime({epochMillis: 0})
SET l.touch = $holder
WITH b, l WHERE l.until < datetime.realtime() OR l.holder = $holder
SET l.token = l.token + 1, l.holder = $holder, l.host = $host, l.pid = $pid, l.application = $application,
  l.since = datetime.realtime(), l.until = datetime.realtime() + duration({milliseconds: $life})
WITH b, l
OPTIONAL MATCH (m:\`_Migration\`) WHERE NOT EXISTS { (m)-[:\`_MIGRATION_OF\`]->() }
WITH b, l, collect(m) AS unlinked
MERGE (l)-[:\`_MIGRATION_OF\`]->(b)
MERGE (b)-[:\`_MIGRATION_OF\`]->(b)
FOREACH (m IN unlinked | MERGE (m)-[:\`_MIGRATION_OF\`]->(b))
FOREACH (_ IN CASE WHEN b.recorded IS NULL THEN [1] ELSE [] END | SET b.recorded = COUNT { (:\`_Migration\`) })
RETURN l.token AS token`;

/** By whoever does not know whether it has the lease. MERGE, as the node may be made by that try alone. */
const GIVE_BACK = `MERGE (l:\`_MigrationLease\` {name: $name})
  ON CREATE SET l.token = 0, l.until = datetime({epochMillis: 0})
SET l.touch = $holder
WITH l WHERE l.holder = $holder
SET l.until = datetime({epochMillis: 0})
RETURN l.token AS token`;

/** Not one that was released. */
const RENEW = `${TOUCH} WHERE l.token = $token AND l.holder = $holder AND l.until > datetime({epochMillis: 0})
SET l.until = datetime.realtime() + duration({milliseconds: $life}) RETURN l.token AS token`;

const FENCE = `${TOUCH} WHERE l.token = $token AND l.holder = $holder AND l.until > datetime.realtime() RETURN l.token AS token`;

const RECREATE = `MERGE (l:\`_MigrationLease\` {name: $name})
  ON CREATE SET l.token = $token, l.since = datetime.realtime(), l.until = datetime.realtime() + duration({milliseconds: $life})
SET l.touch = $holder
WITH l WHERE l.token = $token
SET l.holder = $holder, l.host = $host, l.pid = $pid, l.application = $application RETURN l.token AS token`;

const RELEASE = `${TOUCH} WHERE l.token = $token AND l.holder = $holder SET l.until = datetime({epochMillis: 0}) RETURN l.token AS token`;

/** How the lease stands. Only read: whoever waits for it takes no lock that its holder needs. */
const LOOK_AT = `MATCH (l:\`_MigrationLease\` {name: $name})
RETURN l.token AS token, l.until < datetime.realtime() OR l.holder = $holder AS free,
  {pid: l.pid, host: l.host, application: l.application, since: toString(l.since)} AS holder`;

/**
 * Whoever had a lease that has expired may be frozen, or cut off, inside a transaction. Its fence keeps it from
 * committing, but the server would keep its locks, the lease's own among them, for as long as the connection seems open.
 */
const END_SUPERSEDED = `SHOW TRANSACTIONS YIELD database, transactionId AS id, metaData
WHERE database = $database AND metaData.application = $application AND metaData.token <= $token
TERMINATE TRANSACTIONS id YIELD message RETURN message`;

/**
 * Waits until nobody has the lease, and takes it not: nothing is written, and nothing of those who had it is ended.
 * Throws `busy` after `timeout` milliseconds.
 */
export function leaseFree(connection: Connection, timeout: number, emit: Emit, signal: AbortSignal): Promise<void> {
  let told = '';
  const look = async () => {
    const [lease] = await connection.read(LOOK_AT, signal, { name: LEASE, holder: '' });
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
    const [lease] = await this.#connection.read(LOOK_AT, signal, this.#parameters);
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
      const taken = await this.#isTaken().catch(() => true);
      if (!taken) this.#heard(asked);
    }
  }

  /** Whether the lease is another run's. Where the node is gone, it is not: the run's own statement may have deleted it. */
  async #isTaken(): Promise<boolean> {
    const [lease] = await this.#connection.read(LOOK_AT, AbortSignal.timeout(HEARTBEAT), this.#parameters);
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
