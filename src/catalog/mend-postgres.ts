import type { Mending, Repairing } from './compare.ts';
import type {
  CatalogObject,
  Column,
  Constraint,
  EnumType,
  Index,
  Routine,
  Sequence,
  Table,
  Trigger,
  View,
} from './model.ts';

const SUPERUSER = 'pgvector is no trusted extension: as a superuser';
const FILLED = 'fails on a table with rows: add the column without NOT NULL then, fill it, and SET NOT NULL';
const REWRITES =
  'reads or writes the whole table under an exclusive lock; a view that shows the column has to go first';
const READS = 'is refused where rows break it: mend those first';
const BUILDING = 'it is being built: look again when it is done';

/** The statements that bring an object of PostgreSQL to what it should be, by the reference's own definitions. */
export function mendPostgres(repairing: Repairing): Mending {
  const { expected, found, same, all, live } = repairing;
  switch (expected.kind) {
    case 'extension':
      return {
        statements: [`CREATE EXTENSION IF NOT EXISTS ${expected.name}`],
        ...(expected.name === 'vector' && { note: SUPERUSER }),
      };
    case 'type':
      return { statements: mendType(expected, found as EnumType | undefined) };
    case 'sequence':
      return { statements: mendSequence(expected, found as Sequence | undefined, live) };
    case 'table':
      return mendTable(expected, found as Table | undefined, all);
    case 'column':
      return found === undefined ? addColumn(expected, all) : alterColumn(expected, found as Column);
    case 'constraint':
      return mendConstraint(expected, found, same);
    case 'index':
      return mendIndex(expected, repairing);
    case 'function':
      return { statements: mendFunction(expected, found as Routine | undefined) };
    case 'view':
      return { statements: mendView(expected, found as View | undefined) };
    case 'trigger':
      return { statements: mendTrigger(expected, found, same) };
    default:
      return { statements: [] };
  }
}

function mendType({ name, labels }: EnumType, found: EnumType | undefined): readonly string[] {
  const literal = (label: string) => `'${label.replaceAll("'", "''")}'`;
  if (found === undefined) return [`CREATE TYPE ${name} AS ENUM (${labels.map(literal).join(', ')})`];
  return labels.flatMap((label, at) => {
    if (found.labels.includes(label)) return [];
    // Those in front of it are there by then.
    const before = labels[at - 1];
    const next = labels.find((other) => found.labels.includes(other));
    const place =
      before !== undefined ? ` AFTER ${literal(before)}` : next === undefined ? '' : ` BEFORE ${literal(next)}`;
    return [`ALTER TYPE ${name} ADD VALUE IF NOT EXISTS ${literal(label)}${place}`];
  });
}

function mendSequence(
  { name, type, owner }: Sequence,
  found: Sequence | undefined,
  live: Repairing['live'],
): readonly string[] {
  const owned = owner === undefined ? [] : [`ALTER SEQUENCE ${name} OWNED BY ${owner.table}.${owner.column}`];
  if (found !== undefined) return [`ALTER SEQUENCE ${name} AS ${type}`, ...owned];
  const create = `CREATE SEQUENCE ${name} AS ${type}`;
  if (owner === undefined || !live.has(`column ${owner.table}.${owner.column}`)) return [create];
  // It goes on behind the numbers that are there.
  const next = `SELECT COALESCE(max(${owner.column}), 0) + 1 FROM ${owner.table}`;
  return [create, ...owned, `SELECT setval('${name}', (${next}), false)`];
}

function mendTable({ name, partition }: Table, found: Table | undefined, all: Repairing['all']): Mending {
  if (found !== undefined)
    return { statements: [], note: 'a table cannot be given another partition key: make it anew' };
  const columns = columnsOf(name, all).map((column) => `  ${columnText(column, all)}`);
  const by = partition === undefined ? '' : ` PARTITION BY ${partition}`;
  return { statements: [`CREATE TABLE ${name} (\n${columns.join(',\n')}\n)${by}`] };
}

function columnsOf(table: string, all: Repairing['all']): readonly Column[] {
  return [...all.values()].filter((object): object is Column => object.kind === 'column' && object.table === table);
}

function addColumn(column: Column, all: Repairing['all']): Mending {
  const statements = [`ALTER TABLE ${column.table} ADD COLUMN ${columnText(column, all)}`];
  const filled = column.default !== undefined || column.identity !== undefined || !column.required;
  return { statements, ...(filled ? {} : { note: FILLED }) };
}

/** As CREATE TABLE has it; what a serial column stands for is written as serial. */
function columnText(column: Column, all: Repairing['all']): string {
  const required = column.required ? ' NOT NULL' : '';
  const serial = serialOf(column, all);
  if (serial !== undefined) return `${column.name} ${serial}${required}`;
  return `${column.name} ${column.type}${made(column)}${required}`;
}

