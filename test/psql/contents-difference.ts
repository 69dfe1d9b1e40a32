import type { DatabaseContents } from './database-contents.ts';

/** Rows of one table that a report prints. */
const MOST = 5;

/** What differs, a text for each object and each table; none if the contents are equal. `names`: of the two sides. */
export function differences(
  left: DatabaseContents,
  right: DatabaseContents,
  names: readonly [string, string],
): readonly string[] {
  const found: string[] = [];
  for (const title of union(left.objects, right.objects)) {
    const [a, b] = [left.objects.get(title), right.objects.get(title)];
    if (a !== b) found.push(`${title}\n${sides(a?.split('\n') ?? [], b?.split('\n') ?? [], names)}`);
  }
  for (const table of union(left.rows, right.rows)) {
    const [a = [], b = []] = [left.rows.get(table), right.rows.get(table)];
    if (a.join('\n') !== b.join('\n')) found.push(`rows of ${table}\n${sides(a, b, names)}`);
  }
  return found;
}

/**
 * The same contents without the columns of which two equal runs give different values: random numbers, identifiers and times.
 * `first` and `second` are the contents after these two runs.
 */
export function withoutVolatile(
  first: DatabaseContents,
  second: DatabaseContents,
): { readonly columns: readonly string[]; strip(contents: DatabaseContents): DatabaseContents } {
  const volatile = new Map(
    [...first.rows].map(([table, rows]) => [table, changing(rows, second.rows.get(table) ?? [])]),
  );
  return {
    columns: [...volatile].flatMap(([table, columns]) => columns.map((column) => `${table}.${column}`)),
    strip: ({ objects, rows }) => ({
      objects,
      rows: new Map([...rows].map(([table, rows]) => [table, stripped(rows, volatile.get(table) ?? [])])),
    }),
  };
}

function changing(first: readonly string[], second: readonly string[]): readonly string[] {
  if (first.join('\n') === second.join('\n')) return [];
  const values = (rows: readonly Row[], column: string) =>
    JSON.stringify(rows.map((row) => JSON.stringify(row[column])).sort());
  const [a, b] = [first.map(parsed), second.map(parsed)];
  return Object.keys(a[0] ?? {}).filter((column) => values(a, column) !== values(b, column));
}

function stripped(rows: readonly string[], columns: readonly string[]): readonly string[] {
  if (columns.length === 0) return rows;
  const kept = rows.map((row) => Object.entries(parsed(row)).filter(([column]) => !columns.includes(column)));
  return kept.map((entries) => JSON.stringify(Object.fromEntries(entries))).sort();
}

type Row = Readonly<Record<string, unknown>>;

function parsed(row: string): Row {
  return JSON.parse(row) as Row;
}

function union(a: ReadonlyMap<string, unknown>, b: ReadonlyMap<string, unknown>): Iterable<string> {
  return new Set([...a.keys(), ...b.keys()]);
}

function sides(a: readonly string[], b: readonly string[], [left, right]: readonly [string, string]): string {
  return [...only(a, b).map((line) => `  ${left}: ${line}`), ...only(b, a).map((line) => `  ${right}: ${line}`)].join(
    '\n',
  );
}

/** The lines that are in `lines` more often than in `others`. */
function only(lines: readonly string[], others: readonly string[]): readonly string[] {
  const counts = Map.groupBy(others, (line) => line);
  const left = lines.filter((line) => counts.get(line)?.pop() === undefined);
  return left.length > MOST ? [...left.slice(0, MOST), `… and ${left.length - MOST} more`] : left;
}
