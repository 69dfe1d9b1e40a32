import type { Database } from '../core/migration.ts';
import type { Emit, Holder, Progress } from '../events.ts';
import { Pace } from './pace.ts';

/** What a server says about the work that it does for us. */
export interface Sight {
  /** Whether it does any at the moment. */
  readonly working: boolean;
  readonly blockers: readonly Holder[];
  readonly progress?: Omit<Progress, 'restMs'> | undefined;
  /** The work is committed on this server, and COMMIT waits for a synchronous standby. */
  readonly standby?: true;
}

/** When to look; milliseconds. */
const FIRST = 1_000;
const NEXT = 1_000;
/** A server that cannot be asked is asked less and less often. */
const REFUSED = { first: 2_000, most: 30_000 };

/**
 * Looks at a statement that takes longer than a second, about once a second, and tells what there is to see. Looking may
 * fail in every way without any consequence for the migration.
 */
export class Watch {
  readonly #database: Database;
  readonly #look: () => Promise<Sight>;
  readonly #emit: Emit;
  readonly #pace = new Pace();
  #migration = '';
  #since = 0;
  #failures = 0;
  #notBefore = 0;
  /** Who was seen in the way of the statement that is, or was last, under way. */
  blockers: readonly Holder[] = [];

  constructor(database: Database, look: () => Promise<Sight>, emit: Emit) {
    this.#database = database;
    this.#look = look;
    this.#emit = emit;
  }

  /** From now on the statements are this migration's. */
  attend(migration: string): void {
    this.#migration = migration;
    this.#since = performance.now();
    this.blockers = [];
  }

  /**
   * A statement has been sent; the function that is returned says that it has ended. Where it will give up after
   * `patience` milliseconds by itself, there is a first look before that.
   */
  begin(patience = Number.POSITIVE_INFINITY): () => void {
    const state = { ended: false };
    let timer: NodeJS.Timeout | undefined;
    const wait = (ms: number) => {
      timer = setTimeout(async () => {
        await this.#glance(state);
        if (!state.ended) wait(Math.max(NEXT, this.#notBefore - performance.now()));
      }, ms);
    };
    wait(Math.max(Math.min(FIRST, patience / 2), this.#notBefore - performance.now()));
    return () => {
      state.ended = true;
      clearTimeout(timer);
    };
  }

  async #glance(statement: { readonly ended: boolean }): Promise<void> {
    const sight = await this.#look().catch((error: Error) => error);
    if (sight instanceof Error) {
      // To look at what has ended is over, too.
      if (!statement.ended) this.#refused(sight);
      return;
    }
    this.#failures = 0;
    // What ended meanwhile was not what was seen.
    if (statement.ended || !sight.working) return;
    this.blockers = sight.blockers;
    const now = performance.now();
    const elapsedMs = Math.round(now - this.#since);
    if (elapsedMs < FIRST) return;
    this.#emit({
      event: 'observed',
      database: this.#database,
      migration: this.#migration,
      elapsedMs,
      blockers: sight.blockers,
      ...(sight.standby && { standby: true }),
      ...(sight.progress && { progress: this.#paced(sight.progress, now) }),
    });
  }

  #paced(progress: Omit<Progress, 'restMs'>, now: number): Progress {
    const { command, on, phase, percent } = progress;
    const restMs = percent === undefined ? undefined : this.#pace.rest(`${command} ${on} ${phase}`, percent, now);
    return { ...progress, ...(restMs !== undefined && { restMs }) };
  }

  #refused({ message }: Error): void {
    if (this.#failures === 0) this.#emit({ event: 'unobserved', database: this.#database, message });
    this.#notBefore = performance.now() + Math.min(REFUSED.first * 2 ** this.#failures, REFUSED.most);
    this.#failures++;
  }
}
