import neo4j, { type Driver, type QueryResult, type Session, type Transaction } from 'neo4j-driver';
import type { Neo4jConfig } from '../../config.ts';
import { abortable, CLEANUP, cleanedUp } from '../../deadline.ts';
import { MigrateError } from '../../errors.ts';
import { answered } from './answered.ts';
import { openDriver } from './driver.ts';
import { advised, connectError, isCutHandshake, statementError } from './errors.ts';

/** What all transactions of this program tell the server of themselves, beside who and where they are. */
export const APPLICATION = 'localrag-migrate';

export type Row = Record<string, unknown>;

/** What the driver routes by in a cluster: WRITE goes to the leader, READ to any member. */
type Mode = 'READ' | 'WRITE';

export interface Work {
  /** Rows of one statement. */
  rows(query: string, parameters?: Record<string, unknown>): Promise<Row[]>;
  /** Runs one statement of a file and drops what it returns; says how much of what it has changed. */
  execute(query: string): Promise<Readonly<Record<string, number>> | undefined>;
}

/** A statement of a migration that has been sent and not answered. */
export interface Statement {
  /** Ours, about history and lease; the file's; or one of the file's whose transaction has no other, and ends with it. */
  readonly kind: 'ours' | 'of-file' | 'alone';
}

/** A driver and the ways in which this program talks through it: explicit transactions, and no retry loop but ours. */
export class Connection {
  readonly #config: Neo4jConfig;
  /** Made when it is needed, and again after `rest`. */
  #driver: Driver | undefined;
  /** What SHOW TRANSACTIONS tells of us. */
  readonly #metadata: Record<string, unknown>;
  readonly #bookmarks = neo4j.bookmarkManager();
  /** Of a transaction whose answers are there already. */
  #ending: Promise<void> | undefined;
  #cutHandshakes = 0;
  /** `Neo4j/5.26.30`, from the last answer. */
  agent = '';
  /** The one that answered last: the user's home database where none is configured. */
  database = '';
  /** In the order in which they were sent, which is the one in which the server takes them. */
  readonly #unanswered: Statement[] = [];

  /** What the server lists of each connection of this process, and of no other one's. */
  readonly userAgent: string;

  constructor(
    config: Neo4jConfig,
    metadata: { readonly version: string; readonly holder: string; [other: string]: unknown },
  ) {
    this.#config = config;
    this.#metadata = { application: APPLICATION, ...metadata };
    this.userAgent = `${APPLICATION}/${metadata.version} (${metadata.holder})`;
  }

  /** The statement of a migration that the server is at. */
  get underWay(): Statement | undefined {
    return this.#unanswered[0];
  }

  get uri(): string {
    return this.#config.uri;
  }

  /**
   * Reads in a transaction of its own, on any member of a cluster: for commands that only read the history and the schema, and for
   * the history under the lease. Bookmarks make a member wait for all that this process has committed; the holder of the lease
   * has committed behind its predecessors, so no older history is seen. Errors are those of connecting.
   */
  read(query: string, signal?: AbortSignal, parameters: Record<string, unknown> = {}): Promise<Row[]> {
    return this.#read('READ', query, signal, parameters);
  }

  /**
   * The same on the leader, where everything that is written runs: for what each member knows of itself alone (transactions and
   * their locks, indexes that it is building, settings), for the lease while another run has it, and for every look that decides
   * what is written next.
   */
  readFromLeader(query: string, signal?: AbortSignal, parameters: Record<string, unknown> = {}): Promise<Row[]> {
    return this.#read('WRITE', query, signal, parameters);
  }

