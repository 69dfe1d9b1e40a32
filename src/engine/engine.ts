import type { Claims } from '../catalog/claims.ts';
import type { Catalog, Connections } from '../catalog/model.ts';
import type { Budgets } from '../config.ts';
import type { Entry, History } from '../core/history.ts';
import type { Database, Migration } from '../core/migration.ts';
import type { Pending } from '../core/plan.ts';
import type { RestorePoint } from '../core/restore-point.ts';
import type { MigrateError } from '../errors.ts';
import type { Emit, Holder } from '../events.ts';

/** Who we are, for the history and for whoever waits for us. */
export interface Identity {
  /** Host or pod. */
  readonly host: string;
  readonly pid: number;
  readonly toolVersion: string;
  /** Tells this run from all others. */
  readonly runId: string;
}

/** What every engine is given. */
export interface EngineOptions {
  readonly budgets: Budgets;
  readonly identity: Identity;
  readonly emit: Emit;
  /** What the history of this directory claims to be there; asked for when the server answers. */
  readonly claims?: () => Promise<Claims | undefined>;
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

/** Something that a plan asks about: a relation of PostgreSQL's, a label or a relationship type of Neo4j's. */
export interface Asked {
  readonly kind: 'relation' | 'label' | 'relationship' | 'schema-object';
  /** undefined: where search_path finds it first. */
  readonly schema?: string;
  readonly name: string;
}

/** What is found under a name. Sizes are undefined where the server does not know them. */
export interface Found {
  readonly what:
    | 'table'
    | 'partitioned table'
    | 'index'
    | 'view'
    | 'materialized view'
    | 'sequence'
    | 'label'
    | 'other';
  /** The table; an index's is the one that it is of. */
  readonly table: string;
  /** With indexes and TOAST. */
  readonly bytes?: number;
  /** Estimated by the last VACUUM or ANALYZE; exact in Neo4j. */
  readonly rows?: number;
  /** Column → type, as format_type writes it. */
  readonly columns?: Readonly<Record<string, string>>;
  /** Who holds locks on the table right now; `mode` as pg_locks has it. */
  readonly holders: readonly (Holder & { readonly mode: string })[];
}

/** What a plan reads of the live database, besides the history. */
export interface Survey {
  /** In the order of what was asked; undefined for what is not there. */
  readonly found: readonly (Found | undefined)[];
  /** Transactions that are open right now, the oldest first: some statements wait for all of them. */
  readonly open: readonly Holder[];
  /** What this user's rights do not show, and which right would. */
  readonly hidden?: string;
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
  /** Sizes, and who stands in the way. */
  survey(asked: readonly Asked[], signal: AbortSignal): Promise<Survey>;
  /** Closes its connections until the next question, unless it holds the lock. Never throws. */
  rest(): Promise<void>;
  /** Always possible, also after an error; never throws. */
  close(): Promise<void>;
}

export interface LockOptions {
  /** Called each time that the lock is not acquired yet; what it throws ends the waiting. */
  readonly waiting?: (() => Promise<void>) | undefined;
  /**
   * Names the lock of another database that this run holds. It is recorded with this lock: the next run that holds the other one
   * knows that this run does not any more.
   */
  readonly guard?: string | undefined;
}

export interface Engine extends ReadEngine {
  /** Takes the database's migration lock, waiting at most LOCK_TIMEOUT (then `busy`), and gives it back whatever happens. */
  locked<T>(signal: AbortSignal, work: (db: LockedEngine) => Promise<T>, options?: LockOptions): Promise<T>;
  /** As `locked`, for work that is rolled back: nothing is left behind, not even a lock's node (docs/adr/0008). */
  rehearsing<T>(
    signal: AbortSignal,
    work: (db: RehearsingEngine) => Promise<T>,
    options?: Pick<LockOptions, 'guard'>,
  ): Promise<T>;
}

export interface RehearsingEngine {
  readonly database: Database;
  /** Names the lock, where only one run at a time can hold it and the server releases it with the run's connection. */
  readonly guard?: string | undefined;
  readonly lost: AbortSignal;
  history(signal: AbortSignal): Promise<History>;
  /** Runs what is pending of this database inside transactions that are rolled back. Does not throw what a statement does. */
  rehearse(pending: readonly Pending[], signal: AbortSignal): Promise<Rehearsal>;
}

/** What was seen while a statement ran. */
export interface Rehearsed {
  readonly migration: string;
  readonly line: number;
  readonly text: string;
  readonly tookMs: number;
  /** Locks that it took beyond those that the transaction had; `mode` as the server has it. */
  readonly locks: readonly { readonly object: string; readonly mode: string }[];
  /** How many more: Neo4j counts its locks and does not name them. */
  readonly lockCount?: number;
  /** Tables that have a new file. */
  readonly rewrites: readonly string[];
  /** Rows that were inserted, changed or deleted, by triggers too; in Neo4j nodes, relationships, properties and labels. */
  readonly rows: number;
}

export interface LeftOut {
  readonly migration: string;
  readonly line: number;
  readonly why: string;
}

export interface Rehearsal {
  readonly database: Database;
  readonly statements: readonly Rehearsed[];
  readonly leftOut: readonly LeftOut[];
  /** In words: what no rollback takes back. */
  readonly remains: readonly string[];
  /** What a statement was refused with: it is the last one that was tried. */
  readonly failure?: MigrateError;
}

/** What a person decides about a history; computed purely, written by `amend`. */
export type Change =
  | { readonly kind: 'record'; readonly migration: Migration; readonly state: 'baseline' | 'applied' }
  | { readonly kind: 'forget'; readonly entry: Entry }
  | { readonly kind: 'forget-all' }
  | { readonly kind: 'rechecksum'; readonly migration: Migration }
  /** Go on behind the first `done` steps, taking those of the file as they are now. */
  | { readonly kind: 'resume'; readonly migration: Migration; readonly done: number }
  /** Of Neo4j: drop the entries that cannot be read, and record these migrations as present. */
  | { readonly kind: 'rebuild'; readonly migrations: readonly Migration[] };

export interface LockedEngine {
  readonly database: Database;
  /** As of RehearsingEngine. */
  readonly guard?: string | undefined;
  /** Aborted when the lock is found to be lost; its reason is the error to end with. */
  readonly lost: AbortSignal;
  history(signal: AbortSignal): Promise<History>;
  /** Where the database is now, as far as the server shows it to this user. */
  position(signal: AbortSignal): Promise<Partial<RestorePoint>>;
  /** The entries of migrations that are begun from now on have this point. */
  stamp(point: RestorePoint): void;
  /**
   * Runs AND records the steps of a migration from number `from` (counted from 0) on. `following` are those that this database
   * is to apply next, from their first step on: some of them may be sent to the server before this one is answered, and do
   * nothing where it fails.
   */
  apply(migration: Migration, from: number, signal: AbortSignal, following?: Iterable<Migration>): Promise<void>;
  /** Runs AND records all steps of a migration that stands in the history without ever having been run. */
  reapply(migration: Migration, signal: AbortSignal): Promise<void>;
  amend(changes: readonly Change[], signal: AbortSignal): Promise<void>;
}
