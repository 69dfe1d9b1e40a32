import pg from 'pg';
import { systemClock } from '../../clock.ts';
import type { PostgresConfig } from '../../config.ts';
import { CLEANUP, cleanedUp } from '../../deadline.ts';
import { type ConnectionLost, MigrateError } from '../../errors.ts';
import { connectionOf, destroy } from './driver.ts';
import { advised, connectError, firstCause, isTlsFailure, type PostgresError, statementError } from './errors.ts';
import { isLarge, sendInPieces } from './large.ts';
import { Login } from './login.ts';
import type { Message, Receive } from './message.ts';
import { filterRows } from './row-filter.ts';

export const APPLICATION = 'localrag-migrate';

/** Milliseconds in which a server answers a question about itself or our own rows. */
const ANSWER = 20_000;

/** Milliseconds from one cancellation to the next. */
const CANCEL_AGAIN = 100;

/** SQLSTATE no_active_sql_transaction. */
const NO_TRANSACTION = '25P01';

export type Row = Record<string, unknown>;

/** One direct connection. What the server works at is cancelled when the signal of whoever waits for it is aborted. */
export class Session {
  /** Process id that the server gave in BackendKeyData; a pooler gives one of its own. */
  readonly pid: number;
  readonly encrypted: boolean;
  /** Whether the server counts bytes where others count characters: it does not know what its texts are written in. */
  readonly countsBytes: boolean;
  /** Process id of the backend that really answers; differs from `pid` behind a pooler. */
  backendPid: number;
  /** Called when an answer begins to be waited for; what it returns, when it is there. */
  onStatement: () => () => void = () => () => {};

  readonly #client: pg.Client;
  readonly #config: PostgresConfig;
  readonly #lost = new AbortController();
  /** Settles when the statement under way has ended. */
  #last: Promise<unknown> = Promise.resolve();
  /** Messages that are not answered, in the order of sending: the server is at the first one. */
  readonly #wire: Message[] = [];
  #answers = 0;
  /** Of the message that is about to be sent, where it is a large one. */
  #parts: readonly string[] | undefined;

  private constructor(client: pg.Client, config: PostgresConfig, encrypted: boolean, countsBytes: boolean) {
    this.#client = client;
    this.#config = config;
    this.encrypted = encrypted;
    this.countsBytes = countsBytes;
    // Not in the types of pg: https://node-postgres.com has it as client.processID.
    this.pid = (client as unknown as { processID: number }).processID;
    this.backendPid = this.pid;
    // Fatal errors reach an idle connection as events; without a listener they would end the process.
    client.on('error', (error: PostgresError) => this.#lose(error));
    client.on('end', () => this.#lose(new Error('the server closed the connection')));
    client.on('notice', (notice) => {
      // Our ROLLBACK after an error that has ended the transaction already.
      if (notice.code === NO_TRANSACTION) return;
      this.#wire[0]?.onNotice?.({
        severity: notice.severity ?? 'NOTICE',
        code: notice.code ?? '',
        message: notice.message ?? '',
      });
    });
    const connection = connectionOf(client);
    connection.on('commandComplete', () => {
      const [current] = this.#wire;
      if (current !== undefined) current.completed++;
    });
    connection.on('readyForQuery', () => {
      this.#wire.shift();
      this.#answers++;
    });
    filterRows(connection.stream, () => this.#wire[0]?.dropRows === true);
    const query = connection.query.bind(connection);
    connection.query = (text) => {
      if (this.#parts === undefined) query(text);
      else void sendInPieces(connection.stream, this.#parts);
    };
  }

  /** Tries TLS and plaintext in the order that sslmode means. Throws MigrateErrors of kind unreachable, denied or config. */
  static async open(config: PostgresConfig, signal: AbortSignal): Promise<Session> {
    let failure: MigrateError | undefined;
    for (const [index, ssl] of config.tls.entries()) {
      signal.throwIfAborted();
      const login = new Login(config, ssl !== false);
      const client = new pg.Client({
        host: config.host,
        port: config.port,
        database: config.database,
        user: config.user,
        ...login.options,
        ssl: ssl === false ? false : { ...ssl },
        application_name: APPLICATION,
        connectionTimeoutMillis: config.connectTimeout,
        keepAlive: true,
        keepAliveInitialDelayMillis: 10_000,
        // Only what `send` sends goes ahead of answers.
        pipeline: true,
      });
      login.watch(client);
      // end() would wait for a server that says nothing.
      const abandon = () => destroy(client);
      signal.addEventListener('abort', abandon, { once: true });
      // An attempt that failed may still emit; its promise has told all that matters.
      client.on('error', () => {});
      let encoding = '';
      connectionOf(client).on('parameterStatus', ({ parameterName, parameterValue }) => {
        if (parameterName === 'server_encoding') encoding = parameterValue;
      });
      try {
        await client.connect();
        signal.throwIfAborted();
        return new Session(client, config, ssl !== false, encoding === 'SQL_ASCII');
      } catch (error) {
        void client.end().catch(() => {});
        if (signal.reason instanceof MigrateError) throw signal.reason;
        const cause: PostgresError = signal.aborted
          ? new Error('no answer in time')
          : firstCause(error as PostgresError);
        failure = await connectError(cause, config);
        const other = ssl === false ? cause.code === '28000' : isTlsFailure(cause) || cause.code === '28000';
        if (!other || signal.aborted || index === config.tls.length - 1) break;
      } finally {
        signal.removeEventListener('abort', abandon);
      }
    }
    throw failure;
  }

  /** Aborted, with a ConnectionLost as its reason, once the connection is gone. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** True while a message is under way: a heartbeat would only queue behind it. */
  get running(): boolean {
    return this.#wire.length > 0;
  }

  /** How many messages the server has answered so far: tells one from the next. */
  get answers(): number {
    return this.#answers;
  }

  /** Sends a message, whole or in the parts that make it, behind those that are under way; `answered` waits for its result. */
  send(message: string | readonly string[], receive: Receive = {}): Message {
    const sent = { ...receive, answer: this.#query([message].flat()), completed: 0 };
    // `answered` throws it.
    sent.answer.catch(() => {});
    if (!this.lost.aborted) this.#wire.push(sent);
    return sent;
  }

  async #query(parts: readonly string[]): Promise<pg.QueryResult | pg.QueryResult[]> {
    if (this.lost.aborted) throw this.lost.reason as ConnectionLost;
    this.#parts = isLarge(parts) ? parts : undefined;
    return this.#client.query(this.#parts === undefined ? parts.join('') : 'sent in pieces');
  }

  #lose(error: PostgresError): void {
    this.#lost.abort(statementError(error));
    this.#wire.length = 0;
  }

  /**
   * Waits for the answer to a message, the oldest that nobody has waited for; returns the rows of its last statement that has any.
   * Throws the signal's reason when it was aborted and the server gave up the statement; otherwise MigrateErrors, ConnectionLost
   * where nobody knows.
   */
  answered(message: Message, signal?: AbortSignal): Promise<Row[]> {
    const result = this.#answered(message, signal);
    this.#last = result.catch(() => {});
    return result;
  }

  /** Sends a message when everything before it has been answered, and waits for its answer. Rows and errors as of `answered`. */
  run(text: string, signal?: AbortSignal): Promise<Row[]> {
    // One after the other, also where a heartbeat comes between: cancelling is about one statement.
    const result = this.#last.then(() => {
      signal?.throwIfAborted();
      return this.#answered(this.send(text), signal);
    });
    this.#last = result.catch(() => {});
    return result;
  }

