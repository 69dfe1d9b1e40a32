import type { Budgets } from '../../config.ts';
import { type Migration, type Span, type Step, textOf } from '../../core/migration.ts';
import { changesSession, resetsSession } from '../../core/sql-settings.ts';
import type { Emit } from '../../events.ts';
import { unfinished } from '../unfinished.ts';
import { bare, type Framed, framed, ownTransaction } from './frame.ts';
import { removeLeftovers } from './heal.ts';
import type { HistoryTable } from './history.ts';
import { HistoryBackup, runsAnyCode } from './history-backup.ts';
import { guardHistory } from './history-guard.ts';
import type { AdvisoryLock } from './lock.ts';
import type { Message } from './message.ts';
import type { Observer } from './observer.ts';
import { placed } from './place.ts';
import { wasRefused } from './refused.ts';
import { APPLICATION, type Session } from './session.ts';
import { DISCARD, RESET } from './session-state.ts';
import { SkippedObjects } from './skipped.ts';
import { tryingAgain } from './tries.ts';

export interface Tools {
  readonly session: Session;
  readonly table: HistoryTable;
  readonly lock: AdvisoryLock;
  readonly budgets: Budgets;
  /** Statements that give the session the settings that the whole run needs. */
  readonly settings: readonly string[];
  /** Statements that give them to one transaction of a session that has the settings of a file. */
  readonly shield: readonly string[];
  readonly observer: Observer;
  readonly emit: Emit;
}

/** What comes before a migration. */
export interface Before {
  /** The history table. `outdated`: an earlier tool's, without our columns. */
  readonly history: 'absent' | 'outdated' | 'current';
  /** The migration whose answer is not there yet when this one is sent: without its row this one does nothing. */
  readonly after?: Migration;
}

/** A migration under way on the connection that holds the lock. */
export class Application {
  readonly migration: Migration;
  readonly #tools: Tools;
  readonly #signal: AbortSignal;
  readonly #before: Before;
  readonly #skipped: SkippedObjects;
  #framed: Framed | undefined;
  /** What was sent before its turn came. */
  #ahead: Message | undefined;
  #refused = false;
  /** Whether this migration has made the history table, or given it our columns. */
  #created = false;

  constructor(tools: Tools, migration: Migration, before: Before, signal: AbortSignal) {
    this.#tools = tools;
    this.migration = migration;
    this.#before = before;
    this.#signal = signal;
    this.#skipped = new SkippedObjects(migration);
  }

  /** Whether a try has failed. The server has refused what was sent behind that one. */
  get refused(): boolean {
    return this.#refused;
  }

  /** Sends a migration that is one transaction before its turn has come; then `run` waits for the answer. */
  sendAhead(): void {
    this.#ahead ??= this.#send(this.#whole());
  }

  /** What was sent ahead has no turn any more: it is cancelled, unless it is done already. Never throws. */
  async giveUp(): Promise<void> {
    const { session } = this.#tools;
    if (this.#ahead === undefined) return;
    await session.answered(this.#ahead, AbortSignal.abort()).catch(() => {});
    await session.ask('ROLLBACK').catch(() => {});
  }

  async run(from: number): Promise<void> {
    const { table } = this.#tools;
    this.#attend();
    if (isWhole(this.migration)) await this.#retrying(() => this.#answered(this.#whole()));
    else await this.#stepwise(table.recordStarted(this.migration), from);
    await this.#skipped.report(this.#tools, this.#signal);
  }

  /** All of it, where its row says that it is there and this program has not run it: the row is rewritten in its place. */
  async again(): Promise<void> {
    const { table } = this.#tools;
    const migration = this.migration;
    this.#attend();
    if (isWhole(migration)) await this.#retrying(() => this.#answered(this.#file(table.recordReapplied(migration))));
    else await this.#stepwise(table.reopen(migration), 0);
    await this.#skipped.report(this.#tools, this.#signal);
  }

  #attend(): void {
    this.#tools.observer.attend(this.migration.name, this.#lockTimeout());
  }

  /** The same for every try. */
  #whole(): Framed {
    this.#framed ??= this.#file(this.#tools.table.recordApplied(this.migration));
    return this.#framed;
  }