  #read(mode: Mode, query: string, signal: AbortSignal | undefined, parameters: Record<string, unknown>) {
    return this.#reading(mode, signal, async (session) => {
      const result = await session.run(query, parameters, { metadata: this.#metadata });
      return this.#rowsOf(result);
    });
  }

  /** Several reads in one transaction, sent one behind the other without waiting for answers. On any member, as `read`. */
  readAll(queries: readonly string[], signal?: AbortSignal): Promise<Row[][]> {
    return this.#reading('READ', signal, async (session, meanwhile) => {
      const tx = session.beginTransaction({ metadata: this.#metadata });
      const results = await Promise.all(queries.map((query) => tx.run(query)));
      // It has written nothing: only what uses the connection next waits for its end.
      meanwhile(tx.rollback());
      return results.map((result) => this.#rowsOf(result));
    });
  }

  async #reading<T>(mode: Mode, signal: AbortSignal | undefined, work: InSession<T>): Promise<T> {
    try {
      // A read has nothing to roll back: it is not waited for.
      return await this.#within({ mode, patience: 0 }, answered(signal), work);
    } catch (error) {
      throw stopped(signal) ?? this.#judged(await connectError(error, this.uri));
    }
  }

  #rowsOf({ summary, records }: QueryResult): Row[] {
    this.agent = summary.server.agent ?? '';
    this.database = summary.database.name ?? '';
    return records.map((record) => record.toObject() as Row);
  }

  /** A handshake that is cut every time was no accident. */
  #judged(error: MigrateError): MigrateError {
    this.#cutHandshakes = isCutHandshake(error) ? this.#cutHandshakes + 1 : 0;
    return this.#cutHandshakes < HANDSHAKES ? error : new MigrateError('config', error.message, error);
  }

  /**
   * Work in one explicit transaction, committed at the end, or rolled back. Throws the signal's reason when it was aborted,
   * ConnectionLost where nobody knows whether it was committed, other MigrateErrors where it was rolled back.
   */
  async transaction<T>(work: (tx: Work) => Promise<T>, signal?: AbortSignal, options: Options = {}): Promise<T> {
    try {
      return await this.#within({ mode: 'WRITE', patience: CLEANUP }, signal, async (session) => {
        // Nobody waits for the answer to BEGIN: where it is an error, that is the one of what follows as well.
        const tx = session.beginTransaction(this.#settings(options));
        this.#sent(tx, { kind: 'ours' }, options).catch(() => {});
        try {
          const result = await work(this.#workOf(tx, options));
          signal?.throwIfAborted();
          await (options.rollBack ? tx.rollback() : tx.commit());
          return result;
        } catch (error) {
          if (tx.isOpen()) await cleanedUp(tx.rollback());
          throw error;
        }
      });
    } catch (error) {
      throw stopped(signal) ?? (await advised(statementError(error)));
    }
  }

  /**
   * One statement that opens transactions of its own, or a schema statement. Errors as of `transaction`. Its rows are dropped, unless
   * they are wanted.
   */
  async autoCommit(query: string, signal?: AbortSignal, options: Options = {}): Promise<Row[]> {
    try {
      return await this.#within({ mode: 'WRITE', patience: CLEANUP }, signal, async (session) => {
        const result = session.run(query, {}, this.#settings(options));
        const rows = async () => (await result).records.map((record) => record.toObject() as Row);
        const running = options.rows ? rows() : result.summary().then(() => []);
        return this.#sent(running, { kind: 'alone' }, options);
      });
    } catch (error) {
      throw stopped(signal) ?? (await advised(statementError(error)));
    }
  }

  /** Closes every connection; the next question opens one again. */
  async close(): Promise<void> {
    const driver = this.#driver;
    this.#driver = undefined;
    if (driver !== undefined) await cleanedUp(driver.close());
  }

  #workOf(tx: Transaction, options: Options): Work {
    return {
      rows: async (query, parameters = {}) => {
        const { records } = await this.#sent(tx.run(query, parameters), { kind: 'ours' }, options);
        return records.map((record) => record.toObject() as Row);
      },
      execute: async (query) => {
        const { counters } = await this.#sent(tx.run(query).summary(), { kind: 'of-file' }, options);
        return { ...counters.updates() };
      },
    };
  }

  #settings({ metadata, timeout }: Options) {
    return { metadata: { ...this.#metadata, ...metadata }, ...(timeout !== undefined && { timeout }) };
  }

  /** Remembers a statement of a migration for as long as it runs. */
  async #sent<T>(running: PromiseLike<T>, statement: Statement, { metadata }: Options): Promise<T> {
    if (metadata?.token === undefined) return running;
    this.#unanswered.push(statement);
    try {
      return await running;
    } finally {
      this.#unanswered.splice(this.#unanswered.indexOf(statement), 1);
    }
  }

  /**
   * A session for one piece of work; an abort closes it, which makes the server give up what it runs. `patience`: milliseconds that
   * this may take.
   */
  async #within<T>(
    { mode, patience }: { readonly mode: Mode; readonly patience: number },
    signal: AbortSignal | undefined,
    work: InSession<T>,
  ): Promise<T> {
    signal?.throwIfAborted();
    await this.#ending;
    this.#driver ??= openDriver(this.#config, this.userAgent);
    const session = this.#driver.session({
      defaultAccessMode: mode,
      bookmarkManager: this.#bookmarks,
      ...(this.#config.database !== undefined && { database: this.#config.database }),
    });
    const abandon = () => void session.close().catch(() => {});
    signal?.addEventListener('abort', abandon, { once: true });
    try {
      const meanwhile = (ending: Promise<unknown>) => {
        this.#ending = cleanedUp(ending);
      };
      return await abortable(work(session, meanwhile), signal, patience);
    } finally {
      signal?.removeEventListener('abort', abandon);
      const closed = cleanedUp((this.#ending ?? Promise.resolve()).then(() => session.close()));
      if (patience > 0) await closed;
    }
  }
}

/** Work in one session; `meanwhile` takes what ends it and need not be waited for. */
type InSession<T> = (session: Session, meanwhile: (ending: Promise<unknown>) => void) => Promise<T>;

export interface Options {
  /** What SHOW TRANSACTIONS tells besides; the statements of transactions with a `token` are watched (`underWay`). */
  readonly metadata?: Record<string, unknown>;
  /** Milliseconds that the transaction may take; 0: no limit, undefined: the server's own (db.transaction.timeout). */
  readonly timeout?: number | undefined;
  /** Rows of an `autoCommit` are wanted. */
  readonly rows?: boolean;
  /** Nothing of it is to stay. */
  readonly rollBack?: boolean;
}

/** TLS handshakes in a row that a server may cut before it counts as one without TLS. */
const HANDSHAKES = 3;

/** Why somebody ended the work; a deadline of ours is an error of the connection instead. */
function stopped(signal: AbortSignal | undefined): MigrateError | undefined {
  return signal?.reason instanceof MigrateError ? signal.reason : undefined;
}
