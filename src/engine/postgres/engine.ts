import type { Catalog, Connections, Dimensions } from '../../catalog/model.ts';
import { type PostgresConfig, plaintextWarning } from '../../config.ts';
import type { History } from '../../core/history.ts';
import { cleanedUp } from '../../deadline.ts';
import { MigrateError } from '../../errors.ts';
import { retrying } from '../../retry.ts';
import type {
  Asked,
  Check,
  Counts,
  Engine,
  EngineOptions,
  LockedEngine,
  LockOptions,
  RehearsingEngine,
  ServerInfo,
  Survey,
} from '../engine.ts';
import type { Tools } from './apply.ts';
import { HEALTH, healthChecks, READ_COUNTS } from './catalog.ts';
import { READ_DIMENSIONS, READ_OBJECTS, toObjects, withoutDimension } from './catalog-objects.ts';
import { Heartbeat } from './heartbeat.ts';
import { HistoryTable } from './history.ts';
import { AdvisoryLock } from './lock.ts';
import { acquired, type Candidate } from './lock-waiting.ts';
import { LockedPostgres } from './locked.ts';
import { Observer } from './observer.ts';
import { assertDirect } from './pooler.ts';
import { Session } from './session.ts';
import { applySettings, shield } from './session-state.ts';
import { readState, type State } from './state.ts';

export interface PostgresOptions extends EngineOptions {
  readonly config: PostgresConfig;
}

export class PostgresEngine implements Engine {
  readonly database = 'postgres';
  readonly #options: PostgresOptions;
  #session: Promise<Session> | undefined;
  #holding = false;
  /** The connection is not encrypted, and that was reported. */
  #warned = false;

  constructor(options: PostgresOptions) {
    this.#options = options;
  }

  async ping(signal: AbortSignal): Promise<ServerInfo> {
    const state = await this.#state(signal);
    return { database: 'postgres', version: state.version };
  }

  async history(signal: AbortSignal): Promise<History> {
    const session = await this.#connected(signal);
    const claims = await this.#options.claims?.();
    const { entries, found } = await readState(session, signal, { names: claims?.names('postgres') });
    const history: History = { database: 'postgres', entries };
    return claims === undefined ? history : { ...history, missing: claims.missing(history, found) };
  }