  /**
   * One message with two transactions. The first makes the session a fresh one, and is over before the file's, so that the file
   * may say what its transaction is like (SET TRANSACTION comes before any query). The second is the file and its row.
   */
  #file(record: string): Framed {
    const { settings, table } = this.#tools;
    const { after } = this.#before;
    const turn = after === undefined ? [] : [table.mustHold(after)];
    const opening = [...this.#freshSession(turn), 'BEGIN', ...this.#limits('SET LOCAL')];
    // Deferred constraints and triggers belong to the file: they run under its role and settings, before ours come back.
    const closing = ['SET CONSTRAINTS ALL IMMEDIATE', ...RESET, ...settings, ...this.#recording(record)];
    return framed(this.migration, { start: 0, end: this.migration.text.length }, opening, closing);
  }

  #freshSession(further: readonly string[]): readonly string[] {
    const { settings, lock } = this.#tools;
    // The server's log and pg_stat_activity show the beginning of a message.
    return [
      `BEGIN /* ${this.migration.name} */`,
      ...RESET,
      ...settings,
      ...DISCARD,
      lock.cleanFence(),
      ...further,
      'COMMIT',
    ];
  }

  /** The settings of the file last from its first step to its last one; its role and settings never apply to our own statements. */
  async #stepwise(record: string, from: number): Promise<void> {
    const { session, settings, emit } = this.#tools;
    const { name, steps } = this.migration;
    try {
      await this.#answered(ownTransaction([...this.#freshSession([]), ...this.#limits('SET')]));
      for (const step of steps.slice(0, from)) await this.#restoreSetting(step);
      await this.#alone(record);
      for (const [index, step] of steps.entries()) {
        if (index < from) continue;
        emit({ event: 'step', database: 'postgres', migration: name, step: index + 1, steps: steps.length });
        await this.#step(step, index);
      }
    } finally {
      // The connection may be idle for a long time now.
      if (!session.lost.aborted) await session.ask([...RESET, ...settings].join(';')).catch(() => {});
    }
  }

  /** What a step before the one to go on with has set was lost with its session. */
  async #restoreSetting({ statements: [span] }: Step): Promise<void> {
    if (span === undefined || !changesSession(this.migration.text, span)) return;
    await this.#answered(bare(this.migration, span));
    await this.#keepLimits(span);
  }

  /** RESET ALL of a file takes back the settings of this run, too. */
  async #keepLimits(span: Span): Promise<void> {
    const { session, settings } = this.#tools;
    if (!resetsSession(this.migration.text, span)) return;
    await session.ask([...settings, ...this.#limits('SET')].join(';'), this.#signal);
  }

  async #step(step: Step, index: number): Promise<void> {
    const { table, shield } = this.#tools;
    const migration = this.migration;
    const done = table.recordDone(migration, index + 1);
    const span = step.statements[0] ?? { start: 0, end: 0 };
    if (step.kind === 'sql-marked') {
      const closing = ['SET CONSTRAINTS ALL IMMEDIATE', ...shield, ...this.#recording(done)];
      await this.#retrying(() => this.#answered(framed(migration, span, ['BEGIN'], closing)));
      await this.#keepLimits(span);
      return;
    }
    if (!step.replayable) await this.#alone(table.recordBegun(migration, index));
    await this.#patiently(span, index, () => (step.replayable ? this.#replayable(span) : this.#onlyOnce(span, index)));
    await this.#alone(done);
  }

  /** Outside of a transaction. */
  async #bare(span: Span): Promise<void> {
    const backup = runsAnyCode(this.migration, span) ? await HistoryBackup.read(this.#tools, this.#signal) : undefined;
    try {
      await this.#answered(bare(this.migration, span));
    } finally {
      await backup?.compare(this.migration, span);
    }
  }

  #replayable(span: Span): Promise<void> {
    return this.#retrying(async () => {
      await removeLeftovers(this.#tools, this.migration, span, this.#signal);
      await this.#bare(span);
    });
  }

  /** A statement that may be half-done after an error, unless the server has refused it before it did anything. */
  async #onlyOnce(span: Span, index: number): Promise<void> {
    const { session, table } = this.#tools;
    try {
      await this.#bare(span);
    } catch (error) {
      if (!(await wasRefused(session, textOf(this.migration, span), error)))
        throw unfinished(error, this.migration, index);
      await this.#alone(table.recordRefused(this.migration));
      throw error;
    }
  }

  /** CREATE INDEX CONCURRENTLY waits for old snapshots under lock_timeout too, and blocks nothing while it does. */
  async #patiently(span: Span, index: number, work: () => Promise<void>): Promise<void> {
    const { session } = this.#tools;
    const { text, steps, directives } = this.migration;
    const ownLimit = steps
      .slice(0, index)
      .flatMap(({ statements }) => statements)
      .some((each) => changesSession(text, each) && /lock_timeout/i.test(textOf(this.migration, each)));
    if (ownLimit || directives.lockTimeout !== undefined || !/\bCONCURRENTLY\b/i.test(textOf(this.migration, span)))
      return work();
    await session.ask('SET lock_timeout = 0', this.#signal);
    await work();
    await session.ask(`SET lock_timeout = ${this.#lockTimeout()}`, this.#signal);
  }

  /** A transaction of our own statements alone. */
  async #alone(record: string): Promise<void> {
    const { shield } = this.#tools;
    await this.#retrying(() =>
      this.#answered(ownTransaction(['BEGIN READ WRITE', ...shield, ...this.#recording(record)])),
    );
    this.#created = true;
  }

  /**
   * The end of a transaction: only where the history is as it was, only while the lock is held, and without a long wait for a
   * lock that another session has.
   */
  #recording(record: string): readonly string[] {
    const { table, lock } = this.#tools;
    const { history } = this.#before;
    const creates = history !== 'current' && !this.#created;
    const absent = history === 'absent' && !this.#created;
    return [
      `SET LOCAL lock_timeout = ${this.#lockTimeout()}`,
      guardHistory(table.name, absent ? 'absent' : 'present'),
      lock.fence(),
      ...(creates ? [table.create()] : []),
      record,
      ...(absent ? [guardHistory(table.name, 'made')] : []),
      'COMMIT',
    ];
  }

  #send({ parts }: Framed): Message {
    const { session, emit } = this.#tools;
    return session.send(parts, {
      dropRows: true,
      onNotice: (notice) => {
        this.#skipped.notice(notice);
        emit({ event: 'notice', database: 'postgres', migration: this.migration.name, ...notice });
      },
    });
  }

  /** Sends it, unless that was done ahead; after an error the session is out of the transaction, and the error says where it was. */
  async #answered(message: Framed): Promise<void> {
    const { session } = this.#tools;
    if (this.#ahead === undefined) this.#signal.throwIfAborted();
    const sent = this.#ahead ?? this.#send(message);
    this.#ahead = undefined;
    try {
      await session.answered(sent, this.#signal);
    } catch (error) {
      this.#refused = true;
      if (message.transaction && !session.lost.aborted) await session.ask('ROLLBACK').catch(() => {});
      throw placed(error, this.migration, message.sent, sent.completed, session.countsBytes);
    }
  }

  #retrying(attempt: () => Promise<void>): Promise<void> {
    return tryingAgain(this.#tools, this.migration, this.#signal, attempt);
  }

  #lockTimeout(): number {
    return this.migration.directives.lockTimeout ?? this.#tools.budgets.ddlLockTimeout;
  }

  /** The settings of this migration alone. */
  #limits(set: 'SET' | 'SET LOCAL'): readonly string[] {
    const statementTimeout = this.migration.directives.statementTimeout ?? this.#tools.budgets.statementTimeout;
    const name = `${APPLICATION} ${this.migration.name}`.slice(0, 63);
    return [
      `${set} application_name = '${name}'`,
      `${set} lock_timeout = ${this.#lockTimeout()}`,
      `${set} statement_timeout = ${statementTimeout}`,
    ];
  }
}

/** Whether the whole file is one transaction, and one message. */
export function isWhole({ steps }: Migration): boolean {
  return steps[0]?.kind === 'sql-file';
}