  /** As `run`, for what the server answers at once: no answer in time means that the connection is dead. */
  async ask(text: string, signal?: AbortSignal): Promise<Row[]> {
    await this.#last;
    const late = setTimeout(() => this.destroy(), ANSWER);
    return this.run(text, signal).finally(() => clearTimeout(late));
  }

  async #answered(message: Message, signal: AbortSignal | undefined): Promise<Row[]> {
    const over = new AbortController();
    let cancelling: Promise<void> | undefined;
    const cancel = () => {
      cancelling = this.#cancel(over.signal);
    };
    if (signal?.aborted && this.#wire.includes(message)) cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    const ended = this.onStatement();
    try {
      const results = [await message.answer].flat();
      return (results.findLast((result) => result.rows.length > 0)?.rows ?? []) as Row[];
    } catch (error) {
      signal?.throwIfAborted();
      throw await advised(statementError(error as PostgresError));
    } finally {
      ended();
      signal?.removeEventListener('abort', cancel);
      // A cancellation still under way would hit the statement after this one.
      if (cancelling !== undefined) {
        over.abort();
        await cancelling;
      }
    }
  }

  /** Ends whatever is under way. Never throws. */
  async close(): Promise<void> {
    // pg would wait for the answers.
    if (!this.running) await cleanedUp(this.#client.end(), CLEANUP / 2);
    this.destroy();
  }

  /** Drops the connection without a word, where the other side may not answer any more. */
  destroy(): void {
    destroy(this.#client);
  }

  /**
   * Asks the server, over a connection of its own, to give up what this one runs, until that is `over`: a cancellation that is
   * quicker than its statement finds nothing to cancel. Drops the connection where that cannot be asked.
   */
  async #cancel(over: AbortSignal): Promise<void> {
    const late = setTimeout(() => this.destroy(), CLEANUP);
    over.addEventListener('abort', () => clearTimeout(late), { once: true });
    try {
      const other = await Session.open({ ...this.#config, connectTimeout: 3_000 }, AbortSignal.timeout(CLEANUP));
      while (!over.aborted) {
        await other.ask(`SELECT pg_catalog.pg_cancel_backend(${this.backendPid})`);
        await systemClock.sleep(CANCEL_AGAIN, over).catch(() => {});
      }
      await other.close();
    } catch {
      this.destroy();
    }
  }
}
