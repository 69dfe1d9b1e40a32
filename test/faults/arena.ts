import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '../../src/core/migration.ts';
import { type EmptyNeo4j, emptyNeo4j, type FreshDatabase, freshDatabase } from '../servers/databases.ts';
import type { Neo4jServer } from '../servers/neo4j.ts';
import type { PostgresServer } from '../servers/postgres.ts';
import { type FileSet, SETS, type SetName } from './files.ts';
import { boltFrames, postgresFrames } from './frames.ts';
import { FaultyProxy } from './proxy.ts';
import { type Ended, type Run, startRun } from './runs.ts';

/** What the points of one worker are played on. Two workers may share a PostgreSQL, but not a Neo4j. */
export interface Servers {
  readonly postgres: Pick<PostgresServer, 'url' | 'host' | 'port'> & Partial<Restartable>;
  readonly neo4j: Pick<Neo4jServer, 'uri' | 'user' | 'password'> & Partial<Restartable>;
}

/** What a server of our own can do besides: crash, and come back with its data. */
export interface Restartable {
  stop(mode: 'immediate'): Promise<void>;
  start(): Promise<void>;
}

/** A proxy in front of each database, for one run. */
export type Proxies = Readonly<Record<Database, FaultyProxy>>;

/** Empty databases, and the program with its migrations. */
export class Arena {
  readonly set: FileSet;
  readonly servers: Servers;
  readonly postgres: FreshDatabase;
  readonly neo4j: EmptyNeo4j;
  readonly #program: string;
  readonly #directory: string;
  readonly #bystanders: Promise<Ended>[] = [];

  private constructor(
    set: FileSet,
    servers: Servers,
    databases: readonly [FreshDatabase, EmptyNeo4j],
    program: string,
    directory: string,
  ) {
    this.set = set;
    this.servers = servers;
    [this.postgres, this.neo4j] = databases;
    this.#program = program;
    this.#directory = directory;
  }

  /** `program`: path of its bin.js. */
  static async open(name: SetName, servers: Servers, program: string): Promise<Arena> {
    const set: FileSet = SETS[name];
    const directory = await mkdtemp(join(tmpdir(), 'faults-'));
    for (const [file, text] of Object.entries(set.files)) await writeFile(join(directory, file), text);
    const databases = await Promise.all([
      freshDatabase({ extensions: [], server: servers.postgres }),
      emptyNeo4j(servers.neo4j),
    ]);
    return new Arena(set, servers, databases, program, directory);
  }

  async proxies(): Promise<Proxies> {
    const bolt = new URL(this.neo4j.uri);
    return {
      postgres: await FaultyProxy.open(postgresFrames, this.postgres),
      neo4j: await FaultyProxy.open(boltFrames, { host: bolt.hostname, port: Number(bolt.port || 7687) }),
    };
  }

  /** Starts `migrate`, through the proxies or, without them, directly. */
  start(proxies?: Proxies, settings: Readonly<Record<string, string>> = {}, scope = this.set.scope): Run {
    const { host, port, database, user, password } = this.postgres;
    const env = {
      POSTGRES_HOST: proxies === undefined ? host : '127.0.0.1',
      POSTGRES_PORT: String(proxies?.postgres.port ?? port),
      POSTGRES_DB: database,
      POSTGRES_USER: user,
      POSTGRES_PASSWORD: password,
      // The proxies read what passes.
      POSTGRES_SSLMODE: 'disable',
      NEO4J_URI: proxies === undefined ? this.neo4j.uri : `bolt://127.0.0.1:${proxies.neo4j.port}`,
      NEO4J_USER: this.neo4j.user,
      NEO4J_PASSWORD: this.neo4j.password,
      MIGRATIONS_DIR: this.#directory,
      LOG_FORMAT: 'json',
      LOG_LEVEL: 'debug',
      WAIT_TIMEOUT: '30s',
      ...settings,
    };
    return startRun({
      program: this.#program,
      args: [...(scope.length === 1 ? scope : []), 'migrate'],
      env,
      directory: this.#directory,
      secrets: [password, this.neo4j.password],
      limit: STUCK,
    });
  }

  /** Another run that wants to do the same; `bystanders` has its end. */
  async bystander(settings: Readonly<Record<string, string>> = { LOCK_TIMEOUT: '3s' }): Promise<void> {
    const ended = this.start(undefined, settings).ended;
    this.#bystanders.push(ended);
    await ended;
  }

  get bystanders(): Promise<readonly Ended[]> {
    return Promise.all(this.#bystanders);
  }

  async close(): Promise<void> {
    await Promise.all([
      this.postgres.drop(),
      this.neo4j.close(),
      rm(this.#directory, { recursive: true, force: true }),
    ]);
  }
}

/** Milliseconds after which a run counts as stuck: more than all of its tries with their budgets take. */
const STUCK = 300_000;
