import pg from 'pg';
import { type CatalogObject, type Dimensions, SAMPLED } from '../../catalog/model.ts';
import type { Row } from './session.ts';

const text = pg.escapeLiteral;

/** What an extension brought is the extension's. */
const OWN = (catalog: string, oid: string) =>
  `NOT EXISTS (SELECT FROM pg_catalog.pg_depend WHERE classid = '${catalog}'::regclass AND objid = ${oid} AND deptype = 'e')`;

const OBJECT = (parts: Readonly<Record<string, string>>) =>
  `jsonb_strip_nulls(jsonb_build_object(${Object.entries(parts)
    .map(([name, expression]) => `'${name}', ${expression}`)
    .join(', ')}))`;

const NAME_OF = (oid: string) => `(SELECT quote_ident(relname) FROM pg_catalog.pg_class WHERE oid = ${oid})`;

const COLUMN_NAMES = (relation: string, numbers: string) =>
  `COALESCE((SELECT jsonb_agg(quote_ident(attname) ORDER BY place) FROM unnest(${numbers}) WITH ORDINALITY AS key (number, place)
    JOIN pg_catalog.pg_attribute ON attrelid = ${relation} AND attnum = number), '[]')`;

/** Each kind of object: the rows of a query with `oid` and `place`, by which they are ordered, and `object`. */
const KINDS: readonly string[] = [
  `SELECT oid, 0, ${OBJECT({
    kind: "'extension'",
    name: 'quote_ident(extname)',
    version: 'extversion',
    needed: `EXISTS (
      SELECT FROM pg_catalog.pg_depend AS member
        JOIN pg_catalog.pg_depend AS use ON use.refclassid = member.classid AND use.refobjid = member.objid
      WHERE member.refclassid = 'pg_extension'::regclass AND member.refobjid = e.oid AND member.deptype = 'e'
        AND use.deptype IN ('n', 'a') AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS whose
          WHERE whose.classid = use.classid AND whose.objid = use.objid AND whose.deptype = 'e'))`,
  })} FROM pg_catalog.pg_extension AS e WHERE extname <> 'plpgsql'`,

  `SELECT oid, 0, ${OBJECT({
    kind: "'type'",
    name: 'quote_ident(typname)',
    labels:
      '(SELECT jsonb_agg(enumlabel ORDER BY enumsortorder) FROM pg_catalog.pg_enum WHERE enumtypid = pg_type.oid)',
  })} FROM pg_catalog.pg_type, here WHERE typnamespace = nsp AND typtype = 'e' AND ${OWN('pg_type', 'pg_type.oid')}`,

  `SELECT relation.oid, 0, ${OBJECT({
    kind: "'sequence'",
    name: 'quote_ident(relname)',
    type: 'format_type(seqtypid, NULL)',
    owner: `(SELECT jsonb_build_object('table', ${NAME_OF('refobjid')}, 'column', quote_ident(attname))
      FROM pg_catalog.pg_depend JOIN pg_catalog.pg_attribute ON attrelid = refobjid AND attnum = refobjsubid
      WHERE classid = 'pg_class'::regclass AND objid = relation.oid AND refclassid = 'pg_class'::regclass AND deptype IN ('a', 'i'))`,
  })} FROM relation JOIN pg_catalog.pg_sequence ON seqrelid = relation.oid`,

  `SELECT oid, 0, ${OBJECT({
    kind: "'table'",
    name: 'quote_ident(relname)',
    partition: "CASE WHEN relkind = 'p' THEN pg_get_partkeydef(oid) END",
  })} FROM relation WHERE relkind IN ('r', 'p')`,

  `SELECT relation.oid, attnum, ${OBJECT({
    kind: "'column'",
    table: 'quote_ident(relname)',
    name: 'quote_ident(attname)',
    type: 'format_type(atttypid, atttypmod)',
    required: 'attnotnull',
    default: 'pg_get_expr(adbin, adrelid)',
    identity: "CASE attidentity WHEN 'a' THEN 'ALWAYS' WHEN 'd' THEN 'BY DEFAULT' END",
    generated: "CASE attgenerated WHEN 's' THEN 'STORED' WHEN 'v' THEN 'VIRTUAL' END",
  })} FROM relation JOIN pg_catalog.pg_attribute ON attrelid = relation.oid
    LEFT JOIN pg_catalog.pg_attrdef ON adrelid = attrelid AND adnum = attnum
  WHERE relkind IN ('r', 'p') AND attnum > 0 AND NOT attisdropped`,

  // NOT NULL is part of the column; PostgreSQL 18 also lists it as a constraint (contype n).
  `SELECT c.oid, 0, ${OBJECT({
    kind: "'constraint'",
    table: 'quote_ident(relname)',
    name: 'quote_ident(conname)',
    type: "CASE contype WHEN 'p' THEN 'primary key' WHEN 'u' THEN 'unique' WHEN 'f' THEN 'foreign key' WHEN 'c' THEN 'check' ELSE 'exclude' END",
    definition: "regexp_replace(pg_get_constraintdef(c.oid, true), ' NOT VALID$', '')",
    columns: COLUMN_NAMES('conrelid', 'conkey'),
    references: NAME_OF('confrelid'),
    fault: "CASE WHEN NOT convalidated THEN 'not valid' END",
  })} FROM relation JOIN pg_catalog.pg_constraint AS c ON conrelid = relation.oid WHERE contype IN ('p', 'u', 'f', 'c', 'x')`,

  `SELECT relation.oid, 0, ${OBJECT({
    kind: "'index'",
    table: NAME_OF('indrelid'),
    name: 'quote_ident(relname)',
    definition: 'pg_get_indexdef(relation.oid, 0, true)',
    columns: COLUMN_NAMES('indrelid', 'indkey::int2[]'),
    constraint:
      "(SELECT quote_ident(conname) FROM pg_catalog.pg_constraint WHERE conindid = relation.oid AND conrelid = indrelid AND contype IN ('p', 'u', 'x'))",
    fault: `CASE WHEN indisvalid THEN NULL
      WHEN EXISTS (SELECT FROM pg_catalog.pg_stat_progress_create_index AS p WHERE p.index_relid = relation.oid) THEN 'building'
      ELSE 'invalid' END`,
  })} FROM relation JOIN pg_catalog.pg_index ON indexrelid = relation.oid, mine
  WHERE indrelid IS DISTINCT FROM mine.history`,

  `SELECT p.oid, 0, ${OBJECT({
    kind: "'function'",
    name: "format('%I(%s)', proname, oidvectortypes(proargtypes))",
    arguments: 'pg_get_function_arguments(p.oid)',
    result: "COALESCE(pg_get_function_result(p.oid), '')",
    // Its head always has the schema's name.
    definition:
      "replace(pg_get_functiondef(p.oid), format(' %s.%I(', nsp::regnamespace, proname), format(' %I(', proname))",
  })} FROM pg_catalog.pg_proc AS p, here
  WHERE pronamespace = nsp AND prokind IN ('f', 'p') AND ${OWN('pg_proc', 'p.oid')}`,

  `SELECT oid, 0, ${OBJECT({
    kind: "'view'",
    name: 'quote_ident(relname)',
    materialized: "relkind = 'm'",
    columns: `(SELECT jsonb_agg(format('%I %s', attname, format_type(atttypid, atttypmod)) ORDER BY attnum)
      FROM pg_catalog.pg_attribute WHERE attrelid = relation.oid AND attnum > 0 AND NOT attisdropped)`,
    definition: "rtrim(pg_get_viewdef(oid, true), ';')",
  })} FROM relation WHERE relkind IN ('v', 'm')`,

  `SELECT t.oid, 0, ${OBJECT({
    kind: "'trigger'",
    table: 'quote_ident(relname)',
    name: 'quote_ident(tgname)',
    definition: 'pg_get_triggerdef(t.oid, true)',
    fault: "CASE WHEN tgenabled = 'D' THEN 'disabled' END",
  })} FROM relation JOIN pg_catalog.pg_trigger AS t ON tgrelid = relation.oid WHERE NOT tgisinternal`,
];

