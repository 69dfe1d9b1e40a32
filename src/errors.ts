/** The kinds of error. Each has its exit code in exit.ts. */
export type ErrorKind =
  | 'bug'
  | 'pending'
  | 'usage'
  | 'source'
  | 'unreachable'
  | 'failed'
  | 'busy'
  | 'unfinished'
  | 'denied'
  | 'config'
  | 'interrupted'
  | 'terminated';

/** Where in a migration something is wrong. Lines and columns count from 1; columns count code points. */
export interface Place {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/** One thing wrong: what happened, where, and what to do about it. */
export interface Problem {
  readonly message: string;
  readonly hint?: string;
  readonly place?: Place;
  /** The source lines around `place`, with a caret under the column. */
  readonly excerpt?: string;
}

/** What the server said, where it said something. */
export interface ServerReport {
  /** SQLSTATE or Neo4j status code. */
  readonly code?: string;
  readonly detail?: string;
  readonly hint?: string;
  /** The functions in which it was. */
  readonly where?: string;
  readonly schema?: string;
  readonly table?: string;
  readonly column?: string;
  readonly constraint?: string;
}

interface Facts {
  readonly means?: string | undefined;
  readonly hint?: string | undefined;
  readonly place?: Place | undefined;
  readonly excerpt?: string | undefined;
  readonly server?: ServerReport | undefined;
  readonly problems?: readonly Problem[] | undefined;
  readonly cause?: unknown;
}

/** An error that a person can act on. Everything else that is thrown is a bug of ours (exit code 1). */
export class MigrateError extends Error {
  readonly kind: ErrorKind;
  /** What the server's error says about the migration, in our words. */
  readonly means: string | undefined;
  readonly hint: string | undefined;
  readonly place: Place | undefined;
  readonly excerpt: string | undefined;
  readonly server: ServerReport | undefined;
  /** All problems at once, where there is more than one (a configuration, a directory). */
  readonly problems: readonly Problem[];

  constructor(kind: ErrorKind, message: string, facts: Facts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = 'MigrateError';
    this.kind = kind;
    this.means = facts.means;
    this.hint = facts.hint;
    this.place = facts.place;
    this.excerpt = facts.excerpt;
    this.server = facts.server;
    this.problems = facts.problems ?? [];
  }
}

/**
 * The connection went away while a migration ran: whether the work was committed stands in the history alone.
 * The migrate loop begins again from the histories; when it gives up, this counts as `busy`.
 */
export class ConnectionLost extends MigrateError {
  constructor(message: string, cause: unknown) {
    super('busy', message, { cause, hint: 'run migrate again: it reads in the history what was done' });
    this.name = 'ConnectionLost';
  }
}

/** Another run has recorded the migration: this one's work was rolled back, and everything begins again from the histories too. */
export class Overtaken extends ConnectionLost {}

/** Whether the server may answer otherwise when it is asked again: it is still starting, or at its limit. */
export function mayPass(error: unknown): error is MigrateError {
  return error instanceof MigrateError && (error.kind === 'unreachable' || error.kind === 'busy');
}
