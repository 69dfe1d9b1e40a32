import pg from 'pg';
import type { Budgets } from '../../config.ts';
import type { Migration, Span, Step } from '../../core/migration.ts';
import { concurrentIndex } from '../../core/steps.ts';
import { MigrateError } from '../../errors.ts';
import { type Emit, holderText } from '../../events.ts';
import { retrying } from '../../retry.ts';
import { unfinished } from '../unfinished.ts';
import type { HistoryTable } from './history.ts';
import type { AdvisoryLock } from './lock.ts';
import type { Observer } from './observer.ts';
import { placed, type Sent } from './place.ts';
import { APPLICATION, type Session } from './session.ts';

export interface Tools {
  readonly session: Session;
  readonly table: HistoryTable;
  readonly lock: AdvisoryLock;
  readonly budgets: Budgets;
  /** Statements that give the session the settings that the whole run needs. */
  readonly settings: string;
  readonly observer: Observer;
  readonly emit: Emit;
}

/** A migration under way on the connection that holds the lock. */
export class Application {
  readonly #tools: Tools;
  readonly #migration: Migration;
  readonly #signal: AbortSignal;
  /** What has to be done to the history table before the first write to it; empty where nothing has. */
  readonly #creation: string;

  constructor(tools: Tools, migration: Migration, creation: string, signal: AbortSignal) {
    this.#tools = tools;
    this.#migration = migration;
    this.#creation = creation;
    this.#signal = signal;
    tools.observer.attend(migration.name, this.#lockTimeout());
  }

  async run(from: number): Promise<void> {
    const { table } = this.#tools;
    const migration = this.#migration;
    if (migration.steps[0]?.kind === 'sql-file') {
      await this.#retrying(() =>
        this.#inTransaction(entire(migration), this.#creation + table.recordApplied(migration)),
      );
      return;
    }
    await this.#alone(this.#creation + table.recordStarted(migration));
    await this.#steps(from);
  }

