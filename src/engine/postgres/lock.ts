import { createHash } from 'node:crypto';
import { MigrateError } from '../../errors.ts';
import { type Emit, type Holder, holderText } from '../../events.ts';
import { retrying } from '../../retry.ts';
import { LOCK_LOST } from './errors.ts';
import { HOLDER } from './holders.ts';
import { APPLICATION, type Session } from './session.ts';
import { DISCARD, RESET } from './session-state.ts';

/**
 * The session-level advisory lock of one history table. It is polled, never waited for: a backend that blocks in
 * pg_advisory_lock() has a virtual transaction that CREATE INDEX CONCURRENTLY waits for, and the two deadlock.
 */
export class AdvisoryLock {
  readonly #key: bigint;
  readonly #session: Session;

  constructor(session: Session, database: string, table: string) {
    this.#session = session;
    const digest = createHash('sha256').update(`${APPLICATION}\0${database}\0${table}`).digest();
    this.#key = digest.readBigInt64BE(0);
  }

  /** Throws `busy` after `timeout` milliseconds, and what `waiting` throws. */
  async acquire(timeout: number, emit: Emit, signal: AbortSignal, waiting?: () => Promise<void>): Promise<void> {
    const begin = performance.now();
    let told = '';
    let busy: MigrateError | undefined;
    const attempt = async () => {
      const [row] = await this.#session.ask(`SELECT pg_catalog.pg_try_advisory_lock(${this.#key}) AS locked`, signal);
      if (row?.locked === true) return;
      const holder = await this.#holder(signal);
      const seen = JSON.stringify(holder ?? null);
      if (seen !== told) emit({ event: 'lock-waiting', database: 'postgres', holder });
      told = seen;
      await waiting?.();
      busy = new MigrateError(
        'busy',
        `another process holds PostgreSQL's migration lock${holder ? ` (${holderText(holder)})` : ''}, waited ${Math.round(timeout / 1000)} s`,
        {
          hint: 'wait until it is done and run migrate again, raise LOCK_TIMEOUT, or end that session (pg_terminate_backend)',
        },
      );
      throw busy;
    };
    await retrying({ budget: timeout, first: 50, most: 1_000 }, signal, attempt, (error) => error === busy);
    emit({ event: 'locked', database: 'postgres', waitedMs: Math.round(performance.now() - begin) });
  }

  /** Leaves a fresh session: behind a pooler the backend goes on to another client. */
  async release(): Promise<void> {
    await this.#session.ask([...RESET, ...DISCARD, 'SELECT pg_catalog.pg_advisory_unlock_all()'].join(';'));
  }

  /**
   * A statement that fails unless this session holds the lock: the fence inside every migration's transaction. pg_locks would say
   * so too, but a look at it costs more the more connections a server allows: 0.25 ms of each migration at 300. Giving the
   * session's hold up tells whether it had one; meanwhile the transaction's own keeps everybody else out.
   */
  fence(): string {
    return this.#fence('');
  }

  /** The same, and releases every other advisory lock of this session. */
  cleanFence(): string {
    return this.#fence('PERFORM pg_catalog.pg_advisory_unlock_all();');
  }

  #fence(release: string): string {
    return `DO $fence$ BEGIN
  IF pg_catalog.pg_try_advisory_xact_lock(${this.#key}) THEN
    IF pg_catalog.pg_advisory_unlock(${this.#key}) THEN
      ${release}
      PERFORM pg_catalog.pg_advisory_lock(${this.#key});
      RETURN;
    END IF;
  END IF;
  RAISE EXCEPTION 'this session does not hold the migration lock any more' USING ERRCODE = '${LOCK_LOST}';
END $fence$`;
  }

  async #holder(signal: AbortSignal): Promise<Holder | undefined> {
    const [row] = await this.#session.ask(
      `SELECT ${HOLDER} FROM pg_catalog.pg_locks JOIN pg_catalog.pg_stat_activity a USING (pid) WHERE ${this.#inLocks()}`,
      signal,
    );
    return row as Holder | undefined;
  }

  #inLocks(): string {
    const high = BigInt.asUintN(32, this.#key >> 32n);
    const low = BigInt.asUintN(32, this.#key);
    return `locktype = 'advisory' AND classid = ${high} AND objid = ${low} AND objsubid = 1 AND granted
    AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())`;
  }
}
