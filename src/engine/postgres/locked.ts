import type { History } from '../../core/history.ts';
import type { Migration } from '../../core/migration.ts';
import type { RestorePoint } from '../../core/restore-point.ts';
import { MigrateError } from '../../errors.ts';
import type { Change, LockedEngine } from '../engine.ts';
import { Application, type Before, isWhole, type Tools } from './apply.ts';
import { ROW_GONE } from './errors.ts';
import type { HistoryTable } from './history.ts';
import { POSITION, positionOf } from './position.ts';
import type { Row } from './session.ts';
import { readState } from './state.ts';
import { tryingAgain } from './tries.ts';

/** Migrations, and characters of them, that are under way at once at most. */
const MOST = 8;
const MOST_CHARACTERS = 64 << 10;

/** PostgreSQL while this session holds the lock; everything goes over the connection that holds it. */
export class LockedPostgres implements LockedEngine {
  readonly database = 'postgres';
  readonly #tools: Tools;
  /** How the history table is known to be. */
  #table: Before['history'] | undefined;
  /** Sent before their turn came, in their order. */
  #ahead: Application[] = [];

  constructor(tools: Tools) {
    this.#tools = tools;
  }

  get guard(): string | undefined {
    return this.#tools.lock.guard;
  }

  get lost(): AbortSignal {
    return this.#tools.session.lost;
  }

  async history(signal: AbortSignal): Promise<History> {
    const { session, table } = this.#tools;
    const { entries } = await readState(session, signal, { table: table.name });
    return { database: 'postgres', entries };
  }

  /** The first write asks how the history table is: both questions are one round trip. */
  async position(signal: AbortSignal): Promise<Partial<RestorePoint>> {
    const { session, table } = this.#tools;
    const [found = {}] = await session.ask(POSITION(table.isCurrent()), signal);
    this.#learn(found);
    return positionOf(found);
  }

  stamp(point: RestorePoint): void {
    this.#tools.table.restorePoint = point;
  }

  async apply(
    migration: Migration,
    from: number,
    signal: AbortSignal,
    following: Iterable<Migration> = [],
  ): Promise<void> {
    const application = this.#ahead.shift() ?? (await this.#application(migration, signal));
    if (application.migration !== migration) throw new Error(`${application.migration.name} is under way already`);
    if (from === 0) this.#sendAhead([application, ...this.#ahead], following, signal);
    try {
      await this.#attended(application.run(from));
    } finally {
      // What was sent behind it the server has refused, too.
      if (application.refused) this.#ahead = [];
    }
  }

  /** Sends as many behind those that are `sent` as may be under way at once (docs/adr/0009-sent-ahead.md). */
  #sendAhead(sent: Application[], following: Iterable<Migration>, signal: AbortSignal): void {
    // The first one makes the history table.
    if (this.#table !== 'current' || signal.aborted) return;
    let known = this.#ahead.length;
    let characters = sent.reduce((sum, { migration }) => sum + migration.text.length, 0);
    for (const migration of following) {
      if (known-- > 0) continue;
      const last = sent.at(-1) as Application;
      characters += migration.text.length;
      if (!isWhole(last.migration) || !isWhole(migration) || sent.length === MOST || characters > MOST_CHARACTERS)
        return;
      last.sendAhead();
      const next = new Application(this.#tools, migration, { history: 'current', after: last.migration }, signal);
      next.sendAhead();
      sent.push(next);
      this.#ahead.push(next);
    }
  }

  /** To be called at the end: what was sent ahead and had no turn is cancelled. Never throws. */
  async giveUp(): Promise<void> {
    await this.#ahead.at(-1)?.giveUp();
  }

  async reapply(migration: Migration, signal: AbortSignal): Promise<void> {
    await this.#attended((await this.#application(migration, signal)).again());
  }

  async #attended(applying: Promise<void>): Promise<void> {
    const { observer } = this.#tools;
    await applying.finally(() => observer.rest());
    this.#table = 'current';
  }

  async #application(migration: Migration, signal: AbortSignal): Promise<Application> {
    return new Application(this.#tools, migration, { history: await this.#historyTable(signal) }, signal);
  }

  /** One transaction, which waits for locks as a migration does: our columns are added by ALTER TABLE, and readers queue behind it. */
  async amend(changes: readonly Change[], signal: AbortSignal): Promise<void> {
    const { lock, table, budgets, observer } = this.#tools;
    const creation = (await this.#historyTable(signal)) === 'current' ? [] : [table.create()];
    const amendments = changes.map((change) => amendment(table, change));
    const limit = `SET LOCAL lock_timeout = ${budgets.ddlLockTimeout}`;
    const message = ['BEGIN', limit, lock.fence(), ...creation, ...amendments, 'COMMIT'].join(';');
    const name = `the table ${table.name}`;
    observer.attend(name, budgets.ddlLockTimeout);
    await this.#attended(tryingAgain(this.#tools, { name }, signal, () => this.#amended(message, signal)));
  }

  async #amended(message: string, signal: AbortSignal): Promise<void> {
    const { session } = this.#tools;
    try {
      await session.run(message, signal);
    } catch (error) {
      if (!session.lost.aborted) await session.ask('ROLLBACK').catch(() => {});
      if (!(error instanceof MigrateError) || error.server?.code !== ROW_GONE) throw error;
      throw new MigrateError('source', error.message, {
        cause: error,
        hint: 'nothing was changed: localrag-migrate status shows what is there',
      });
    }
  }

  /** Asked once: the first write makes the table, or gives it our columns. */
  async #historyTable(signal: AbortSignal): Promise<Before['history']> {
    const { session, table } = this.#tools;
    if (this.#table !== undefined) return this.#table;
    const [found = {}] = await session.ask(table.isCurrent(), signal);
    return this.#learn(found);
  }

  #learn({ exists, current }: Row): Before['history'] {
    this.#table = current === true ? 'current' : exists === true ? 'outdated' : 'absent';
    return this.#table;
  }
}

function amendment(table: HistoryTable, change: Change): string {
  switch (change.kind) {
    case 'record':
      return table.recordDecided(change.migration, change.state);
    case 'forget':
      return table.forget(change.entry.name);
    case 'forget-all':
      return table.forgetAll();
    case 'rechecksum':
      return table.rechecksum(change.migration);
    case 'resume':
      return table.resume(change.migration, change.done);
    case 'rebuild':
      throw new Error('a history in PostgreSQL is not rebuilt');
  }
}