  /** All of it, where its row says that it is there and nobody has run it: the row is written anew, and keeps its place. */
  async again(): Promise<void> {
    const { table } = this.#tools;
    const migration = this.#migration;
    if (migration.steps[0]?.kind === 'sql-file') {
      await this.#retrying(() =>
        this.#inTransaction(entire(migration), this.#creation + table.recordReapplied(migration)),
      );
      return;
    }
    await this.#alone(this.#creation + table.reopen(migration));
    await this.#steps(0);
  }

  async #steps(from: number): Promise<void> {
    const migration = this.#migration;
    for (const [index, step] of migration.steps.entries()) {
      if (index < from) continue;
      this.#tools.emit({
        event: 'step',
        database: 'postgres',
        migration: migration.name,
        step: index + 1,
        steps: migration.steps.length,
      });
      await this.#step(step, index);
    }
  }

  async #step(step: Step, index: number): Promise<void> {
    const { table } = this.#tools;
    const done = table.recordDone(this.#migration, index + 1);
    const span = step.statements[0] ?? { start: 0, end: 0 };
    if (step.kind === 'sql-marked') {
      await this.#retrying(() => this.#inTransaction(span, done));
      return;
    }
    if (step.replayable) {
      await this.#retrying(async () => {
        await this.#heal(span);
        await this.#bare(span);
      });
    } else {
      await this.#alone(table.recordBegun(this.#migration, index));
      await this.#bare(span).catch((error) => {
        throw unfinished(error, this.#migration, index);
      });
    }
    await this.#alone(done);
  }

  /** One message: the work, and its row in the history, in one transaction. */
  async #inTransaction(span: Span, record: string): Promise<void> {
    const { settings } = this.#tools;
    const head = `BEGIN;${this.#local('SET LOCAL')};\n`;
    const body = this.#migration.text.slice(span.start, span.end);
    // Whatever the file has set (role, search_path, timeouts) ends with it; the fence and the row are ours.
    const tail = `\n;${RESET};${settings};${this.#own(record)};COMMIT`;
    await this.#guarded([head, body, tail], { span, before: head.length, statementsBefore: 1 + LOCALS });
  }

  /** A statement that PostgreSQL takes only outside of a transaction, alone in its message. */
  async #bare(span: Span): Promise<void> {
    const { session, settings } = this.#tools;
    const text = this.#migration.text.slice(span.start, span.end);
    // CREATE INDEX CONCURRENTLY waits for old snapshots under lock_timeout too, without standing in anybody's way.
    const patient = /\bCONCURRENTLY\b/i.test(text) && this.#migration.directives.lockTimeout === undefined;
    await session.ask(this.#local('SET', patient ? 0 : undefined), this.#signal);
    await this.#guarded([text], { span, before: 0, statementsBefore: 0 });
    await session.ask(`${RESET};${settings}`, this.#signal);
  }

  /** A transaction of our own statements alone. */
  async #alone(record: string): Promise<void> {
    await this.#retrying(() => this.#guarded([`BEGIN;${this.#own(record)};COMMIT`], undefined));
  }

  /** Our own part of a transaction: only while the lock is held, and never in line behind somebody's lock for long. */
  #own(record: string): string {
    return `SET LOCAL lock_timeout = ${this.#lockTimeout()};${this.#tools.lock.fence()};${record}`;
  }

  /** An index that an earlier try left INVALID would be skipped by IF NOT EXISTS: drop it, so that it is built again. */
  async #heal(span: Span): Promise<void> {
    const { session, emit } = this.#tools;
    const index = concurrentIndex(this.#migration.text.slice(span.start, span.end));
    if (index === undefined) return;
    const [row] = await session.ask(INVALID_INDEX(index), this.#signal);
    if (row === undefined) return;
    emit({ event: 'healing', database: 'postgres', migration: this.#migration.name, index: String(row.index) });
    await session.run(`DROP INDEX CONCURRENTLY IF EXISTS ${row.index}`, this.#signal);
  }

  /** Sends a message; after an error the session is out of the transaction, and the error says where it was. */
  async #guarded(message: readonly string[], sent: Sent | undefined): Promise<void> {
    const { session } = this.#tools;
    try {
      await session.run(message, this.#signal);
    } catch (error) {
      const completed = session.completed;
      // A bare statement has no transaction to leave.
      if (message[0]?.startsWith('BEGIN;') && !session.lost.aborted) await session.ask('ROLLBACK').catch(() => {});
      throw placed(error, this.#migration, sent, completed);
    }
  }

  /** Tries again what certainly did nothing: a lock not had, a deadlock, a serialization failure. */
  async #retrying(attempt: () => Promise<void>): Promise<void> {
    const { budgets, emit, observer } = this.#tools;
    const afresh = () => {
      observer.forget();
      return attempt();
    };
    const run = retrying(
      { budget: budgets.ddlLockRetryFor, first: 100, most: 5_000 },
      this.#signal,
      afresh,
      isRetryable,
      ({ message }, attempt) =>
        emit({
          event: 'retrying',
          database: 'postgres',
          migration: this.#migration.name,
          message,
          attempt,
          blockers: observer.blockers,
        }),
    );
    await run.catch((error) => {
      const { blockers } = observer;
      if (!isRetryable(error) || blockers.length === 0) throw error;
      throw new MigrateError('busy', `${error.message}; blocked by ${blockers.map(holderText).join('; ')}`, error);
    });
  }

  #lockTimeout(): number {
    return this.#migration.directives.lockTimeout ?? this.#tools.budgets.ddlLockTimeout;
  }

  /** The settings of this migration alone. */
  #local(set: 'SET' | 'SET LOCAL', lockTimeout = this.#lockTimeout()): string {
    const statementTimeout = this.#migration.directives.statementTimeout ?? this.#tools.budgets.statementTimeout;
    const name = `${APPLICATION} ${this.#migration.name}`.slice(0, 63);
    return `${set} application_name = '${name}';${set} lock_timeout = ${lockTimeout};${set} statement_timeout = ${statementTimeout}`;
  }
}

const RESET = 'RESET SESSION AUTHORIZATION;RESET ROLE;RESET ALL';
/** Statements that #local makes. */
const LOCALS = 3;

function entire(migration: Migration): Span {
  return { start: 0, end: migration.text.length };
}

/** A lock not had, a deadlock, a serialization failure. */
function isRetryable(error: unknown): error is MigrateError {
  return error instanceof MigrateError && ['55P03', '40P01', '40001'].includes(error.server?.code ?? '');
}

function INVALID_INDEX(index: string): string {
  return `SELECT indexrelid::regclass::text AS index FROM pg_catalog.pg_index WHERE indexrelid = to_regclass(${pg.escapeLiteral(index)}) AND NOT indisvalid`;
}
