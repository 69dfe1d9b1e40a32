import type pg from 'pg';

export interface Notice {
  readonly severity: string;
  readonly code: string;
  readonly message: string;
}

/** What happens to what the server sends while it works at a message. */
export interface Receive {
  readonly onNotice?: ((notice: Notice) => void) | undefined;
  /** Rows are dropped as they arrive: those of a migration are not used, and may be millions. */
  readonly dropRows?: boolean;
}

/** A message on its way. The server takes one after the other, and answers in the same order. */
export interface Message extends Receive {
  readonly answer: Promise<pg.QueryResult | pg.QueryResult[]>;
  /** How many of its statements the server has completed. */
  completed: number;
}