  async health(signal: AbortSignal): Promise<readonly Check[]> {
    const state = await this.#state(signal);
    const [row] = await (await this.#connected(signal)).ask(HEALTH(state.schema), signal);
    return healthChecks(state, row ?? {});
  }

  async counts(signal: AbortSignal): Promise<Counts> {
    const { schema } = await this.#state(signal);
    const [row] = await (await this.#connected(signal)).ask(READ_COUNTS(schema), signal);
    return { tables: Number(row?.tables), indexes: Number(row?.indexes) };
  }

  async catalog(signal: AbortSignal): Promise<Catalog> {
    const { schema } = await this.#state(signal);
    const session = await this.#connected(signal);
    const [row] = await session.ask(READ_OBJECTS(schema), signal);
    const objects = toObjects(row);
    const dimensions: Dimensions[] = [];
    for (const column of withoutDimension(objects)) {
      const found = await session.ask(READ_DIMENSIONS(schema, column), signal).catch(async (error) => {
        await session.ask('ROLLBACK', signal);
        // 42501: to compare the schema nobody needs to read the table.
        if (error instanceof MigrateError && error.server?.code === '42501') return undefined;
        throw error;
      });
      dimensions.push({ ...column, found: found && ((found[0]?.found as number[] | null) ?? []) });
    }
    return { database: 'postgres', objects, dimensions };
  }

  async connections(): Promise<Connections> {
    return { labels: [], links: [] };
  }

  async survey(asked: readonly Asked[], signal: AbortSignal): Promise<Survey> {
    const { survey } = await import('./survey.ts');
    return survey(await this.#connected(signal), asked, signal);
  }

  locked<T>(signal: AbortSignal, work: (db: LockedEngine) => Promise<T>, { waiting }: LockOptions = {}): Promise<T> {
    const ours = async (tools: Tools) => {
      const db = new LockedPostgres(tools);
      return work(db).finally(() => db.giveUp());
    };
    return this.#locked(signal, ours, waiting);
  }

  /** The advisory lock leaves nothing behind, so a rehearsal takes it like everybody else. */
  rehearsing<T>(signal: AbortSignal, work: (db: RehearsingEngine) => Promise<T>): Promise<T> {
    return this.#locked(signal, (tools) =>
      work({
        database: 'postgres',
        guard: tools.lock.guard,
        lost: tools.session.lost,
        history: (signal) => this.history(signal),
        rehearse: async (pending, signal) => {
          const { RehearsalRun } = await import('./rehearsal.ts');
          return new RehearsalRun(tools, signal).run(pending);
        },
      }),
    );
  }

  async #locked<T>(signal: AbortSignal, work: (tools: Tools) => Promise<T>, waiting?: () => Promise<void>): Promise<T> {
    const { budgets, config, emit } = this.#options;
    const connecting = {
      connect: () => this.#candidate(signal),
      disconnect: async () => {
        await waiting?.();
        await this.rest();
      },
    };
    const { session, state, table, lock } = await acquired(connecting, budgets.lockTimeout, emit, signal);
    this.#holding = true;
    const observe = () => Session.open({ ...config, connectTimeout: 3_000 }, signal);
    const observer = new Observer(session, observe, emit, signal);
    const heartbeat = new Heartbeat(session, lock, observer);
    try {
      const settings = await applySettings(session, state.versionNumber, signal);
      return await work({
        session,
        table,
        lock,
        budgets,
        settings,
        shield: shield(state.versionNumber),
        observer,
        emit,
      });
    } finally {
      heartbeat.stop();
      observer.rest();
      // Not under `signal`: what is cancelled must be given back all the same. The end of a session gives it back too.
      let released = false;
      await cleanedUp(lock.release().then(() => (released = true)));
      this.#holding = false;
      if (released) emit({ event: 'unlocked', database: 'postgres' });
      else this.#drop();
    }
  }

  /** A session on which the lock may be taken. */
  async #candidate(signal: AbortSignal): Promise<Candidate> {
    const state = await this.#primary(signal);
    const session = await this.#connected(signal);
    if (state.schema === undefined)
      throw new MigrateError('config', 'no schema of search_path exists, so there is no place for the history', {
        hint: 'CREATE SCHEMA … AUTHORIZATION this user, or ALTER ROLE … SET search_path to a schema that exists',
      });
    await assertDirect(session, this.#options.config, signal);
    const table = new HistoryTable(state.schema, this.#options.identity);
    return { session, state, table, lock: new AdvisoryLock(session, state.database, table.name) };
  }

  async rest(): Promise<void> {
    if (!this.#holding) await this.close();
  }

  async close(): Promise<void> {
    const opening = this.#session;
    this.#session = undefined;
    const session = await opening?.catch(() => undefined);
    await session?.close();
  }

  async #state(signal: AbortSignal): Promise<State> {
    return readState(await this.#connected(signal), signal);
  }

  /** A standby may be promoted any moment: after a failover the address points at one for a while. */
  #primary(signal: AbortSignal): Promise<State> {
    const { budgets, config, emit } = this.#options;
    return retrying(
      { budget: budgets.waitTimeout, first: 500, most: 3_000 },
      signal,
      async () => {
        const state = await this.#state(signal);
        if (!state.standby) return state;
        // The next try asks whoever answers at the address by then.
        await this.close();
        throw new MigrateError('unreachable', `PostgreSQL at ${config.host}:${config.port} is a read-only standby`, {
          hint: 'point POSTGRES_HOST at the primary, or wait until this server has been promoted',
        });
      },
      (error) => error instanceof MigrateError && error.kind === 'unreachable',
      ({ message }) => emit({ event: 'not-ready', database: 'postgres', message }),
    );
  }

  async #connected(signal: AbortSignal): Promise<Session> {
    this.#session ??= this.#opened(signal);
    const session = await this.#session;
    if (!session.lost.aborted) return session;
    this.#drop();
    return this.#connected(signal);
  }

  /** Remembered while it is under way: two questions at once share one session. */
  #opened(signal: AbortSignal): Promise<Session> {
    const { config, emit } = this.#options;
    const opening = Session.open(config, signal);
    opening.then(
      (session) => {
        const warning = session.encrypted ? undefined : plaintextWarning(config);
        if (warning !== undefined && !this.#warned) emit({ event: 'warning', message: warning });
        this.#warned = true;
      },
      () => {
        if (this.#session === opening) this.#session = undefined;
      },
    );
    return opening;
  }

  #drop(): void {
    void this.#session?.then(
      (session) => session.destroy(),
      () => {},
    );
    this.#session = undefined;
  }
}
