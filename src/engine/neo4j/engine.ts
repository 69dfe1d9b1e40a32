import { randomUUID } from 'node:crypto';
import type { Claims } from '../../catalog/claims.ts';
import type { Catalog, Connections } from '../../catalog/model.ts';
import type { Neo4jConfig } from '../../config.ts';
import type { History } from '../../core/history.ts';
import type { Migration } from '../../core/migration.ts';
import { ConnectionLost, MigrateError } from '../../errors.ts';
import type {
  Asked,
  Change,
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
import { Application } from './apply.ts';
import { bootstrap } from './bootstrap.ts';
import { healthChecks, readCounts } from './catalog.ts';
import { readConnections, readObjects } from './catalog-objects.ts';
import { Connection } from './connection.ts';
import { Heartbeat } from './heartbeat.ts';
import { HistoryNodes } from './history.ts';
import { readHistory } from './history-nodes.ts';
import { Lease } from './lease.ts';
import { leaseFree } from './lease-waiting.ts';
import { Observer } from './observer.ts';
import { readPosition } from './position.ts';

export interface Neo4jOptions extends EngineOptions {
  readonly config: Neo4jConfig;
}

export class Neo4jEngine implements Engine {
  readonly database = 'neo4j';
  readonly #options: Neo4jOptions;
  readonly #connection: Connection;
  /** Tells this process from others in the lease; a run that reconnects takes its own lease over. */
  readonly #holder = randomUUID();
  /** What the last look at the history has found. */
  #anchored: boolean | undefined;
  #emptied = false;
  #holding = false;

  constructor(options: Neo4jOptions) {
    this.#options = options;
    const { host, pid, toolVersion } = options.identity;
    this.#connection = new Connection(options.config, {
      holder: this.#holder,
      host,
      pid,
      version: toolVersion,
    });
  }

  async ping(signal: AbortSignal): Promise<ServerInfo> {
    await this.#history(signal);
    return { database: 'neo4j', version: this.#version() };
  }

  async history(signal: AbortSignal): Promise<History> {
    return this.#history(signal, await this.#options.claims?.());
  }

  /** Under the lock without what it claims: that was found out before. */
  async #history(signal: AbortSignal, claims?: Claims): Promise<History> {
    const { anchored, emptied, indexes, ...history } = await readHistory(
      this.#connection,
      signal,
      claims !== undefined,
    );
    this.#assertSupported();
    this.#anchored = anchored;
    if (emptied && !this.#emptied)
      this.#options.emit({
        event: 'warning',
        message: 'the graph had a migration history and is empty now: every migration counts as pending',
        hint: 'normal where the graph was emptied on purpose',
      });
    this.#emptied = emptied;
    return claims && indexes ? { ...history, missing: claims.missing(history, indexes) } : history;
  }

  async health(signal: AbortSignal): Promise<readonly Check[]> {
    await this.#history(signal);
    return healthChecks(this.#connection, this.#options.config.user, signal);
  }

  counts(signal: AbortSignal): Promise<Counts> {
    return readCounts(this.#connection, signal);
  }

  async catalog(signal: AbortSignal): Promise<Catalog> {
    return { database: 'neo4j', objects: await readObjects(this.#connection, signal), dimensions: [] };
  }

  connections(signal: AbortSignal): Promise<Connections> {
    return readConnections(this.#connection, signal);
  }

  async survey(asked: readonly Asked[], signal: AbortSignal): Promise<Survey> {
    const { survey } = await import('./survey.ts');
    return survey(this.#connection, asked, signal);
  }

  /** Whoever wants the lock has had an answer before: not to reach the server any more is to have lost it. */
  async locked<T>(signal: AbortSignal, work: (db: LockedEngine) => Promise<T>, options: LockOptions = {}): Promise<T> {
    try {
      return await this.#locked(signal, work, options);
    } catch (error) {
      if (!(error instanceof MigrateError) || error.kind !== 'unreachable') throw error;
      throw new ConnectionLost(error.message, error);
    }
  }

  async #locked<T>(
    signal: AbortSignal,
    work: (db: LockedEngine) => Promise<T>,
    { waiting, guard }: LockOptions,
  ): Promise<T> {
    const { budgets, config, emit, identity } = this.#options;
    if (this.#anchored === undefined) await this.#history(signal);
    await bootstrap(this.#connection, this.#anchored === true, budgets.lockTimeout, signal);
    const nodes = new HistoryNodes(identity, config.user, () => this.#version());
    const lease = new Lease(this.#connection, identity, this.#holder, emit, guard);
    await lease.acquire(budgets.lockTimeout, signal, waiting);
    this.#holding = true;
    const heartbeat = new Heartbeat(this.#connection, lease.metadata.token);
    const observer = new Observer(this.#connection, lease.metadata.token, emit);
    const tools = { connection: this.#connection, nodes, lease, observer, budgets, emit };
    // Nobody else writes it under the lease; whoever does all the same meets the unique version, and the fence. Unknown again
    // once something of ours has failed half-way.
    let known: History | undefined;
    const history = async (signal: AbortSignal) => {
      known = await this.#history(signal);
      return known;
    };
    try {
      return await work({
        database: 'neo4j',
        lost: AbortSignal.any([lease.lost, heartbeat.lost]),
        history,
        position: (signal) => readPosition(this.#connection, signal),
        stamp: (point) => {
          nodes.restorePoint = point;
        },
        apply: async (migration: Migration, from: number, signal: AbortSignal) => {
          const { entries } = known ?? (await history(signal));
          const started = entries.some(({ version, state }) => version === migration.version && state === 'started');
          const before = known;
          known = undefined;
          await new Application(tools, migration, signal).run(from, started);
          known = before;
        },
        reapply: async (migration: Migration, signal: AbortSignal) => {
          known = undefined;
          await new Application(tools, migration, signal).again();
        },
        amend: (changes: readonly Change[], signal: AbortSignal) => {
          known = undefined;
          return this.#connection.transaction(
            async (tx) => {
              for (const change of changes) await nodes.amend(tx, change);
              await nodes.recount(tx);
              await lease.fence(tx);
            },
            signal,
            { metadata: lease.metadata },
          );
        },
      });
    } finally {
      heartbeat.stop();
      await lease.release();
      this.#holding = false;
    }
  }

  /** The lease is looked at and not taken: to take it writes a node (docs/adr/0008). */
  async rehearsing<T>(
    signal: AbortSignal,
    work: (db: RehearsingEngine) => Promise<T>,
    { guard }: LockOptions = {},
  ): Promise<T> {
    const { budgets, emit } = this.#options;
    await leaseFree(this.#connection, budgets.lockTimeout, emit, signal, guard);
    return work({
      database: 'neo4j',
      lost: new AbortController().signal,
      history: (signal) => this.#history(signal),
      rehearse: async (pending, signal) => {
        const { RehearsalRun } = await import('./rehearsal.ts');
        return new RehearsalRun(this.#connection, budgets, signal).run(pending);
      },
    });
  }

  async rest(): Promise<void> {
    if (!this.#holding) await this.#connection.close();
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  #version(): string {
    return this.#connection.agent.replace(/^Neo4j\//, '');
  }

  /** Servers that only look like Neo4j say so in the agent; their transactions and locks were never tested. */
  #assertSupported(): void {
    const { agent } = this.#connection;
    const major = /^Neo4j\/(\d+)\.\d+/.exec(agent)?.[1];
    if (major === undefined)
      throw new MigrateError(
        'config',
        `the server at ${this.#options.config.uri} is not a Neo4j that is known to work: it calls itself ${agent || '(nothing)'}`,
        {
          hint: 'use Neo4j 5 or newer',
        },
      );
    if (Number(major) < 5)
      throw new MigrateError('config', `Neo4j ${this.#version()} is not supported: 5 is the lowest version`, {
        hint: 'upgrade the server',
      });
  }
}
