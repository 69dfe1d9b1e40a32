import type { History } from '../../core/history.ts';
import type { Migration } from '../../core/migration.ts';
import type { Change, LockedEngine } from '../engine.ts';
import { Application, isWhole, type Tools } from './apply.ts';
import type { HistoryTable } from './history.ts';
import { readState } from './state.ts';

/** Migrations, and characters of them, that are under way at once at most. */
const MOST = 8;
const MOST_CHARACTERS = 64 << 10;

/** PostgreSQL while this session holds the lock; everything goes over the connection that holds it. */
export class LockedPostgres implements LockedEngine {
  readonly database = 'postgres';
  readonly #tools: Tools;
  /** Whether the history table is known to be there, as we need it. */
  #created = false;
  /** Sent before their turn came, in their order. */
  #ahead: Application[] = [];

  constructor(tools: Tools) {
    this.#tools = tools;
  }

  get lost(): AbortSignal {
    return this.#tools.session.lost;
  }

  async history(signal: AbortSignal): Promise<History> {
    const { entries } = await readState(this.#tools.session, signal);
    return { database: 'postgres', entries };
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
    if (!this.#created || signal.aborted) return;
    let known = this.#ahead.length;
    let characters = sent.reduce((sum, { migration }) => sum + migration.text.length, 0);
    for (const migration of following) {
      if (known-- > 0) continue;
      const last = sent.at(-1) as Application;
      characters += migration.text.length;
      if (!isWhole(last.migration) || !isWhole(migration) || sent.length === MOST || characters > MOST_CHARACTERS)
        return;
      last.sendAhead();
      const next = new Application(this.#tools, migration, { creates: false, after: last.migration }, signal);
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
    this.#created = true;
  }

  async #application(migration: Migration, signal: AbortSignal): Promise<Application> {
    return new Application(this.#tools, migration, { creates: await this.#isToCreate(signal) }, signal);
  }

  async amend(changes: readonly Change[], signal: AbortSignal): Promise<void> {
    const { session, lock, table } = this.#tools;
    const statements = changes.map((change) => amendment(table, change)).join(';');
    try {
      const creation = (await this.#isToCreate(signal)) ? `${table.create()};` : '';
      await session.ask(`BEGIN;${lock.fence()};${creation}${statements};COMMIT`, signal);
      this.#created = true;
    } catch (error) {
      await session.ask('ROLLBACK').catch(() => {});
      throw error;
    }
  }

  /** Whether the first write has to make the history table before. */
  async #isToCreate(signal: AbortSignal): Promise<boolean> {
    const { session, table } = this.#tools;
    if (this.#created) return false;
    const [found] = await session.ask(table.isCurrent(), signal);
    this.#created = found?.current === true;
    return !this.#created;
  }
}

function amendment(table: HistoryTable, change: Change): string {
  switch (change.kind) {
    case 'record':
      return table.recordDecided(change.migration, change.state);
    case 'forget':
      return table.forget(change.entry.name);
    case 'rechecksum':
      return table.rechecksum(change.migration);
    case 'resume':
      return table.resume(change.migration, change.done);
  }
}
