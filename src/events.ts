import type { Database } from './core/migration.ts';

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
}

/** Everything that can happen and is worth telling. Texts are made in log.ts alone. */
export type Event =
  | { readonly event: 'warning'; readonly message: string; readonly hint?: string }
  | { readonly event: 'not-ready'; readonly database: Database; readonly message: string }
  | { readonly event: 'planned'; readonly pending: readonly string[] }
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
  return [
    holder.pid === undefined ? undefined : `pid ${holder.pid}`,
    holder.application,
    holder.user && `user ${holder.user}`,
    holder.host && `on ${holder.host}`,
    holder.since && `since ${holder.since}`,
    holder.doing && `doing: ${holder.doing}`,
  ]
    .filter(Boolean)
    .join(', ');
}
