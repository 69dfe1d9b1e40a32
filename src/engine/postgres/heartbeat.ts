import { MigrateError } from '../../errors.ts';
import type { AdvisoryLock } from './lock.ts';
import type { Observer } from './observer.ts';
import type { Session } from './session.ts';

/** How often the connection that holds the lock is looked at; milliseconds. */
const INTERVAL = 10_000;

/**
 * Finds a connection that died in silence, within three intervals, and drops it. TCP says nothing about a peer that
 * vanished, and a statement may rightly run for hours: so while one runs, another connection asks the server whether it
 * does. A connection that idles, while the other database works, is asked itself.
 */
export class Heartbeat {
  readonly #session: Session;
  readonly #lock: AdvisoryLock;
  readonly #observer: Observer;
  readonly #timer: NodeJS.Timeout;
  /** Looks in a row that found nothing to speak for the connection: one may come between a reply and its arrival. */
  #doubts = 0;

  constructor(session: Session, lock: AdvisoryLock, observer: Observer) {
    this.#session = session;
    this.#lock = lock;
    this.#observer = observer;
    this.#timer = setInterval(() => void this.#beat(), INTERVAL);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #beat(): Promise<void> {
    const session = this.#session;
    if (session.lost.aborted) return;
    if (!session.running) {
      this.#doubts = 0;
      await session.ask(this.#lock.fence()).catch(() => session.destroy());
      return;
    }
    const { answers } = session;
    const busy = await this.#isBusy();
    if (busy || session.answers !== answers || !session.running) this.#doubts = 0;
    else if (++this.#doubts === 2) session.destroy();
  }

  /** Whether the server says that it works for us. */
  async #isBusy(): Promise<boolean> {
    const pooled = this.#session.backendPid !== this.#session.pid;
    try {
      return (await this.#observer.look()).working;
    } catch (error) {
      // A server, or a pooler, that has no connection left for the question is there all the same.
      return (pooled && this.#observer.queued) || (error instanceof MigrateError && error.server !== undefined);
    }
  }
}
