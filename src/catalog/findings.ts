import type { Database } from '../core/migration.ts';
import type { Difference } from './compare.ts';
import { type Catalog, type CatalogObject, nameOf } from './model.ts';

/** One thing that was looked at: whether it is as it should be, and the names of what is there, or what is wrong. */
export interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly detail: readonly string[];
}

type Kind = CatalogObject['kind'];

interface Check {
  readonly check: string;
  readonly database: Database;
  readonly covers: (object: Pick<CatalogObject, 'kind' | 'name'>) => boolean;
  /** What to say where none is there and there should be; undefined where a schema may do without. */
  readonly none?: string;
}

const of =
  (...kinds: readonly Kind[]) =>
  ({ kind }: { readonly kind: Kind }) =>
    kinds.includes(kind);
const isIdx = (object: Pick<CatalogObject, 'kind' | 'name'>) =>
  object.kind === 'index' && object.name.startsWith('idx_');

/** The guide's come first, as it names them; then what else a schema is made of. */
const CHECKS: readonly Check[] = [
  { check: 'tables', database: 'postgres', covers: of('table'), none: 'there is no table' },
  {
    check: 'vector extension',
    database: 'postgres',
    covers: ({ kind, name }) => kind === 'extension' && name === 'vector',
    none: 'not installed: CREATE EXTENSION vector',
  },
  { check: 'idx_ indexes', database: 'postgres', covers: isIdx, none: 'there is no index' },
  { check: 'other indexes', database: 'postgres', covers: (object) => object.kind === 'index' && !isIdx(object) },
  { check: 'columns', database: 'postgres', covers: of('column', 'sequence', 'type') },
  { check: 'constraints', database: 'postgres', covers: of('constraint'), none: 'there is no constraint' },
  { check: 'functions', database: 'postgres', covers: of('function'), none: 'there is no function' },
  { check: 'views', database: 'postgres', covers: of('view') },
  { check: 'triggers', database: 'postgres', covers: of('trigger') },
  { check: 'neo4j indexes', database: 'neo4j', covers: of('graph index'), none: 'there is no index' },
  { check: 'neo4j constraints', database: 'neo4j', covers: of('graph constraint'), none: 'there is no constraint' },
];

/** What was looked at in a database, by what was found to be otherwise than it should. */
export function findingsOf({ database, objects }: Catalog, differences: readonly Difference[]): readonly Finding[] {
  return CHECKS.filter((check) => check.database === database).flatMap(
    ({ check, covers, none }): readonly Finding[] => {
      const wrong = differences.filter((difference) => !difference.told && covers(difference));
      if (wrong.length > 0) return [{ check, ok: false, detail: wrong.map(sentence) }];
      const there = objects.filter(covers);
      const names = check === 'columns' ? countsOf(there) : there.map(label).sort();
      if (names.length > 0) return [{ check, ok: true, detail: names }];
      return none === undefined ? [] : [{ check, ok: false, detail: [none] }];
    },
  );
}

/** Table by table: nobody reads the names of all columns. */
function countsOf(objects: readonly CatalogObject[]): readonly string[] {
  const columns = objects.flatMap((object) => (object.kind === 'column' ? [object.table] : []));
  const tables = [...new Set(columns)].sort();
  return tables.map((table) => `${table}: ${columns.filter((each) => each === table).length}`);
}

function label(object: CatalogObject): string {
  return object.kind === 'extension' ? `${object.name} ${object.version}` : nameOf(object);
}

/** A difference as a sentence, with the migration that makes the object. */
export function sentence({ name, says, by }: Difference): string {
  return `${name} ${says}${by === undefined ? '' : ` (${by})`}`;
}
