import type { Catalog, Connections } from '../catalog/model.ts';
import type { Entry, History } from '../core/history.ts';
import type { Database, Migration } from '../core/migration.ts';

/** Who we are, for the history and for whoever waits for us. */
export interface Identity {
  /** Host or pod. */
  readonly host: string;
  readonly pid: number;
  readonly toolVersion: string;
}

/** What a server says of itself. */
export interface ServerInfo {
  readonly database: Database;
  readonly version: string;
  /** One of Neo4j's; undefined for PostgreSQL. */
  readonly edition?: string;
}

/** One line of `health`: ok, or what is missing and what to do about it. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly hint?: string;
}

/** What the guide counts: every index of the schema's tables is one, also those that carry a constraint. */
export interface Counts {
  readonly tables: number;
  readonly indexes: number;
}

/**
 * A database, as commands see it. Nothing here writes: reading a database that was never migrated leaves it as it was.
 * Errors are MigrateErrors; `unreachable` and `busy` may pass by themselves.
 */
export interface ReadEngine {
  readonly database: Database;
  /** Connects if need be, and refuses servers that this program does not support. */
  ping(signal: AbortSignal): Promise<ServerInfo>;
  /** Never migrated is an empty history, not an error. */
  history(signal: AbortSignal): Promise<History>;
  health(signal: AbortSignal): Promise<readonly Check[]>;
  counts(signal: AbortSignal): Promise<Counts>;
  /** The whole schema, without what is our own. Needs no rights but to connect. */
  catalog(signal: AbortSignal): Promise<Catalog>;
  /** How a graph's relationships connect its labels; a table's foreign keys stand in the catalog. */
  connections(signal: AbortSignal): Promise<Connections>;
  /** Always possible, also after an error; never throws. */
  close(): Promise<void>;
}

export interface Engine extends ReadEngine {
  /** Takes the database's migration lock, waiting at most LOCK_TIMEOUT (then `busy`), and gives it back whatever happens. */
  locked<T>(signal: AbortSignal, work: (db: LockedEngine) => Promise<T>): Promise<T>;
}

/** What a person decides about a history; computed purely, written by `amend`. */
export type Change =
  | { readonly kind: 'record'; readonly migration: Migration; readonly state: 'baseline' | 'applied' }
  | { readonly kind: 'forget'; readonly entry: Entry }
  | { readonly kind: 'rechecksum'; readonly migration: Migration }
  /** Go on behind the first `done` steps, taking those of the file as they are now. */
  | { readonly kind: 'resume'; readonly migration: Migration; readonly done: number };

export interface LockedEngine {
  readonly database: Database;
  /** Aborted when the lock is found to be lost; its reason is the error to end with. */
  readonly lost: AbortSignal;
  history(signal: AbortSignal): Promise<History>;
  /** Runs AND records the steps of a migration from number `from` (counted from 0) on. */
  apply(migration: Migration, from: number, signal: AbortSignal): Promise<void>;
  /** Runs AND records all steps of a migration that stands in the history without ever having been run. */
  reapply(migration: Migration, signal: AbortSignal): Promise<void>;
  amend(changes: readonly Change[], signal: AbortSignal): Promise<void>;
}
