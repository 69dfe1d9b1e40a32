import type { Budgets } from '../../config.ts';
import type { Migration, Span, Step } from '../../core/migration.ts';
import type { Emit } from '../../events.ts';
import { unfinished } from '../unfinished.ts';
import { healed } from './heal.ts';
import type { HistoryTable } from './history.ts';
import type { AdvisoryLock } from './lock.ts';
import type { Message, Notice } from './message.ts';
import type { Observer } from './observer.ts';
import { placed, type Sent } from './place.ts';
import { APPLICATION, type Session } from './session.ts';
import { tryingAgain } from './tries.ts';

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

/** What comes before a migration. */
export interface Before {
  /** The history table has to be made, or brought up to ours. */
  readonly creates: boolean;
  /** The migration whose answer is not there yet when this one is sent: without its row this one does nothing. */
  readonly after?: Migration;
}

/** A message, and what of it is the file's. */
interface Framed {
  readonly parts: readonly string[];
  readonly sent?: Sent;
}

/** A migration under way on the connection that holds the lock. */
export class Application {
  readonly migration: Migration;
  readonly #tools: Tools;
  readonly #signal: AbortSignal;
  readonly #before: Before;
  #framed: Framed | undefined;
  /** What was sent before its turn came. */
  #ahead: Message | undefined;
  #refused = false;

  constructor(tools: Tools, migration: Migration, before: Before, signal: AbortSignal) {
    this.#tools = tools;
    this.migration = migration;
    this.#before = before;
    this.#signal = signal;
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
    if (isWhole(this.migration)) {
      await this.#retrying(() => this.#answered(this.#whole()));
      return;
    }
    await this.#alone(this.#creation() + table.recordStarted(this.migration));
    await this.#steps(from);
  }

  /** All of it, where its row says that it is there and nobody has run it: the row is written anew, and keeps its place. */
  async again(): Promise<void> {
    const { table } = this.#tools;
    const migration = this.migration;
    this.#attend();
    if (isWhole(migration)) {
      const record = this.#creation() + table.recordReapplied(migration);
      await this.#retrying(() => this.#answered(this.#inTransaction(entire(migration), record)));
      return;
    }
    await this.#alone(this.#creation() + table.reopen(migration));
    await this.#steps(0);
  }

  #attend(): void {
    this.#tools.observer.attend(this.migration.name, this.#lockTimeout());
  }

  /** The same for every try. */
  #whole(): Framed {
    const { table } = this.#tools;
    this.#framed ??= this.#inTransaction(
      entire(this.migration),
      this.#creation() + table.recordApplied(this.migration),
    );
    return this.#framed;
  }

  #creation(): string {
    const { creates } = this.#before;
    return creates ? `${this.#tools.table.create()};` : '';
  }

  async #steps(from: number): Promise<void> {
    const migration = this.migration;
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
    const done = table.recordDone(this.migration, index + 1);
    const span = step.statements[0] ?? { start: 0, end: 0 };
    if (step.kind === 'sql-marked') {
      await this.#retrying(() => this.#answered(this.#inTransaction(span, done)));
      return;
    }
    if (step.replayable) {
      await this.#retrying(async () => {
        await healed(this.#tools, this.migration, span, this.#signal);
        await this.#bare(span);
      });
    } else {
      await this.#alone(table.recordBegun(this.migration, index));
      await this.#bare(span).catch((error) => {
        throw unfinished(error, this.migration, index);
      });
    }
    await this.#alone(done);
  }

  /** One message: the work, and its row in the history, in one transaction. */
  #inTransaction(span: Span, record: string): Framed {
    const { settings, table } = this.#tools;
    const { after } = this.#before;
    const turn = after === undefined ? [] : [table.mustHold(after)];
    const head = `${['BEGIN', ...this.#local('SET LOCAL'), ...turn].join(';')};\n`;
    const body = this.migration.text.slice(span.start, span.end);
    // Whatever the file has set (role, search_path, timeouts) ends with it; the fence and the row are ours.
    const tail = `\n;${RESET};${settings};${this.#own(record)};COMMIT`;
    return {
      parts: [head, body, tail],
      sent: { span, before: head.length, statementsBefore: 1 + LOCALS + turn.length },
    };
  }

  /** A statement that PostgreSQL takes only outside of a transaction, alone in its message. */
  async #bare(span: Span): Promise<void> {
    const { session, settings } = this.#tools;
    const text = this.migration.text.slice(span.start, span.end);
    // CREATE INDEX CONCURRENTLY waits for old snapshots under lock_timeout too, without standing in anybody's way.
    const patient = /\bCONCURRENTLY\b/i.test(text) && this.migration.directives.lockTimeout === undefined;
    await session.ask(this.#local('SET', patient ? 0 : undefined).join(';'), this.#signal);
    await this.#answered({ parts: [text], sent: { span, before: 0, statementsBefore: 0 } });
    await session.ask(`${RESET};${settings}`, this.#signal);
  }

  /** A transaction of our own statements alone. */
  async #alone(record: string): Promise<void> {
    await this.#retrying(() => this.#answered({ parts: [`BEGIN;${this.#own(record)};COMMIT`] }));
  }

  /** Our own part of a transaction: only while the lock is held, and never in line behind somebody's lock for long. */
  #own(record: string): string {
    return `SET LOCAL lock_timeout = ${this.#lockTimeout()};${this.#tools.lock.fence()};${record}`;
  }

  #send({ parts }: Framed): Message {
    const { session, emit } = this.#tools;
    const onNotice = (notice: Notice) =>
      emit({ event: 'notice', database: 'postgres', migration: this.migration.name, ...notice });
    return session.send(parts, onNotice);
  }

  /** Sends it, unless that was done ahead; after an error the session is out of the transaction, and the error says where it was. */
  async #answered(framed: Framed): Promise<void> {
    const { session } = this.#tools;
    if (this.#ahead === undefined) this.#signal.throwIfAborted();
    const message = this.#ahead ?? this.#send(framed);
    this.#ahead = undefined;
    try {
      await session.answered(message, this.#signal);
    } catch (error) {
      this.#refused = true;
      // A bare statement has no transaction to leave.
      if (framed.parts[0]?.startsWith('BEGIN;') && !session.lost.aborted) await session.ask('ROLLBACK').catch(() => {});
      throw placed(error, this.migration, framed.sent, message.completed);
    }
  }

  #retrying(attempt: () => Promise<void>): Promise<void> {
    return tryingAgain(this.#tools, this.migration, this.#signal, attempt);
  }

  #lockTimeout(): number {
    return this.migration.directives.lockTimeout ?? this.#tools.budgets.ddlLockTimeout;
  }

  /** The settings of this migration alone. */
  #local(set: 'SET' | 'SET LOCAL', lockTimeout = this.#lockTimeout()): readonly string[] {
    const statementTimeout = this.migration.directives.statementTimeout ?? this.#tools.budgets.statementTimeout;
    const name = `${APPLICATION} ${this.migration.name}`.slice(0, 63);
    return [
      `${set} application_name = '${name}'`,
      `${set} lock_timeout = ${lockTimeout}`,
      `${set} statement_timeout = ${statementTimeout}`,
    ];
  }
}

const RESET = 'RESET SESSION AUTHORIZATION;RESET ROLE;RESET ALL';
/** Statements that #local makes. */
const LOCALS = 3;

/** Whether the whole file is one transaction, and one message. */
export function isWhole({ steps }: Migration): boolean {
  return steps[0]?.kind === 'sql-file';
}

function entire(migration: Migration): Span {
  return { start: 0, end: migration.text.length };
}