/**
 * A query in a transaction of its own that can write nothing. Its search_path makes the server write the schema's names without
 * the schema, those of extensions too: what is compared is the objects' own names, wherever they stand.
 */
function READING(schema: string, query: string): string {
  const name = text(schema);
  return `BEGIN READ ONLY;
SELECT set_config('search_path', concat_ws(', ', ${name}, (
  SELECT string_agg(DISTINCT extnamespace::regnamespace::text, ', ') FROM pg_catalog.pg_extension
  WHERE extnamespace NOT IN ('pg_catalog'::regnamespace, COALESCE(to_regnamespace(${name}), 0)))), true);
${query};
COMMIT`;
}

/** Everything in the schema, as one JSON list. Needs no rights but to connect: the system catalogs are open to everyone. */
export function READ_OBJECTS(schema = 'public'): string {
  return READING(
    schema,
    `WITH here AS (SELECT to_regnamespace(${text(schema)})::oid AS nsp),
mine AS (SELECT (SELECT oid FROM pg_catalog.pg_class, here WHERE relnamespace = nsp AND relname = 'migrations') AS history),
relation AS (
  SELECT c.oid, relname, relkind FROM pg_catalog.pg_class AS c, here, mine
  WHERE relnamespace = nsp AND relkind IN ('r', 'p', 'v', 'm', 'S', 'i', 'I') AND ${OWN('pg_class', 'c.oid')}
    AND c.oid IS DISTINCT FROM history AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend
      WHERE classid = 'pg_class'::regclass AND objid = c.oid AND refclassid = 'pg_class'::regclass
        AND refobjid = history AND deptype IN ('a', 'i'))
)
SELECT COALESCE(jsonb_agg(object ORDER BY oid, place), '[]') AS objects FROM (
${KINDS.join('\nUNION ALL\n')}
) AS everything (oid, place, object)`,
  );
}

