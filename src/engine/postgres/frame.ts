import { type Migration, type Span, textOf } from '../../core/migration.ts';
import type { Before, Tools } from './apply.ts';
import { guardHistory } from './history-guard.ts';
import type { Sent } from './place.ts';
import { APPLICATION } from './session.ts';
import { DISCARD, RESET } from './session-state.ts';

/** A message, and what of it is the file's. */
export interface Framed {
  readonly parts: readonly string[];
  readonly sent?: Sent;
  /** An error leaves the session inside of a transaction. */
  readonly transaction: boolean;
}

/** The messages that a migration is sent as. */
export class Frames {
  readonly #tools: Tools;
  readonly #migration: Migration;
  readonly #before: Before;
  /** Whether an earlier message of this migration has made the history table, or given it our columns. */
  #created = false;

  constructor(tools: Tools, migration: Migration, before: Before) {
    this.#tools = tools;
    this.#migration = migration;
    this.#before = before;
  }

  /**
   * Two transactions. The first makes the session a fresh one, and is over before the file's, so that the file may say what
   * its transaction is like (SET TRANSACTION comes before any query). The second is the file and its row.
   */
  file(record: string): Framed {
    const { settings, table } = this.#tools;
    const { after } = this.#before;
    const turn = after === undefined ? [] : [table.mustHold(after)];
    const opening = [...this.#freshSession(turn), 'BEGIN', ...this.limits('SET LOCAL')];
    // Deferred constraints and triggers belong to the file: they run under its role and settings, before ours come back.
    const closing = ['SET CONSTRAINTS ALL IMMEDIATE', ...RESET, ...settings, ...this.#recording(record)];
    return framed(this.#migration, { start: 0, end: this.#migration.text.length }, opening, closing);
  }

  /** Comes before the first step. */
  opening(): Framed {
    return { parts: [[...this.#freshSession([]), ...this.limits('SET')].join(';')], transaction: true };
  }

  /** A step that PostgreSQL takes in a transaction, with its progress, which is written whatever the file's default is. */
  step(span: Span, record: string): Framed {
    const closing = ['SET CONSTRAINTS ALL IMMEDIATE', ...this.#tools.shield, ...this.#recording(record)];
    return framed(this.#migration, span, ['BEGIN READ WRITE'], closing);
  }

  /** A statement of the file, alone in its message. */
  bare(span: Span): Framed {
    return {
      parts: [textOf(this.#migration, span)],
      sent: { span, before: 0, statementsBefore: 0 },
      transaction: false,
    };
  }

  /** A record alone, in a session that has the file's role and settings. */
  record(record: string): Framed {
    const statements = ['BEGIN READ WRITE', ...this.#tools.shield, ...this.#recording(record)];
    return { parts: [statements.join(';')], transaction: true };
  }

  /** To be called when a record has been committed. */
  recorded(): void {
    this.#created = true;
  }

  lockTimeout(): number {
    return this.#migration.directives.ddlLockTimeout ?? this.#tools.budgets.ddlLockTimeout;
  }

  /** The settings of this migration alone. */
  limits(set: 'SET' | 'SET LOCAL'): readonly string[] {
    const statementTimeout = this.#migration.directives.statementTimeout ?? this.#tools.budgets.statementTimeout;
    const name = `${APPLICATION} ${this.#migration.name}`.slice(0, 63);
    return [
      `${set} application_name = '${name}'`,
      `${set} lock_timeout = ${this.lockTimeout()}`,
      `${set} statement_timeout = ${statementTimeout}`,
    ];
  }

  #freshSession(further: readonly string[]): readonly string[] {
    const { settings, lock } = this.#tools;
    // The server's log and pg_stat_activity show the beginning of a message.
    const begin = `BEGIN /* ${this.#migration.name} */`;
    return [begin, ...RESET, ...settings, ...DISCARD, lock.cleanFence(), ...further, 'COMMIT'];
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
      `SET LOCAL lock_timeout = ${this.lockTimeout()}`,
      guardHistory(table.name, absent ? 'absent' : 'present'),
      lock.fence(),
      ...(creates ? [table.create()] : []),
      record,
      ...(absent ? [guardHistory(table.name, 'made')] : []),
      'COMMIT',
    ];
  }
}

/** A part of the file between statements of ours. The line break ends a comment that the part may end with. */
function framed(migration: Migration, span: Span, opening: readonly string[], closing: readonly string[]): Framed {
  const head = `${opening.join(';')};\n`;
  return {
    parts: [head, textOf(migration, span), `\n;${closing.join(';')}`],
    sent: { span, before: head.length, statementsBefore: opening.length },
    transaction: true,
  };
}
