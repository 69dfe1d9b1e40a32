import type { Catalog, Connections } from '../../src/catalog/model.ts';
import type { Entry, History } from '../../src/core/history.ts';
import type { Database, Migration } from '../../src/core/migration.ts';
import type { RestorePoint } from '../../src/core/restore-point.ts';
import { stepsChecksum } from '../../src/core/steps.ts';
import type {
  Asked,
  Change,
  Check,
  Counts,
  Engine,
  LockedEngine,
  RehearsingEngine,
  ServerInfo,
  Survey,
} from '../../src/engine/engine.ts';
import { MigrateError } from '../../src/errors.ts';
import { retrying } from '../../src/retry.ts';

/** What several connections share: the database itself. */
export class MemoryDatabase {
  entries: readonly Entry[] = [];
  /** The statements that took effect, in order: what a test counts. */
  readonly effects: string[] = [];
  lockedBy: symbol | undefined;
}

/** An engine without a server. A statement that contains FAIL is refused, one that contains HANG runs until it is aborted. */
export class MemoryEngine implements Engine {
  readonly database: Database;
  readonly #store: MemoryDatabase;
  readonly #lockTimeout: number;
  #restorePoint: RestorePoint | undefined;
  readonly #lost = new AbortController();

  constructor(database: Database, store: MemoryDatabase, lockTimeout = 5_000) {
    this.database = database;
    this.#store = store;
    this.#lockTimeout = lockTimeout;
  }

  async ping(): Promise<ServerInfo> {
    return { database: this.database, version: 'memory' };
  }

  async history(signal: AbortSignal): Promise<History> {
    signal.throwIfAborted();
    return { database: this.database, entries: this.#store.entries };
  }

  async health(): Promise<readonly Check[]> {
    return [{ name: 'reachable', ok: true, detail: 'in this process' }];
  }

  async counts(): Promise<Counts> {
    return { tables: 0, indexes: 0 };
  }

  async catalog(): Promise<Catalog> {
    return { database: this.database, objects: [], dimensions: [] };
  }

  async connections(): Promise<Connections> {
    return { labels: [], links: [] };
  }

  async survey(asked: readonly Asked[]): Promise<Survey> {
    return { found: asked.map(() => undefined), open: [] };
  }

  async locked<T>(signal: AbortSignal, work: (db: LockedEngine) => Promise<T>): Promise<T> {
    const me = Symbol('holder');
    const busy = new MigrateError('busy', 'another process holds the lock');
    await retrying(
      { budget: this.#lockTimeout, first: 1, most: 10 },
      signal,
      async () => {
        if (this.#store.lockedBy !== undefined) throw busy;
        this.#store.lockedBy = me;
      },
      (error) => error === busy,
    );
    try {
      return await work({
        database: this.database,
        lost: this.#lost.signal,
        history: (signal) => this.history(signal),
        position: async () => ({}),
        stamp: (point) => {
          this.#restorePoint = point;
        },
        apply: (migration, from, signal) => this.#apply(migration, from, signal),
        reapply: async (migration, signal) => {
          this.#amend({ kind: 'resume', migration, done: 0 });
          await this.#apply(migration, 0, signal);
        },
        amend: async (changes) => {
          for (const change of changes) this.#amend(change);
        },
      });
    } finally {
      this.#store.lockedBy = undefined;
    }
  }

  async rehearsing<T>(signal: AbortSignal, work: (db: RehearsingEngine) => Promise<T>): Promise<T> {
    const { database } = this;
    const nothing = { database, statements: [], leftOut: [], remains: [] };
    return this.locked(signal, ({ lost, history }) => work({ database, lost, history, rehearse: async () => nothing }));
  }

  async rest(): Promise<void> {}

  async close(): Promise<void> {}

  async #apply(migration: Migration, from: number, signal: AbortSignal): Promise<void> {
    if (this.#store.entries.some(({ name, state }) => name === migration.name && state !== 'started'))
      throw new MigrateError('failed', `${migration.name}: is in the history already`);
    for (const [index, step] of migration.steps.entries()) {
      if (index < from) continue;
      const done: string[] = [];
      for (const span of step.statements) {
        signal.throwIfAborted();
        const text = migration.text.slice(span.start, span.end);
        if (text.includes('HANG'))
          await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
        if (text.includes('FAIL')) throw new MigrateError('failed', `${migration.name}: refused`);
        done.push(text);
      }
      // Work and record in one go: that is what an engine promises.
      this.#store.effects.push(...done);
      this.#record(migration, index + 1 === migration.steps.length ? 'applied' : 'started', index + 1);
    }
  }

  #record(migration: Migration, state: Entry['state'], done: number): void {
    const entry: Entry = {
      database: this.database,
      name: migration.name,
      version: migration.version,
      state,
      checksum: migration.checksum,
      stepsDone: done,
      stepsTotal: migration.steps.length,
      stepsChecksum: stepsChecksum(migration, done),
      breaking: migration.directives.breaking,
      ...(this.#restorePoint && { restorePoint: this.#restorePoint }),
      appliedAt: new Date(),
    };
    this.#store.entries = [...this.#store.entries.filter(({ name }) => name !== migration.name), entry].sort(
      (a, b) => (a.version ?? 0) - (b.version ?? 0),
    );
  }

  #amend(change: Change): void {
    switch (change.kind) {
      case 'record':
        this.#record(change.migration, change.state, change.migration.steps.length);
        break;
      case 'forget':
        this.#store.entries = this.#store.entries.filter(({ name }) => name !== change.entry.name);
        break;
      case 'forget-all':
        this.#store.entries = [];
        break;
      case 'rechecksum':
        if (this.#store.entries.every(({ name }) => name !== change.migration.name))
          throw new MigrateError('source', 'the history has no such entry');
        this.#store.entries = this.#store.entries.map((entry) =>
          entry.name === change.migration.name ? { ...entry, checksum: change.migration.checksum } : entry,
        );
        break;
      case 'resume':
        this.#record(change.migration, 'started', change.done);
        break;
    }
  }
}
