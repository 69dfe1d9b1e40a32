import type { Database } from '../core/migration.ts';

// What a database's schema is made of, as the live catalog says it: the same words whatever the server's version and the
// schema's name, so that two of them can be compared. PostgreSQL's names are written as SQL needs them, in quotes where they
// have to be. What belongs to our own history and lock is not among it.

/** What is wrong with an object that is there and made as it should be. */
export type Fault = 'invalid' | 'building' | 'failed' | 'not valid' | 'disabled';

interface Common {
  /** Undefined: nothing is wrong with it. */
  readonly fault?: Fault;
}

interface Extension extends Common {
  readonly kind: 'extension';
  readonly name: string;
  /** Undefined in a reference: it is the server's. */
  readonly version?: string;
  /** Something in the schema uses it. */
  readonly needed: boolean;
}

export interface EnumType extends Common {
  readonly kind: 'type';
  readonly name: string;
  readonly labels: readonly string[];
}

export interface Sequence extends Common {
  readonly kind: 'sequence';
  readonly name: string;
  readonly type: string;
  /** Table and column that it goes away with. */
  readonly owner?: { readonly table: string; readonly column: string };
}

export interface Table extends Common {
  readonly kind: 'table';
  readonly name: string;
  /** As PARTITION BY has it. */
  readonly partition?: string;
}

export interface Column extends Common {
  readonly kind: 'column';
  readonly table: string;
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  /** An expression; of a generated column the one that it is made of. */
  readonly default?: string;
  readonly identity?: 'ALWAYS' | 'BY DEFAULT';
  readonly generated?: 'STORED' | 'VIRTUAL';
}

export interface Constraint extends Common {
  readonly kind: 'constraint';
  readonly table: string;
  readonly name: string;
  readonly type: 'primary key' | 'unique' | 'foreign key' | 'check' | 'exclude';
  readonly definition: string;
  readonly columns: readonly string[];
  /** The table that a foreign key points to. */
  readonly references?: string;
}

/** Those that carry a constraint are part of it, and appear only where something is wrong with them. */
export interface Index extends Common {
  readonly kind: 'index';
  readonly table: string;
  readonly name: string;
  readonly definition: string;
  /** Without those that are expressions. */
  readonly columns: readonly string[];
  readonly constraint?: string;
}

export interface Routine extends Common {
  readonly kind: 'function';
  /** With the types of its arguments: `cleanup_old_jobs(integer)`. */
  readonly name: string;
  /** Names, types and defaults. */
  readonly arguments: string;
  readonly result: string;
  readonly definition: string;
}

export interface View extends Common {
  readonly kind: 'view';
  readonly name: string;
  readonly materialized: boolean;
  /** Each with its type. */
  readonly columns: readonly string[];
  readonly definition: string;
}

export interface Trigger extends Common {
  readonly kind: 'trigger';
  readonly table: string;
  readonly name: string;
  readonly definition: string;
}

export interface GraphIndex extends Common {
  readonly kind: 'graph index';
  readonly name: string;
  /** RANGE, TEXT, POINT, FULLTEXT, VECTOR. */
  readonly type: string;
  readonly entity: 'NODE' | 'RELATIONSHIP';
  readonly labels: readonly string[];
  readonly properties: readonly string[];
  /** Of a VECTOR index: dimensions and similarity. */
  readonly options?: Readonly<Record<string, string | number>>;
}

export interface GraphConstraint extends Common {
  readonly kind: 'graph constraint';
  readonly name: string;
  /** UNIQUENESS, KEY, PROPERTY_EXISTENCE, PROPERTY_TYPE, whatever the server calls them. */
  readonly type: string;
  readonly entity: 'NODE' | 'RELATIONSHIP';
  readonly labels: readonly string[];
  readonly properties: readonly string[];
  /** Of PROPERTY_TYPE. */
  readonly propertyType?: string;
}

export type CatalogObject =
  | Extension
  | EnumType
  | Sequence
  | Table
  | Column
  | Constraint
  | Index
  | Routine
  | View
  | Trigger
  | GraphIndex
  | GraphConstraint;

/** How a graph's labels are connected by what it holds; the schema itself does not say it. */
export interface Connections {
  readonly labels: readonly string[];
  readonly links: readonly { readonly type: string; readonly from: string; readonly to: string }[];
}

/** How many rows of a column of vectors are looked at: so many from the table's beginning, and so many from its end. */
export const SAMPLED = 1_000;

/** A column of vectors whose type does not say how many dimensions they have. */
export interface Dimensions {
  readonly table: string;
  readonly column: string;
  /** Those of the rows that were looked at; undefined where the right to look is missing. */
  readonly found: readonly number[] | undefined;
}

/** The schema of a live database. */
export interface Catalog {
  readonly database: Database;
  /** In the order of their making, as far as the server tells. */
  readonly objects: readonly CatalogObject[];
  readonly dimensions: readonly Dimensions[];
}

/** Kind and name; two objects with one key are the same object. */
export function keyOf(object: CatalogObject): string {
  return `${object.kind} ${nameOf(object)}`;
}

/** With its table's, where it belongs to one and other tables may have another of that name. */
export function nameOf(object: CatalogObject): string {
  return 'table' in object && object.kind !== 'index' ? `${object.table}.${object.name}` : object.name;
}
