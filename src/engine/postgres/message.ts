import type pg from 'pg';

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
