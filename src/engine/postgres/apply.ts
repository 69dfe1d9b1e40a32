import type { Budgets } from '../../config.ts';
import { type Migration, type Span, type Step, textOf } from '../../core/migration.ts';
import { changesSession, resetsSession } from '../../core/sql-settings.ts';
import type { Emit } from '../../events.ts';
import { unfinished } from '../unfinished.ts';
import { type Framed, Frames } from './frame.ts';
import { removeLeftovers } from './heal.ts';
import type { HistoryTable } from './history.ts';
import { HistoryBackup, runsAnyCode } from './history-backup.ts';
import type { AdvisoryLock } from './lock.ts';
import type { Message } from './message.ts';
import type { Observer } from './observer.ts';
import { placed } from './place.ts';
import { wasRefused } from './refused.ts';
import type { Session } from './session.ts';
import { RESET } from './session-state.ts';
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
  readonly #skipped: SkippedObjects;
  readonly #frames: Frames;
  #file: Framed | undefined;
  /** What was sent before its turn came. */
  #ahead: Message | undefined;
  #refused = false;

  constructor(tools: Tools, migration: Migration, before: Before, signal: AbortSignal) {
    this.#tools = tools;
    this.migration = migration;
    this.#frames = new Frames(tools, migration, before);
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
    if (isWhole(migration))
      await this.#retrying(() => this.#answered(this.#frames.file(table.recordReapplied(migration))));
    else await this.#stepwise(table.reopen(migration), 0);
    await this.#skipped.report(this.#tools, this.#signal);
  }

  #attend(): void {
    this.#tools.observer.attend(this.migration.name, this.#frames.lockTimeout());
  }

  /** The same for every try. */
  #whole(): Framed {
    this.#file ??= this.#frames.file(this.#tools.table.recordApplied(this.migration));
    return this.#file;
  }

  /** The settings of the file last from its first step to its last one; its role and settings never apply to our own statements. */
  async #stepwise(record: string, from: number): Promise<void> {
    const { session, settings, emit } = this.#tools;
    const { name, steps } = this.migration;
    try {
      await this.#answered(this.#frames.opening());
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
    await this.#answered(this.#frames.bare(span));
    await this.#keepLimits(span);
  }

  /** RESET ALL of a file takes back the settings of this run, too. */
  async #keepLimits(span: Span): Promise<void> {
    const { session, settings } = this.#tools;
    if (!resetsSession(this.migration.text, span)) return;
    await session.ask([...settings, ...this.#frames.limits('SET')].join(';'), this.#signal);
  }

  async #step(step: Step, index: number): Promise<void> {
    const { table } = this.#tools;
    const migration = this.migration;
    const done = table.recordDone(migration, index + 1);
    const span = step.statements[0] ?? { start: 0, end: 0 };
    if (step.kind === 'sql-marked') {
      await this.#retrying(() => this.#answered(this.#frames.step(span, done)));
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
      await this.#answered(this.#frames.bare(span));
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
    if (ownLimit || directives.ddlLockTimeout !== undefined || !/\bCONCURRENTLY\b/i.test(textOf(this.migration, span)))
      return work();
    await session.ask('SET lock_timeout = 0', this.#signal);
    await work();
    await session.ask(`SET lock_timeout = ${this.#frames.lockTimeout()}`, this.#signal);
  }

  /** A transaction of our own statements alone. */
  async #alone(record: string): Promise<void> {
    await this.#retrying(() => this.#answered(this.#frames.record(record)));
    this.#frames.recorded();
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
}

/** Whether the whole file is one transaction, and one message. */
export function isWhole({ steps }: Migration): boolean {
  return steps[0]?.kind === 'sql-file';
}
