import type { AlterTableCmd, ColumnDef, Constraint, CreateStmt, IndexStmt, Node, RangeVar } from 'libpg-query';
import type { ColumnType } from '../../column-type.ts';
import { typeOf } from '../../impact/nodes.ts';
import { alterations, droppedNames, nameOf, strings, tableName } from './ast.ts';
import type { SqlStatement } from './statement.ts';

/** Which file made something. */
export interface Made {
  readonly madeBy: string;
}

export interface Column extends Made {
  type: ColumnType;
  notNull: boolean;
}

export interface Index extends Made {
  readonly name: string;
  /** '' for an expression. */
  readonly columns: readonly string[];
}

/** What a check or a NOT NULL says that is not valid for old rows until it has been validated. */
interface Check extends Made {
  readonly name: string;
  /** The column that it wants not to be NULL, where this is what it says. */
  readonly notNull: string | undefined;
  validated: boolean;
}

interface ForeignKey extends Made {
  readonly columns: readonly string[];
  /** Where it stands in its file. */
  readonly offset: number;
}

export interface Table extends Made {
  readonly columns: Map<string, Column>;
  readonly indexes: Set<Index>;
  checks: Check[];
  foreignKeys: ForeignKey[];
}

/** What the files make of PostgreSQL's schema, as far as rules ask for it. Bodies of functions and DO blocks are not read. */
export class SqlSchema {
  /** Materialized views too. */
  readonly tables = new Map<string, Table>();
  /** Types made by CREATE TYPE … AS ENUM. */
  readonly enums = new Map<string, Made>();
  /** By name, each with its table. An index that a table no longer has counts as dropped. */
  readonly #indexes = new Map<string, { readonly index: Index; readonly table: Table }>();

  index(name: string): Index | undefined {
    const { index, table } = this.#indexes.get(bare(name)) ?? {};
    return index !== undefined && table?.indexes.has(index) ? index : undefined;
  }

  column(table: RangeVar, name: string | undefined): Column | undefined {
    return this.tables.get(tableName(table))?.columns.get(name ?? '');
  }

  /** Takes up what a statement does. */
  apply(statement: SqlStatement): void {
    const { node } = statement;
    const madeBy = statement.file.name;
    if ('CreateStmt' in node) this.#create(node.CreateStmt, statement);
    else if ('CreateTableAsStmt' in node) {
      const { into } = node.CreateTableAsStmt;
      if (into?.rel !== undefined) this.#newTable(tableName(into.rel), madeBy);
    } else if ('IndexStmt' in node) this.#index(node.IndexStmt, madeBy);
    else if ('CreateEnumStmt' in node) this.enums.set(nameOf(node.CreateEnumStmt.typeName), { madeBy });
    else if ('AlterTableStmt' in node)
      for (const { table, command } of alterations(node)) this.#alter(this.#known(table), command, statement);
    else if ('RenameStmt' in node) this.#rename(node);
    else if ('DropStmt' in node) this.#drop(node);
  }

