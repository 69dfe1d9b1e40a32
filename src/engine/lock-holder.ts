import type { Database } from '../core/migration.ts';
import type { Emit, Holder } from '../events.ts';

/** The run that holds the lock of a database, as another one that waits for it sees it: reported each time that it changes. */
export class LockHolder {
  readonly #database: Database;
  readonly #emit: Emit;
  #reported = '';
  /** As it was last seen; undefined if the server does not say who it is. */
  last: Holder | undefined;

  constructor(database: Database, emit: Emit) {
    this.#database = database;
    this.#emit = emit;
  }

  see(holder: Holder | undefined): void {
    const seen = JSON.stringify(holder ?? null);
    if (seen !== this.#reported) this.#emit({ event: 'lock-waiting', database: this.#database, holder });
    this.#reported = seen;
    this.last = holder;
  }
}
