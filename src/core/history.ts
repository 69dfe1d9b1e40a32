import type { Database } from './migration.ts';
import type { RestorePoint } from './restore-point.ts';

/** started: some steps may be done; the others: present, whoever did it. */
export type EntryState = 'started' | 'applied' | 'adopted' | 'baseline';

/** What a database says of one migration. Fields that an earlier tool did not record are undefined. */
export interface Entry {
  readonly database: Database;
  readonly name: string;
  /** undefined where an earlier tool's file name has no number. */
  readonly version: number | undefined;
  readonly state: EntryState;
  readonly checksum?: string;
  readonly stepsDone?: number;
  readonly stepsTotal?: number;
  /** Checksum of the text of the steps done so far: an unfinished file may change behind them, not before. */
  readonly stepsChecksum?: string;
  /** The number (from 0) of a step that was begun and cannot be known to have ended; only steps that are not replayable set it. */
  readonly stepBegun?: number;
  readonly breaking?: boolean;
  readonly startedAt?: Date;
  readonly appliedAt?: Date;
  readonly tookMs?: number;
  readonly by?: string;
  readonly host?: string;
  readonly toolVersion?: string;
  readonly serverVersion?: string;
  /** Of the run that wrote it last; see Identity. */
  readonly runId?: string;
  /** Of the run that began the migration. */
  readonly restorePoint?: RestorePoint;
}

/** A database's whole history, oldest version first. */
export interface History {
  readonly database: Database;
  /** Those that can be read. */
  readonly entries: readonly Entry[];
  /** Why the entries are not the whole history: something else has changed or deleted some of it. Nothing is applied then. */
  readonly damage?: Damage;
  /** Objects that the history claims and the database does not have. */
  readonly missing?: readonly Claim[];
}

/** An object that is there, by what a history says. */
export interface Claim {
  readonly kind: 'table' | 'index' | 'constraint';
  readonly name: string;
  /** The migration that creates it. */
  readonly by: string;
}

export interface Damage {
  readonly message: string;
  readonly hint: string;
}