  #newTable(name: string, madeBy: string): Table {
    const table: Table = { madeBy, columns: new Map(), indexes: new Set(), checks: [], foreignKeys: [] };
    if (!this.tables.has(name)) this.tables.set(name, table);
    return table;
  }

  /** A table that no file made is known too, from the first time that one is changed; it has no maker. */
  #known(range: RangeVar): Table {
    return this.tables.get(tableName(range)) ?? this.#newTable(tableName(range), '');
  }

  #create({ relation, tableElts = [] }: CreateStmt, statement: SqlStatement): void {
    if (relation === undefined || this.tables.has(tableName(relation))) return;
    const table = this.#newTable(tableName(relation), statement.file.name);
    for (const element of tableElts) {
      if ('ColumnDef' in element) this.#addColumn(table, element.ColumnDef, statement);
      if ('Constraint' in element) this.#addConstraint(table, element.Constraint, statement);
    }
  }

  #index({ idxname = '', relation, indexParams = [] }: IndexStmt, madeBy: string): void {
    if (relation === undefined || (idxname !== '' && this.index(idxname) !== undefined)) return;
    const columns = indexParams.map((each) => ('IndexElem' in each ? (each.IndexElem.name ?? '') : ''));
    this.#addIndex(this.#known(relation), { name: idxname, columns, madeBy });
  }

  #alter(table: Table, { subtype, name = '', def }: AlterTableCmd, statement: SqlStatement): void {
    const column = table.columns.get(name);
    if (subtype === 'AT_AddColumn' && def !== undefined && 'ColumnDef' in def) {
      if (!table.columns.has(def.ColumnDef.colname ?? '')) this.#addColumn(table, def.ColumnDef, statement);
    } else if (subtype === 'AT_DropColumn') {
      table.columns.delete(name);
      for (const index of table.indexes) if (index.columns.includes(name)) table.indexes.delete(index);
      table.foreignKeys = table.foreignKeys.filter(({ columns }) => !columns.includes(name));
    } else if (subtype === 'AT_AlterColumnType' && def !== undefined && 'ColumnDef' in def) {
      if (column !== undefined && def.ColumnDef.typeName !== undefined) column.type = typeOf(def.ColumnDef.typeName);
    } else if (subtype === 'AT_SetNotNull' || subtype === 'AT_DropNotNull') {
      if (column !== undefined) column.notNull = subtype === 'AT_SetNotNull';
    } else if (subtype === 'AT_AddConstraint' && def !== undefined && 'Constraint' in def) {
      this.#addConstraint(table, def.Constraint, statement);
    } else if (subtype === 'AT_ValidateConstraint') {
      for (const check of table.checks) if (check.name === name) check.validated = true;
    } else if (subtype === 'AT_DropConstraint') {
      table.checks = table.checks.filter((check) => check.name !== name);
      this.#dropIndex(name);
    }
  }

  #rename(node: Extract<Node, { RenameStmt: unknown }>): void {
    const { renameType, relation, subname = '', newname = '' } = node.RenameStmt;
    if (relation === undefined) return;
    const name = tableName(relation);
    const table = this.tables.get(name);
    if (table === undefined) return;
    if (renameType === 'OBJECT_TABLE') {
      this.tables.delete(name);
      this.tables.set(tableName({ ...relation, relname: newname }), table);
    } else if (renameType === 'OBJECT_COLUMN') {
      const column = table.columns.get(subname);
      table.columns.delete(subname);
      if (column !== undefined) table.columns.set(newname, column);
    }
  }

  #drop(node: Extract<Node, { DropStmt: unknown }>): void {
    const { removeType, objects } = node.DropStmt;
    for (const name of droppedNames(objects)) {
      if (removeType === 'OBJECT_TABLE' || removeType === 'OBJECT_MATVIEW') {
        this.tables.get(name)?.indexes.clear();
        this.tables.delete(name);
      } else if (removeType === 'OBJECT_TYPE') this.enums.delete(name);
      else if (removeType === 'OBJECT_INDEX') this.#dropIndex(bare(name));
    }
  }

  #addIndex(table: Table, index: Index): void {
    this.#dropIndex(index.name);
    table.indexes.add(index);
    if (index.name !== '') this.#indexes.set(index.name, { index, table });
  }

  #dropIndex(name: string): void {
    const { index, table } = this.#indexes.get(name) ?? {};
    if (index !== undefined) table?.indexes.delete(index);
  }

  #addColumn(table: Table, { colname = '', typeName, constraints = [] }: ColumnDef, statement: SqlStatement): void {
    const type = typeName === undefined ? { name: '', modifiers: [], isArray: false } : typeOf(typeName);
    table.columns.set(colname, { type, notNull: false, madeBy: statement.file.name });
    for (const each of constraints)
      if ('Constraint' in each) this.#addConstraint(table, each.Constraint, statement, colname);
  }

  /** `column`: whose constraint it is, where it stands in a column's definition. */
  #addConstraint(table: Table, constraint: Constraint, statement: SqlStatement, column?: string): void {
    const madeBy = statement.file.name;
    const { contype, conname: name = '', keys, fk_attrs, skip_validation, indexname } = constraint;
    const own = column === undefined ? [] : [column];
    const columns = keys === undefined ? own : strings(keys);
    if (contype === 'CONSTR_PRIMARY' || contype === 'CONSTR_UNIQUE') {
      // USING INDEX takes an index over, and gives it the constraint's name.
      const taken = indexname === undefined ? undefined : this.index(indexname);
      if (indexname !== undefined) this.#dropIndex(indexname);
      this.#addIndex(table, { name: name || (indexname ?? ''), columns: taken?.columns ?? columns, madeBy });
      if (contype === 'CONSTR_PRIMARY') for (const key of columns) setNotNull(table, key);
    } else if (contype === 'CONSTR_NOTNULL' && skip_validation !== true) {
      for (const key of columns) setNotNull(table, key);
    } else if (contype === 'CONSTR_CHECK' || contype === 'CONSTR_NOTNULL') {
      const notNull = contype === 'CONSTR_CHECK' ? wantedNotNull(constraint.raw_expr) : columns[0];
      table.checks.push({ name, notNull, validated: skip_validation !== true, madeBy });
    } else if (contype === 'CONSTR_FOREIGN') {
      const offset = statement.offset(constraint.location);
      table.foreignKeys.push({ columns: column === undefined ? strings(fk_attrs) : own, offset, madeBy });
    }
  }
}

/** An index's name without the schema: it is in its table's. */
function bare(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

function setNotNull(table: Table, name: string): void {
  const column = table.columns.get(name);
  if (column !== undefined) column.notNull = true;
}

/** The column of a check that says `column IS NOT NULL` and nothing else. */
function wantedNotNull(expression: Node | undefined): string | undefined {
  if (expression === undefined || !('NullTest' in expression)) return undefined;
  const { nulltesttype, arg } = expression.NullTest;
  if (nulltesttype !== 'IS_NOT_NULL' || arg === undefined || !('ColumnRef' in arg)) return undefined;
  return strings(arg.ColumnRef.fields).at(-1);
}