function made({ generated, identity, default: expression }: Column): string {
  if (generated !== undefined) return ` GENERATED ALWAYS AS (${expression}) ${generated}`;
  if (identity !== undefined) return ` GENERATED ${identity} AS IDENTITY`;
  return expression === undefined ? '' : ` DEFAULT ${expression}`;
}

const SERIALS: Readonly<Record<string, string>> = { smallint: 'smallserial', integer: 'serial', bigint: 'bigserial' };

function serialOf({ table, name, type, default: expression }: Column, all: Repairing['all']): string | undefined {
  const sequence = all.get(`sequence ${table}_${name}_seq`);
  const owner = sequence?.kind === 'sequence' ? sequence.owner : undefined;
  const numbers = owner?.table === table && owner.column === name;
  return numbers && expression === `nextval('${table}_${name}_seq'::regclass)` ? SERIALS[type] : undefined;
}

function alterColumn(column: Column, found: Column): Mending {
  const { table, name, type } = column;
  const alter = (what: string) => `ALTER TABLE ${table} ALTER COLUMN ${name} ${what}`;
  if (column.generated !== found.generated || (column.generated && column.default !== found.default))
    // What it holds is made of other columns, and so is not lost.
    return column.generated === undefined
      ? { statements: [alter('DROP EXPRESSION')] }
      : {
          statements: [
            `ALTER TABLE ${table} DROP COLUMN ${name}`,
            `ALTER TABLE ${table} ADD COLUMN ${name} ${type}${made(column)}`,
          ],
        };
  const retyped = type !== found.type;
  // A default that the new type cannot take would stop the change of the type.
  const redefaulted = column.default !== found.default || (retyped && column.default !== undefined);
  const statements = [
    ...(found.identity !== undefined && column.identity !== found.identity ? [alter('DROP IDENTITY')] : []),
    ...(redefaulted && found.default !== undefined ? [alter('DROP DEFAULT')] : []),
    ...(retyped ? [alter(`TYPE ${type} USING ${name}::${type}`)] : []),
    ...(redefaulted && column.default !== undefined ? [alter(`SET DEFAULT ${column.default}`)] : []),
    // A stricter column stays as it is.
    ...(column.required && !found.required ? [alter('SET NOT NULL')] : []),
    ...(column.identity !== undefined && column.identity !== found.identity
      ? [alter(`ADD GENERATED ${column.identity} AS IDENTITY`)]
      : []),
  ];
  const note = retyped ? REWRITES : column.required && !found.required ? READS : undefined;
  return { statements, ...(note && { note }) };
}

function mendConstraint({ table, name, definition }: Constraint, found: unknown, same: boolean): Mending {
  const add = `ADD CONSTRAINT ${name} ${definition}`;
  const change = found === undefined ? add : same ? `VALIDATE CONSTRAINT ${name}` : `DROP CONSTRAINT ${name}, ${add}`;
  return { statements: [`ALTER TABLE ${table} ${change}`], note: READS };
}

function mendIndex({ table, name, definition }: Index, { found, same, live }: Repairing): Mending {
  if (found?.fault === 'building') return { statements: [], note: BUILDING };
  if (same) return { statements: [`REINDEX INDEX CONCURRENTLY ${name}`] };
  // Nobody waits for a table that is not there yet.
  const create = live.has(`table ${table}`) ? definition.replace(/ INDEX /, ' INDEX CONCURRENTLY ') : definition;
  return { statements: [...(found === undefined ? [] : [`DROP INDEX CONCURRENTLY ${name}`]), create] };
}

/** CREATE OR REPLACE takes neither another result nor other names of the arguments. */
function mendFunction(routine: Routine, found: Routine | undefined): readonly string[] {
  const other = found !== undefined && (found.arguments !== routine.arguments || found.result !== routine.result);
  return [...(other ? [`DROP FUNCTION ${routine.name}`] : []), routine.definition.trim()];
}

/** CREATE OR REPLACE takes no other columns. */
function mendView({ name, materialized, columns, definition }: View, found: View | undefined): readonly string[] {
  const kind = materialized ? 'MATERIALIZED VIEW' : 'VIEW';
  const other = found !== undefined && (materialized || found.materialized || `${found.columns}` !== `${columns}`);
  const drop = other ? [`DROP ${found.materialized ? 'MATERIALIZED VIEW' : 'VIEW'} ${name}`] : [];
  return [...drop, `CREATE ${materialized ? '' : 'OR REPLACE '}${kind} ${name} AS\n${definition}`];
}

function mendTrigger(
  { table, name, definition }: Trigger,
  found: CatalogObject | undefined,
  same: boolean,
): readonly string[] {
  const enable = found?.fault === undefined ? [] : [`ALTER TABLE ${table} ENABLE TRIGGER ${name}`];
  if (found === undefined) return [definition];
  if (same) return enable;
  const replace = definition.replace(/^CREATE TRIGGER /, 'CREATE OR REPLACE TRIGGER ');
  // Constraint triggers have no OR REPLACE.
  return replace === definition ? [`DROP TRIGGER ${name} ON ${table}`, definition] : [replace, ...enable];
}
