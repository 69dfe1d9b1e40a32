import type { History } from '../../core/history.ts';
import type { Migration } from '../../core/migration.ts';
import type { Change, LockedEngine } from '../engine.ts';
import { Application, type Tools } from './apply.ts';
import type { HistoryTable } from './history.ts';
import { readState } from './state.ts';

/** PostgreSQL while this session holds the lock; everything goes over the connection that holds it. */
export class LockedPostgres implements LockedEngine {
  readonly database = 'postgres';
  readonly #tools: Tools;
  /** Whether the history table is known to be there, as we need it. */
  #created = false;

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

  async apply(migration: Migration, from: number, signal: AbortSignal): Promise<void> {
    const { observer } = this.#tools;
    await (await this.#application(migration, signal)).run(from).finally(() => observer.rest());
    this.#created = true;
  }

  async reapply(migration: Migration, signal: AbortSignal): Promise<void> {
    const { observer } = this.#tools;
    await (await this.#application(migration, signal)).again().finally(() => observer.rest());
    this.#created = true;
  }

  async #application(migration: Migration, signal: AbortSignal): Promise<Application> {
    const { session, emit } = this.#tools;
    session.onNotice = (notice) =>
      emit({ event: 'notice', database: 'postgres', migration: migration.name, ...notice });
    return new Application(this.#tools, migration, await this.#creation(signal), signal);
  }

  async amend(changes: readonly Change[], signal: AbortSignal): Promise<void> {
    const { session, lock, table } = this.#tools;
    const statements = changes.map((change) => amendment(table, change)).join(';');
    try {
      await session.ask(`BEGIN;${lock.fence()};${await this.#creation(signal)}${statements};COMMIT`, signal);
      this.#created = true;
    } catch (error) {
      await session.ask('ROLLBACK').catch(() => {});
      throw error;
    }
  }

  /** What the first write has to do before it. */
  async #creation(signal: AbortSignal): Promise<string> {
    const { session, table } = this.#tools;
    if (this.#created) return '';
    const [found] = await session.ask(table.isCurrent(), signal);
    return found?.current === true ? '' : `${table.create()};`;
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
