/** The roles that files work as: the owner of the database, and a role of which the owner is a member. */
export type Role = 'owner' | 'other';

interface Table {
  readonly owner: Role;
  readonly columns: Set<string>;
}

interface Temporary {
  readonly kind: 'table' | 'view' | 'sequence';
  readonly owner: Role;
  readonly columns: Set<string>;
}

/** What the files so far have left in the database, by qualified name. */
export class SchemaModel {
  readonly tables = new Map<string, Table>();
  readonly sequences = new Set<string>();
  /** The value is the unqualified table that the function writes to. */
  readonly functions = new Map<string, string>();
}

/** PostgreSQL's default search_path, without the schema "$user", which does not exist. */
const DEFAULT_PATH: readonly string[] = ['public'];

/** What the statements of one file so far have left in its session. A new file has a new one. */
export class SessionModel {
  readonly schema: SchemaModel;
  role: Role = 'owner';
  searchPath = DEFAULT_PATH;
  readonly temporary = new Map<string, Temporary>();
  readonly temporaryFunctions = new Set<string>();
  /** The value is the qualified table that the statement writes to. */
  readonly prepared = new Map<string, string>();
  /** The value is the qualified table that the cursor reads, which ALTER and DROP refuse while the cursor is open. */
  readonly cursors = new Map<string, string>();
  /** Sequences of which currval() is defined. */
  readonly currentValues = new Set<string>();
  lastSequence: string | undefined;

  constructor(schema: SchemaModel) {
    this.schema = schema;
  }

  get creationSchema(): string {
    return this.searchPath[0] ?? 'public';
  }

  resetSearchPath(): void {
    this.searchPath = DEFAULT_PATH;
  }

  /** The qualified name of the table or view that an unqualified name means now. */
  table(name: string): string | undefined {
    return this.#resolve(name, this.schema.tables);
  }

  sequence(name: string): string | undefined {
    return this.#resolve(name, this.schema.sequences);
  }

  /** A table that rows may be inserted into; the model's views are read-only. */
  writableTable(name: string): string | undefined {
    return this.temporary.get(name)?.kind === 'view' ? undefined : this.table(name);
  }

  /** A table that the role may alter or drop, and its columns. */
  ownTable(name: string): { readonly qualified: string; readonly columns: Set<string> } | undefined {
    const qualified = this.writableTable(name);
    if (qualified === undefined || [...this.cursors.values()].includes(qualified)) return undefined;
    const found = qualified.startsWith('pg_temp.') ? this.temporary.get(name) : this.schema.tables.get(qualified);
    if (found === undefined || (this.role === 'other' && found.owner === 'owner')) return undefined;
    return { qualified, columns: found.columns };
  }

  dropTable(qualified: string): void {
    if (qualified.startsWith('pg_temp.')) this.temporary.delete(qualified.slice('pg_temp.'.length));
    else this.schema.tables.delete(qualified);
  }

  nextValue(sequence: string): void {
    this.currentValues.add(sequence);
    this.lastSequence = sequence;
  }

  discardSequences(): void {
    this.currentValues.clear();
    this.lastSequence = undefined;
  }

  discardTemporary(): void {
    this.temporary.clear();
    this.temporaryFunctions.clear();
    for (const sequence of this.currentValues) if (sequence.startsWith('pg_temp.')) this.currentValues.delete(sequence);
    // lastval() of a sequence that is gone is an error.
    if (this.lastSequence?.startsWith('pg_temp.')) this.lastSequence = undefined;
  }

  #resolve(name: string, existing: { has(qualified: string): boolean }): string | undefined {
    if (this.temporary.has(name)) return `pg_temp.${name}`;
    return this.searchPath.map((schema) => `${schema}.${name}`).find((qualified) => existing.has(qualified));
  }
}
