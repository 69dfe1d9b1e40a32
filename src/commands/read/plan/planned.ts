import type { LockMode } from '../../../analysis/impact/locks.ts';
import type { Database, Step } from '../../../core/migration.ts';
import type { Place } from '../../../errors.ts';
import type { Holder } from '../../../events.ts';

/** What `plan --json` prints; docs/plan.md is about it, and a test holds the two together. */
export interface PlanData {
  /** What is taken for granted where no database was asked. */
  readonly assumed?: string;
  readonly pending: readonly PlannedMigration[];
  readonly ahead: readonly { readonly database: Database; readonly name: string }[];
  readonly inTheWay: readonly InTheWay[];
  /** What the rights do not show. */
  readonly hidden: readonly string[];
}

export interface PlannedMigration {
  readonly version: number;
  readonly name: string;
  readonly database: Database;
  readonly checksum: string;
  /** The step to begin with, counted from 0. */
  readonly from: number;
  readonly steps: readonly PlannedStep[];
  readonly findings: readonly Finding[];
}

/** One thing that the linter says of a migration. */
export interface Finding {
  readonly rule: string;
  readonly message: string;
  readonly why: string;
  readonly remedy: string;
  readonly place: Required<Place>;
  readonly excerpt: string;
}

export interface PlannedStep {
  /** Counted from 1. */
  readonly step: number;
  readonly kind: Step['kind'];
  readonly atomic: boolean;
  readonly replayable: boolean;
  readonly done: boolean;
  readonly statements: readonly PlannedStatement[];
}

export interface PlannedStatement {
  readonly line: number;
  readonly text: string;
  readonly effects: readonly PlannedEffect[];
  /** New tables, indexes, views, …, by name. */
  readonly creates: readonly string[];
  /** Waits for the transactions that are open when it begins. */
  readonly waitsForTransactions: boolean;
  /** It may lock more than is said here: what runs inside is not looked into. */
  readonly opaque: boolean;
  readonly notes: readonly string[];
}

export interface PlannedEffect {
  readonly object: string;
  readonly kind: 'table' | 'label' | 'relationship';
  /** A lock mode of PostgreSQL's; `LABEL` and `NODES` in Neo4j. */
  readonly lock: LockMode | 'LABEL' | 'NODES' | 'none';
  readonly work: 'none' | 'scan' | 'index' | 'rewrite' | 'empties' | 'rows';
  readonly blocks: { readonly reads: boolean; readonly writes: boolean };
  /** Made by this pending set: nobody uses it. */
  readonly new: boolean;
  readonly bytes?: number;
  readonly rows?: number;
}

/** Somebody who holds what a pending statement has to wait for. */
export interface InTheWay extends Holder {
  readonly database: Database;
  /** undefined: any transaction that is open stands in the way. */
  readonly object?: string;
  readonly holds?: string;
  readonly migration: string;
  readonly line: number;
}
