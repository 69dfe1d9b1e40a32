import type { Database } from '../core/migration.ts';
import { deviationsOf } from './aspects.ts';
import { mendGraph } from './mend-graph.ts';
import { mendPostgres } from './mend-postgres.ts';
import { type Catalog, type CatalogObject, type Fault, keyOf, nameOf } from './model.ts';
import type { Expected } from './reference.ts';

export interface Difference {
  readonly database: Database;
  readonly is: 'missing' | 'different' | 'broken' | 'extra';
  readonly kind: CatalogObject['kind'];
  readonly name: string;
  /** For people: `is missing`, `has the type text instead of uuid`. */
  readonly says: string;
  /** Worth knowing, and no reason to fail. */
  readonly told: boolean;
  /** The migration that makes it. */
  readonly by?: string;
  /** Statements that mend it, for psql or cypher-shell, one after the other and outside of a transaction. */
  readonly mend: readonly string[];
  /** What the statements may meet. */
  readonly note?: string;
  readonly expected?: CatalogObject;
  readonly found?: CatalogObject;
}

/** How to bring one object to what it should be; `found` is undefined where it is missing. */
export interface Repairing {
  readonly expected: CatalogObject;
  readonly found: CatalogObject | undefined;
  /** It is made as it should be, and broken. */
  readonly same: boolean;
  /** Everything that should be there, and everything that is, by key. */
  readonly all: ReadonlyMap<string, CatalogObject>;
  readonly live: ReadonlyMap<string, CatalogObject>;
}

export interface Mending {
  readonly statements: readonly string[];
  readonly note?: string;
}

const FAULTS: Readonly<Record<Fault, string>> = {
  invalid: 'is INVALID',
  building: 'is still being built',
  failed: 'is FAILED',
  'not valid': 'is NOT VALID',
  disabled: 'is disabled',
};

/**
 * What a live database lacks or has otherwise, in an order in which it can be mended; last what it has besides.
 * `known` are the objects that any migration has to do with, those of pending ones too: none of them is extra.
 */
export function compare(
  { database, objects }: Catalog,
  expected: readonly Expected[],
  known: ReadonlySet<string>,
): readonly Difference[] {
  const live = new Map(objects.map((object) => [keyOf(object), object]));
  const all = new Map(expected.map(({ object }) => [keyOf(object), object]));
  const mend = database === 'postgres' ? mendPostgres : mendGraph;
  const renamed = new Set<string>();
  const differences = expected.flatMap(({ object, by }): readonly Difference[] => {
    const found = live.get(keyOf(object));
    if (found === undefined && isPartOfMissing(object, all, live)) return [];
    const same = found === undefined ? sameByAnotherName(object, objects, all) : undefined;
    if (same !== undefined) {
      renamed.add(keyOf(same));
      return [{ ...underAnotherName(same), database, kind: object.kind, name: nameOf(object), by, expected: object }];
    }
    const difference = differenceOf(object, found);
    if (difference === undefined) return [];
    const { statements, note } = mend({ expected: object, found, same: difference.is === 'broken', all, live });
    const base = { database, kind: object.kind, name: nameOf(object), by, mend: statements, expected: object };
    return [{ ...base, ...difference, ...(note && { note }), ...(found && { found }) }];
  });
  return [...differences, ...extras(database, objects, new Set([...known, ...renamed]), all)];
}

/** A constraint of the same table that demands the same: which name it has does not matter to what is written into the table. */
function sameByAnotherName(
  expected: CatalogObject,
  objects: readonly CatalogObject[],
  all: ReadonlyMap<string, CatalogObject>,
): CatalogObject | undefined {
  if (expected.kind !== 'constraint') return undefined;
  return objects.find(
    (object) =>
      object.kind === 'constraint' &&
      object.table === expected.table &&
      object.fault === undefined &&
      !all.has(keyOf(object)) &&
      deviationsOf(expected, object).length === 0,
  );
}

function underAnotherName(found: CatalogObject) {
  return { is: 'different', says: `is there under another name: ${found.name}`, told: true, mend: [], found } as const;
}

function differenceOf(
  expected: CatalogObject,
  found: CatalogObject | undefined,
): Pick<Difference, 'is' | 'says' | 'told'> | undefined {
  // An extension that nothing uses is made where it can be.
  if (found === undefined)
    return { is: 'missing', says: 'is missing', told: expected.kind === 'extension' && !expected.needed };
  const deviations = deviationsOf(expected, found);
  if (deviations.length > 0)
    return {
      is: 'different',
      says: deviations.map(({ says }) => says).join('; '),
      told: deviations.every(({ harmless }) => harmless),
    };
  return found.fault && { is: 'broken', says: FAULTS[found.fault], told: false };
}

/** What comes with its table, and with a serial column its sequence. */
function isPartOfMissing(
  object: CatalogObject,
  all: ReadonlyMap<string, CatalogObject>,
  live: ReadonlyMap<string, CatalogObject>,
): boolean {
  const lacks = (key: string) => all.has(key) && !live.has(key);
  if (object.kind === 'column') return lacks(`table ${object.table}`);
  if (object.kind !== 'sequence' || object.owner === undefined) return false;
  const { table, column } = object.owner;
  if (object.name !== `${table}_${column}_seq`) return false;
  return lacks(`table ${table}`) || lacks(`column ${table}.${column}`);
}

/** What no migration makes. An index that is of no use is a fault whoever made it. */
function extras(
  database: Database,
  objects: readonly CatalogObject[],
  known: ReadonlySet<string>,
  all: ReadonlyMap<string, CatalogObject>,
): readonly Difference[] {
  const strangers = objects.filter((object) => !known.has(keyOf(object)) && !isConstraintsIndex(object, all));
  const tables = new Set(strangers.flatMap((object) => (object.kind === 'table' ? [object.name] : [])));
  return objects.flatMap((object): readonly Difference[] => {
    const base = { database, kind: object.kind, name: nameOf(object), mend: [], found: object };
    const useless = (object.kind === 'index' || object.kind === 'graph index') && object.fault !== undefined;
    if (useless && !all.has(keyOf(object)))
      return [{ ...base, is: 'broken', says: FAULTS[object.fault ?? 'invalid'], told: false, ...mendOfIndex(object) }];
    // Extensions are the database's, not the schema's.
    if (!strangers.includes(object) || object.kind === 'extension') return [];
    const table = 'table' in object ? object.table : object.kind === 'sequence' ? object.owner?.table : undefined;
    if (table !== undefined && (tables.has(table) || object.kind === 'sequence')) return [];
    const fault = object.fault === undefined ? '' : `, and ${FAULTS[object.fault]}`;
    return [{ ...base, is: 'extra', says: `is made by no migration${fault}`, told: true }];
  });
}

function isConstraintsIndex(object: CatalogObject, all: ReadonlyMap<string, CatalogObject>): boolean {
  if (object.kind === 'graph index') return all.has(`graph constraint ${object.name}`);
  return object.kind === 'index' && all.has(`constraint ${object.table}.${object.constraint}`);
}

/** What REINDEX CONCURRENTLY leaves behind when it is cut off is a copy. */
function mendOfIndex(object: CatalogObject): Pick<Difference, 'mend' | 'note'> {
  if (object.fault === 'failed') return { mend: [], note: 'drop it, or its constraint, and create it again' };
  if (object.fault === 'building') return { mend: [], note: 'look again when it is done' };
  const copy = /_cc(?:new|old)\d*"?$/.test(object.name);
  return { mend: [copy ? `DROP INDEX CONCURRENTLY ${object.name}` : `REINDEX INDEX CONCURRENTLY ${object.name}`] };
}
