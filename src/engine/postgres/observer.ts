import type { Emit, Holder } from '../../events.ts';
import { type Sight, Watch } from '../watch.ts';
import type { Session } from './session.ts';
import { readSight, toSight } from './sight.ts';

/** Milliseconds in which the server has to answer a look. */
const ANSWER = 9_000;

/** A connection for looking; `answered` once the server has said anything on it. */
interface Lookout {
  readonly session: Promise<Session>;
  opened: boolean;
  answered: boolean;
}

/**
 * Asks the server, over a connection of its own, what it does for the connection that migrates. That connection is opened
 * for the first statement that takes long, and closed with its migration; whatever happens to it concerns nobody else.
 */
export class Observer {
  readonly #watched: Session;
  readonly #open: () => Promise<Session>;
  readonly #watch: Watch;
  #lookout: Lookout | undefined;
  #queued = false;

  /** `signal`: of the run; stopping it may need the place that this connection takes. */
  constructor(watched: Session, open: () => Promise<Session>, emit: Emit, signal: AbortSignal) {
    this.#watched = watched;
    this.#open = open;
    this.#watch = new Watch('postgres', () => this.look(), emit);
    signal.addEventListener('abort', () => this.rest(), { once: true });
  }

  /** Who was seen in the way of the statement that is, or was last, under way. */
  get blockers(): readonly Holder[] {
    return this.#watch.blockers;
  }

  /** Whether the last look was let in and never answered: a pooler without a free connection does that. */
  get queued(): boolean {
    return this.#queued;
  }

  /** A migration begins, whose statements give up waiting for a lock after `patience` milliseconds. */
  attend(migration: string, patience: number): void {
    this.#watch.attend(migration);
    this.#watched.onStatement = () => this.#watch.begin(patience);
  }

  /** A try begins: who blocked the one before it is of no interest. */
  forget(): void {
    this.#watch.blockers = [];
  }

  /** The migration has ended. */
  rest(): void {
    this.#watched.onStatement = () => () => {};
    void this.#lookout?.session.then((session) => session.close()).catch(() => {});
    this.#lookout = undefined;
  }

  /** Throws what opening a connection and asking throw. */
  async look(): Promise<Sight> {
    this.#lookout ??= { session: this.#open(), opened: false, answered: false };
    const lookout = this.#lookout;
    try {
      const session = await lookout.session;
      lookout.opened = true;
      const late = setTimeout(() => session.destroy(), ANSWER);
      const [row] = await session.run(limited(readSight(this.#watched.backendPid))).finally(() => clearTimeout(late));
      lookout.answered = true;
      return toSight(row);
    } catch (error) {
      this.#queued = lookout.opened && !lookout.answered;
      if (this.#lookout === lookout) this.#lookout = undefined;
      void lookout.session.then((session) => session.destroy()).catch(() => {});
      throw error;
    }
  }
}

/** A look that the migration itself stands in the way of must not pile up behind it. */
function limited(select: string): string {
  return `BEGIN;SET LOCAL lock_timeout = 1000;SET LOCAL statement_timeout = ${ANSWER};${select};COMMIT`;
}
