/** Types that PostgreSQL stores in the same way, and the names by which it knows them. */
const NAMES: Readonly<Record<string, string>> = {
  'character varying': 'varchar',
  'bit varying': 'varbit',
  integer: 'int4',
  bigint: 'int8',
};

/**
 * Whether a column keeps its rows as they are when its type changes: a limit that goes or grows, varchar to text and back.
 * What is not certain counts as written anew.
 */
export function keepsRows(from: string, to: string): boolean {
  const [old, wanted] = [parse(from), parse(to)];
  if (old.name === wanted.name && old.limits.join() === wanted.limits.join()) return true;
  const isText = ({ name }: Type) => name === 'varchar' || name === 'text';
  if (isText(old) && isText(wanted)) return grows(old.limits, wanted.limits);
  if (old.name !== wanted.name) return false;
  if (old.name === 'varbit') return grows(old.limits, wanted.limits);
  return old.name === 'numeric' && grows(old.limits, wanted.limits) && sameScale(old, wanted);
}

interface Type {
  readonly name: string;
  readonly limits: readonly number[];
}

function parse(type: string): Type {
  const [, name = type, limits = ''] = /^([^(]+)\(([\d,]+)\)$/.exec(type) ?? [];
  return { name: NAMES[name] ?? name, limits: limits === '' ? [] : limits.split(',').map(Number) };
}

/** No limit is the largest one. */
function grows(
  [old = Number.POSITIVE_INFINITY]: readonly number[],
  [wanted = Number.POSITIVE_INFINITY]: readonly number[],
): boolean {
  return wanted >= old;
}

function sameScale(old: Type, wanted: Type): boolean {
  return wanted.limits.length === 0 || (old.limits[1] ?? 0) === (wanted.limits[1] ?? 0);
}
