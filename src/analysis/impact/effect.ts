import type { ColumnType } from '../column-type.ts';
import type { LockMode } from './locks.ts';

/** A table or whatever shares its name space (an index, a view, a sequence); `schema` where the statement says one other than public. */
export interface RelationName {
  readonly schema?: string;
  readonly name: string;
}

/**
 * What a statement does with a table besides locking it: nothing that takes time; reads all of it; reads it and builds an index;
 * writes it anew, with its indexes; empties it; touches rows.
 */
export type Work = 'none' | 'scan' | 'index' | 'rewrite' | 'empties' | 'rows';

/** What a statement does to one table. */
export interface Effect {
  readonly relation: RelationName;
  /** The relation is an index, and this is about the table that it is of. */
  readonly tableOf?: boolean;
  readonly lock: LockMode;
  readonly work: Work;
  /** Also readers wait, whatever the lock on the table says: its index is locked. */
  readonly readersWait?: boolean;
  /** Where the catalog decides whether the work is needed: a column that is to have this type. */
  readonly retypes?: { readonly column: string; readonly to: ColumnType };
}

export interface Created {
  readonly relation: RelationName;
  /** Of an index: its table. */
  readonly on?: RelationName;
  /** It is there already, under this name. */
  readonly renamed?: RelationName;
}

/** What a statement does, as far as its text tells. */
export interface Impact {
  readonly effects: readonly Effect[];
  readonly creates: readonly Created[];
  readonly drops: readonly RelationName[];
  /** IF NOT EXISTS: what is there already stays, and then nothing is done. */
  readonly ifNotExists: boolean;
  /** CONCURRENTLY: waits for the transactions that are open. */
  readonly waitsForTransactions: boolean;
  /** It may lock more than is said here: what runs inside is not looked into. */
  readonly opaque: boolean;
  /** In words: what it depends on, what else is locked. */
  readonly notes: readonly string[];
}

/** The facts of a statement that has fewer of them. */
export function impact(facts: Partial<Impact>): Impact {
  return {
    effects: [],
    creates: [],
    drops: [],
    ifNotExists: false,
    waitsForTransactions: false,
    opaque: false,
    notes: [],
    ...facts,
  };
}

/** A name as SQL writes it, and the key by which two are compared. */
export function nameText({ schema, name }: RelationName): string {
  return schema === undefined ? quoted(name) : `${quoted(schema)}.${quoted(name)}`;
}

function quoted(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
