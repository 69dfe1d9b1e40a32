import pg from 'pg';

export interface Notice {
  readonly severity: string;
  readonly code: string;
  readonly message: string;
}

/** A message on its way. The server takes one after the other, and answers in the same order. */
export interface Message {
  readonly answer: Promise<pg.QueryResult | pg.QueryResult[]>;
  readonly onNotice: ((notice: Notice) => void) | undefined;
  /** How many of its statements the server has completed. */
  completed: number;
}

/** What happens to what the server sends while it works at a message. */
export interface Receive {
  readonly onNotice?: ((notice: Notice) => void) | undefined;
  /** Rows are dropped as they arrive: those of a migration are not used, and may be millions. */
  readonly dropRows?: boolean;
}

/** Sends a text with `client`; the answer rejects with the error that the server, or the connection, ends it with. */
export function answerOf(
  client: pg.Client,
  text: string,
  { dropRows = false }: Receive,
): Promise<pg.QueryResult | pg.QueryResult[]> {
  if (!dropRows) return client.query(text);
  return new Promise((resolve, reject) => {
    const query = new DroppingQuery(text);
    query.callback = (error, results) => (error ? reject(error) : resolve(results));
    client.query(query);
  });
}

/** What the types of pg leave out: https://github.com/brianc/node-postgres/blob/master/packages/pg/lib/query.js */
const Query = pg.Query as unknown as new (
  text: string,
) => pg.Submittable & {
  callback?: (error: Error | null, results: pg.QueryResult | pg.QueryResult[]) => void;
};

class DroppingQuery extends Query {
  handleDataRow(): void {}
}
