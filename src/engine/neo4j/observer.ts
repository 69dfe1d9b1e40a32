import type { Emit, Holder, Progress } from '../../events.ts';
import { type Sight, Watch } from '../watch.ts';
import type { Connection } from './connection.ts';
import { blockersOf, type Open, openIn, suspects } from './transactions.ts';

/** Milliseconds in which the server has to answer a look. */
const ANSWER = 9_000;

const POPULATING = `SHOW INDEXES YIELD name, type, state, populationPercent
WHERE state = 'POPULATING' AND name IN $names
RETURN name, type, populationPercent AS percent`;

interface Populating {
  readonly name: string;
  readonly type: string;
  readonly percent: number;
}

/** What a step makes: the names of indexes and constraints; undefined for a step of data. */
type Made = ReadonlySet<string> | undefined;

/**
 * Asks the server, in a session of its own, what it does for the migration: over another connection of the driver's pool,
 * which is opened for the first step that takes long. Whatever happens to it concerns nobody else.
 */
export class Observer {
  readonly #connection: Connection;
  readonly #token: unknown;
  readonly #watch: Watch;
  #made: Made;

  /** `token`: of the lease that the migration runs under. */
  constructor(connection: Connection, token: unknown, emit: Emit) {
    this.#connection = connection;
    this.#token = token;
    this.#watch = new Watch('neo4j', () => this.#look(), emit);
  }

  /** Who was seen in the way of the step that is, or was last, under way. */
  get blockers(): readonly Holder[] {
    return this.#watch.blockers;
  }

  attend(migration: string): void {
    this.#watch.attend(migration);
  }

  /** A step, and what it makes. */
  async during<T>(made: Made, step: () => Promise<T>): Promise<T> {
    this.#made = made;
    this.#watch.blockers = [];
    const ended = this.#watch.begin();
    try {
      return await step();
    } finally {
      ended();
    }
  }

  async #look(): Promise<Sight> {
    const [open, populating] = await this.#connection.transaction(
      async (tx) =>
        [
          await openIn(tx, this.#connection.database),
          this.#made === undefined ? [] : await tx.rows(POPULATING, { names: [...this.#made] }),
        ] as const,
      AbortSignal.timeout(ANSWER),
    );
    const [index] = populating as unknown as readonly Populating[];
    const own = open.find(({ token }) => token === this.#token);
    return {
      working: own !== undefined || index !== undefined,
      blockers: own === undefined || index !== undefined ? [] : this.#blockers(own, open),
      progress: index && progressOf(index),
    };
  }

  #blockers(own: Open, all: readonly Open[]): readonly Holder[] {
    const known = blockersOf(own, all);
    return known.length > 0 || this.#made === undefined ? known : suspects(all, own.elapsedMs);
  }
}

function progressOf({ name, type, percent }: Populating): Progress {
  return { command: `populating ${type} index`, on: name, percent: Math.floor(10 * percent) / 10 };
}
