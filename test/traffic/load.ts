import { setImmediate as turn } from 'node:timers/promises';
import neo4j from 'neo4j-driver';
import { onTestFinished } from 'vitest';
import type { Pair } from '../journeys/pair.ts';
import { session } from './held.ts';

/** One thing that the application did. */
interface Operation {
  readonly kind: 'insert' | 'search' | 'merge';
  /** From being asked for until it was answered; milliseconds. */
  readonly took: number;
}

/** As LocalRAG does it: one statement, one transaction, and 768 dimensions. */
const EMBEDDING = '(SELECT array_agg(random())::vector(768) FROM generate_series(1, 768) AS d WHERE d + i > 0)';

const INSERT = `WITH document AS (
  INSERT INTO documents (file_path, file_name, file_size) VALUES ($1, $1, 1) RETURNING id
)
INSERT INTO chunks (document_id, content, start_index, end_index, word_count, chunk_index, embedding)
SELECT document.id, 'text', 0, 4, 1, i, ${EMBEDDING} FROM document, generate_series(1, 2) AS i`;

/** Its tables in the order of everybody else: this is about lines, not about deadlocks. */
const SEARCH = `SELECT d.file_name, c.content FROM documents d JOIN chunks c ON c.document_id = d.id
ORDER BY c.embedding <=> (SELECT ${EMBEDDING} FROM generate_series(1, 1) AS i) LIMIT 5`;

const MERGE = `MERGE (d:Document {file_path: $path}) ON CREATE SET d.status = 'new'
MERGE (t:Topic {name: $topic}) MERGE (d)-[:ABOUT]->(t)`;

/** The application at work on both databases, a few connections at once, each with one operation after the other. */
export class Load {
  readonly operations: Operation[] = [];
  readonly #working: Promise<unknown>;
  #on = true;

  private constructor(works: readonly (() => Promise<unknown>)[], kinds: readonly Operation['kind'][]) {
    this.#working = Promise.all(works.map((work, index) => this.#repeat(kinds[index] ?? 'insert', work)));
    // Whoever stops it is told.
    this.#working.catch(() => {});
  }

  /** On a schema that is migrated already. */
  static async start({ postgres, neo4j: graph }: Pair): Promise<Load> {
    const [one, two, searcher] = [
      await session(postgres.url),
      await session(postgres.url),
      await session(postgres.url),
    ];
    const driver = neo4j.driver(graph.uri, neo4j.auth.basic(graph.user, graph.password));
    onTestFinished(() => driver.close());
    const merger = driver.session();
    let next = 0;
    const insert = (client: typeof one) => () => client.query(INSERT, [`file ${next++}`]);
    const merge = () => merger.run(MERGE, { path: `file ${next++}`, topic: `topic ${next % 10}` });
    return new Load(
      [insert(one), insert(two), () => searcher.query(SEARCH), merge],
      ['insert', 'insert', 'search', 'merge'],
    );
  }

  count(kind: Operation['kind']): number {
    return this.operations.filter((operation) => operation.kind === kind).length;
  }

  /** Milliseconds of the longest operation so far. */
  longest(kind: Operation['kind']): number {
    return Math.max(0, ...this.operations.filter((each) => each.kind === kind).map(({ took }) => took));
  }

  /** Ends it after the operations under way; rejects with the first error that one of them had. */
  async stop(): Promise<void> {
    this.#on = false;
    await this.#working;
  }

  async #repeat(kind: Operation['kind'], work: () => Promise<unknown>): Promise<void> {
    while (this.#on) {
      const begin = performance.now();
      await work();
      this.operations.push({ kind, took: performance.now() - begin });
      await turn();
    }
  }
}
