/** A column's type, as the parser gives it. */
export interface ColumnType {
  /** As the catalog has it: int4, bpchar, timestamptz; `serial` and the like as they are written. */
  readonly name: string;
  readonly modifiers: readonly number[];
  readonly isArray: boolean;
}

/** Names that `format_type` spells out. */
const SPELLED: Readonly<Record<string, string>> = {
  'character varying': 'varchar',
  character: 'bpchar',
  'bit varying': 'varbit',
  smallint: 'int2',
  integer: 'int4',
  bigint: 'int8',
  real: 'float4',
  'double precision': 'float8',
  boolean: 'bool',
  'time without time zone': 'time',
  'time with time zone': 'timetz',
  'timestamp without time zone': 'timestamp',
  'timestamp with time zone': 'timestamptz',
};

/** A type as `format_type` prints it: `timestamp(3) with time zone[]`. */
export function parseColumnType(text: string): ColumnType {
  const [, begin = text, modifiers = '', end = '', array = ''] =
    /^([^([]+?)(?:\(([\d,]+)\))?( with(?:out)? time zone)?(\[\])*$/.exec(text) ?? [];
  const spelled = `${begin}${end}`;
  return {
    name: SPELLED[spelled] ?? spelled.slice(spelled.lastIndexOf('.') + 1),
    modifiers: modifiers === '' ? [] : modifiers.split(',').map(Number),
    isArray: array !== '',
  };
}

/** Types whose values PostgreSQL takes as those of another type without a look at them; pg_cast has them with castmethod b. */
const SAME_BYTES: Readonly<Record<string, readonly string[]>> = {
  varchar: ['text', 'bpchar'],
  text: ['varchar', 'bpchar'],
  xml: ['text', 'varchar', 'bpchar'],
  cidr: ['inet'],
  bit: ['varbit'],
  int4: ['oid'],
  oid: ['int4', 'regclass', 'regproc', 'regtype'],
};

/** Types whose modifier may grow without a look at the rows. */
const GROWING = new Set(['varchar', 'varbit', 'numeric', 'time', 'timetz', 'timestamp', 'timestamptz']);

/**
 * Whether a column keeps its rows as they are when its type changes without USING: PostgreSQL changes the catalog alone. What is not
 * certain counts as a rewrite. test/plan/catalog-facts.test.ts compares it with a real server.
 */
export function keepsRows(from: ColumnType, to: ColumnType): boolean {
  if (from.isArray !== to.isArray) return false;
  if (from.name !== to.name)
    return !to.isArray && to.modifiers.length === 0 && (SAME_BYTES[from.name]?.includes(to.name) ?? false);
  // Without a modifier every value of the type fits.
  if (to.modifiers.length === 0 || String(from.modifiers) === String(to.modifiers)) return true;
  if (to.isArray || !GROWING.has(to.name)) return false;
  const [[size, scale = 0], [newSize = 0, newScale = 0]] = [from.modifiers, to.modifiers];
  return size !== undefined && newSize >= size && newScale === scale;
}
