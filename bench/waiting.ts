import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import neo4j from 'neo4j-driver';
import pg from 'pg';
import { emptyNeo4j, type FreshDatabase } from '../test/servers/databases.ts';
import type { LocalNeo4j } from '../test/servers/local-neo4j.ts';
import { type Command, type Measure, measure } from './measure.ts';

/** What 200 init containers do to a pair of servers, and to the run that they wait for. */
export interface Waited {
  /** `migrate`, alone and beside those that wait. */
  readonly alone: Measure;
  readonly beside: Measure;
  /** Connections of the waiting processes, at the highest. */
  readonly postgres: number;
  readonly neo4j: number;
  /** Milliseconds from the end of `migrate` to the end of each that waited. */
  readonly noticed: readonly number[];
}

/** Milliseconds between two looks at the servers. */
const LOOK = 20;

/** Starts `count` waiting processes, and `migrate` when every one of them has reported that it waits. */
export async function waited(
  count: number,
  wait: Command,
  migrate: () => Promise<Command>,
  { database, server }: { readonly database: FreshDatabase; readonly server: { readonly url: string } },
  graph: LocalNeo4j,
): Promise<Waited> {
  const alone = await measure(await migrate());
  await forget(database, graph);
  const processes = Array.from({ length: count }, () => started(wait));
  await Promise.all(processes.map(({ waiting }) => waiting));
  const observer = await Connections.open(server.url, database, graph);
  const looking = observer.look();
  // For as long as pauses grow.
  await sleep(10_000);
  const beside = await measure(await migrate());
  const end = performance.now();
  const ends = await Promise.all(processes.map(({ ended }) => ended));
  observer.stop();
  await looking;
  await observer.close();
  const { postgres, neo4j } = observer;
  return { alone, beside, postgres, neo4j, noticed: ends.map((at) => at - end) };
}

async function forget(database: FreshDatabase, graph: LocalNeo4j): Promise<void> {
  await database.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
  await (await emptyNeo4j(graph)).close();
}

interface Started {
  readonly process: ChildProcess;
  readonly waiting: Promise<void>;
  /** When it ended. */
  readonly ended: Promise<number>;
}

function started({ argv: [program = '', ...words], env }: Command): Started {
  const child = spawn(program, words, { env: { PATH: process.env.PATH, ...env }, stdio: ['ignore', 'ignore', 'pipe'] });
  const { promise: waiting, resolve } = Promise.withResolvers<void>();
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (line.includes('"event":"waiting"')) resolve();
  });
  const ended = once(child, 'exit').then(([code]) => {
    if (code !== 0) throw new Error(`a waiting process ended with ${code}`);
    return performance.now();
  });
  return { process: child, waiting, ended };
}

/** The most connections of the program that the servers have listed. */
class Connections {
  postgres = 0;
  neo4j = 0;
  #stopped = false;
  readonly #client: pg.Client;
  readonly #driver: ReturnType<typeof neo4j.driver>;
  readonly #database: string;

  private constructor(client: pg.Client, driver: ReturnType<typeof neo4j.driver>, database: string) {
    this.#client = client;
    this.#driver = driver;
    this.#database = database;
  }

  static async open(url: string, { database }: FreshDatabase, graph: LocalNeo4j): Promise<Connections> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    return new Connections(client, neo4j.driver(graph.uri, neo4j.auth.basic(graph.user, graph.password)), database);
  }

  async look(): Promise<void> {
    while (!this.#stopped) {
      const { rows } = await this.#client.query(
        "SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend'",
        [this.#database],
      );
      const { records } = await this.#driver.executeQuery(
        "CALL dbms.listConnections() YIELD userAgent WHERE userAgent STARTS WITH 'localrag-migrate' RETURN count(*) AS n",
      );
      this.postgres = Math.max(this.postgres, rows[0].n);
      this.neo4j = Math.max(this.neo4j, Number(records[0]?.get('n')));
      await sleep(LOOK);
    }
  }

  stop(): void {
    this.#stopped = true;
  }

  async close(): Promise<void> {
    await Promise.all([this.#client.end(), this.#driver.close()]);
  }
}
