import { ConnectionLost } from '../../errors.ts';
import type { Connection, Statement } from './connection.ts';
import { openTransactions } from './transactions.ts';

/** How often the server is asked whether it still works for us; milliseconds. */
const INTERVAL = 10_000;

/**
 * Finds a connection that died in silence under a statement, within three intervals. A statement may rightly run for
 * hours, and neither TCP nor Bolt tells it from one that the server never got, or whose reply was lost: Bolt's own
 * keepalive takes two minutes by default. So another connection asks the server what our transaction is doing.
 */
export class Heartbeat {
  readonly #connection: Connection;
  readonly #token: unknown;
  readonly #lost = new AbortController();
  readonly #timer: NodeJS.Timeout;
  /** One look may come between a reply and its arrival. */
  #doubted: Statement | undefined;

  /** `token`: of the lease that the statements run under. */
  constructor(connection: Connection, token: unknown) {
    this.#connection = connection;
    this.#token = token;
    this.#timer = setInterval(() => void this.#beat(), INTERVAL);
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #beat(): Promise<void> {
    const statement = this.#connection.underWay;
    // A server that cannot be asked is the lease's business.
    const unknown = statement !== undefined && !(await this.#isWorkedOn(statement).catch(() => true));
    if (!unknown || this.#connection.underWay !== statement) this.#doubted = undefined;
    else if (this.#doubted === statement)
      this.#lost.abort(
        new ConnectionLost('Neo4j does not answer on the connection of the migration any more', undefined),
      );
    else this.#doubted = statement;
  }

  /** An explicit transaction is there while it waits for us, too; one of a single statement only while that runs. */
  async #isWorkedOn({ kind }: Statement): Promise<boolean> {
    // Answered at once, or not at all: the server calls a query running that waits for us to fetch its result.
    if (kind === 'ours') return false;
    const open = await openTransactions(this.#connection, INTERVAL / 2);
    return open.some(({ token, query }) => token === this.#token && (kind === 'alone' || query !== ''));
  }
}
