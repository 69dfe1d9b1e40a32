import { type Catalog, SAMPLED } from './model.ts';
import type { Expected } from './reference.ts';

/** What is to be said of a column of vectors that takes any dimension. */
export interface Embeddings {
  readonly column: string;
  readonly ok: boolean;
  readonly says: string;
}

/**
 * Whether embeddings have their column's dimension. A type with a dimension holds that by itself; where it has none, the rows that
 * were looked at have to have the one that the migrations give the column, or else one and the same.
 */
export function embeddings({ dimensions }: Catalog, expected: readonly Expected[]): readonly Embeddings[] {
  const rows = `the first ${SAMPLED} rows and ${SAMPLED} of the last ones`;
  return dimensions.map(({ table, column, found }) => {
    const name = `${table}.${column}`;
    if (found === undefined)
      return {
        column: name,
        ok: true,
        says: `has no dimension, and its rows may not be read: GRANT SELECT ON ${table}`,
      };
    const wanted = expected.flatMap(({ object }) =>
      object.kind === 'column' && object.table === table && object.name === column
        ? (/\((\d+)\)$/.exec(object.type)?.[1] ?? [])
        : [],
    )[0];
    const wrong = found.filter((dimension) => wanted !== undefined && dimension !== Number(wanted));
    if (wrong.length > 0)
      return {
        column: name,
        ok: false,
        says: `holds embeddings of dimension ${wrong.join(', ')} instead of ${wanted} (${rows})`,
      };
    if (found.length > 1)
      return {
        column: name,
        ok: false,
        says: `holds embeddings of different dimensions: ${found.join(', ')} (${rows})`,
      };
    return { column: name, ok: true, says: `has no dimension; its embeddings have ${found[0] ?? 'none'} (${rows})` };
  });
}