export function toObjects(row: Row | undefined): readonly CatalogObject[] {
  const objects = (row?.objects as CatalogObject[] | undefined) ?? [];
  return objects.filter((object) => object.kind !== 'index' || object.constraint === undefined || object.fault);
}

type ColumnName = Pick<Dimensions, 'table' | 'column'>;

/** Columns of vectors whose type does not say how many dimensions they have. */
export function withoutDimension(objects: readonly CatalogObject[]): readonly ColumnName[] {
  return objects.flatMap((object) =>
    object.kind === 'column' && ['vector', 'halfvec'].includes(object.type)
      ? [{ table: object.table, column: object.name }]
      : [],
  );
}

/**
 * The dimensions among a table's first rows and those of its last pages, where the newest ones are: SAMPLED of each at most,
 * however large it is. 42501 where the user may not read the table.
 */
export function READ_DIMENSIONS(schema: string | undefined, { table, column }: ColumnName): string {
  const [vectors, from] = [`SELECT ${column} AS v`, `FROM ${table}`];
  const pages = `pg_relation_size(${text(table)}) / current_setting('block_size')::bigint`;
  return READING(
    schema ?? 'public',
    `SELECT jsonb_agg(DISTINCT vector_dims(v)) AS found FROM (
  (${vectors} ${from} LIMIT ${SAMPLED})
  UNION ALL (${vectors} ${from} WHERE ctid >= format('(%s,0)', GREATEST(${pages} - 100, 0))::tid LIMIT ${SAMPLED})
) AS sample WHERE v IS NOT NULL`,
  );
}
