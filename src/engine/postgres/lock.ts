import { createHash } from 'node:crypto';
import type { Holder } from '../../events.ts';
import { LOCK_LOST } from './errors.ts';
import { HOLDER } from './holders.ts';
import { APPLICATION, type Session } from './session.ts';
import { DISCARD, RESET } from './session-state.ts';

const INSTANCE = `pg_catalog.concat_ws(' ', (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()),
  extract(epoch FROM pg_catalog.pg_postmaster_start_time()))`;

/**
 * The session-level advisory lock of one history table. It is polled, never waited for: a backend that blocks in
 * pg_advisory_lock() has a virtual transaction that CREATE INDEX CONCURRENTLY waits for, and the two deadlock.
 */
export class AdvisoryLock {
  readonly #key: bigint;
  readonly #session: Session;
  #instance: string | undefined;

  constructor(session: Session, database: string, table: string) {
    this.#session = session;
    const digest = createHash('sha256').update(`${APPLICATION}\0${database}\0${table}`).digest();
    this.#key = digest.readBigInt64BE(0);
  }

  /** Names the lock among all servers: its key, the database, and the start of the server, which ends every session that holds it. */
  get guard(): string | undefined {
    return this.#instance && `${this.#key} ${this.#instance}`;
  }

  /** Takes the lock if it is free. */
  async take(signal: AbortSignal): Promise<boolean> {
    const [row] = await this.#session.ask(
      `SELECT pg_catalog.pg_try_advisory_lock(${this.#key}) AS locked, ${INSTANCE} AS instance`,
      signal,
    );
    if (row?.locked !== true) return false;
    this.#instance = String(row.instance);
    return true;
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

  async holder(signal: AbortSignal): Promise<Holder | undefined> {
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
