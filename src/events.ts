import type { Database } from './core/migration.ts';
import type { RestorePoint } from './core/restore-point.ts';

/** Who holds a lock that we wait for, as far as the server tells us. */
export interface Holder {
  /** Backend's process id; undefined for Neo4j. */
  readonly pid?: number;
  readonly user?: string;
  readonly application?: string;
  readonly host?: string;
  readonly since?: string;
  /** What it runs at the moment; undefined where the rights do not show it. */
  readonly doing?: string;
  /** Neo4j's name of the transaction. */
  readonly transaction?: string;
  /** PostgreSQL shows no more of it to this user. */
  readonly hidden?: true;
  /** The server does not say who is in the way; this one may be. */
  readonly maybe?: true;
}

/** How far a long statement is, as the server counts. */
export interface Progress {
  /** `CREATE INDEX CONCURRENTLY`, `VACUUM`, … */
  readonly command: string;
  /** The table or the index. */
  readonly on?: string;
  /** In the server's words; what follows is about this phase alone. */
  readonly phase?: string;
  readonly done?: number;
  readonly total?: number;
  readonly unit?: string;
  readonly percent?: number;
  /** Milliseconds, at the pace that was seen so far; only where it is known. */
  readonly restMs?: number;
}

/** Everything that can happen and is worth telling. Texts are made in log.ts alone. */
export type Event =
  | { readonly event: 'warning'; readonly message: string; readonly hint?: string }
  | { readonly event: 'not-ready'; readonly database: Database; readonly message: string }
  | { readonly event: 'ready'; readonly database: Database; readonly waitedMs: number }
  | { readonly event: 'planned'; readonly pending: readonly string[] }
  | { readonly event: 'restore-point'; readonly restorePoint: RestorePoint }
  | { readonly event: 'up-to-date'; readonly migrations: number }
  | { readonly event: 'waiting'; readonly message: string }
  | { readonly event: 'lock-waiting'; readonly database: Database; readonly holder: Holder | undefined }
  | { readonly event: 'locked'; readonly database: Database; readonly waitedMs: number }
  | { readonly event: 'unlocked'; readonly database: Database }
  | {
      readonly event: 'started';
      readonly database: Database;
      readonly migration: string;
      readonly from: number;
      readonly steps: number;
    }
  | {
      readonly event: 'step';
      readonly database: Database;
      readonly migration: string;
      readonly step: number;
      readonly steps: number;
    }
  | { readonly event: 'healing'; readonly database: Database; readonly migration: string; readonly index: string }
  | {
      readonly event: 'retrying';
      readonly database: Database;
      readonly migration: string;
      readonly message: string;
      readonly attempt: number;
      readonly blockers: readonly Holder[];
    }
  | {
      /** Seen about once a second while a statement takes long; a log takes it throttled. */
      readonly event: 'observed';
      readonly database: Database;
      readonly migration: string;
      readonly elapsedMs: number;
      readonly blockers: readonly Holder[];
      /** COMMIT waits for a synchronous standby. */
      readonly standby?: true;
      readonly progress?: Progress;
    }
  | { readonly event: 'unobserved'; readonly database: Database; readonly message: string }
  | { readonly event: 'applied'; readonly database: Database; readonly migration: string; readonly tookMs: number }
  | { readonly event: 'rehearsed'; readonly database: Database; readonly migration: string; readonly tookMs: number }
  | { readonly event: 'reconnecting'; readonly message: string }
  | {
      readonly event: 'notice';
      readonly database: Database;
      readonly migration?: string;
      readonly severity: string;
      readonly message: string;
    }
  | { readonly event: 'done'; readonly applied: number; readonly tookMs: number }
  | { readonly event: 'stopping'; readonly signal: string };

export type Emit = (event: Event) => void;

/** A lock's holder in words, also for errors that name it. */
export function holderText(holder: Holder): string {
  return (
    [
      holder.pid === undefined ? holder.transaction : `pid ${holder.pid}`,
      holder.application,
      holder.user && `user ${holder.user}`,
      holder.host && `on ${holder.host}`,
      holder.since && `since ${holder.since}`,
      holder.doing && `doing: ${holder.doing}`,
      holder.hidden && 'the rest is hidden from this user without pg_read_all_stats',
    ]
      .filter(Boolean)
      .join(', ')
      // A statement of several lines is easier to read as one.
      .replace(/\s+/g, ' ')
  );
}
