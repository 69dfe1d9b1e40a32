import pg from 'pg';
import type { Catalog, Check } from '../engine.ts';
import type { Row } from './session.ts';
import type { State } from './state.ts';

const text = pg.escapeLiteral;

/** Objects that belong to an extension are the extension's, not the schema's. */
const NOT_OF_EXTENSION = (catalog: string, oid: string) =>
  `NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = '${catalog}'::regclass AND d.objid = ${oid} AND d.deptype = 'e')`;

/** Needs no rights but to connect: the system catalogs are open to everyone. */
export function READ_CATALOG(schema = 'public'): string {
  const here = `to_regnamespace(${text(schema)})`;
  return `SELECT
  (SELECT jsonb_agg(relname ORDER BY relname) FROM pg_catalog.pg_class c
    WHERE relnamespace = ${here} AND relkind IN ('r', 'p') AND ${NOT_OF_EXTENSION('pg_class', 'c.oid')}) AS tables,
  (SELECT jsonb_agg(jsonb_build_object('name', c.relname,
      'state', CASE WHEN i.indisvalid THEN 'ok'
        WHEN EXISTS (SELECT FROM pg_catalog.pg_stat_progress_create_index p WHERE p.index_relid = c.oid) THEN 'building'
        ELSE 'invalid' END) ORDER BY c.relname)
    FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
    WHERE c.relnamespace = ${here} AND c.relkind = 'i') AS indexes,
  (SELECT jsonb_agg(conname ORDER BY conname) FROM pg_catalog.pg_constraint
    WHERE connamespace = ${here} AND contype IN ('c', 'f', 'p', 'u', 'x')) AS constraints,
  (SELECT jsonb_agg(p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')' ORDER BY p.proname)
    FROM pg_catalog.pg_proc p
    WHERE p.pronamespace = ${here} AND ${NOT_OF_EXTENSION('pg_proc', 'p.oid')}) AS functions,
  (SELECT jsonb_agg(jsonb_build_object('name', extname, 'version', extversion) ORDER BY extname)
    FROM pg_catalog.pg_extension) AS extensions`;
}

export function toCatalog(row: Row): Catalog {
  const list = <T>(value: unknown) => (value as T[] | null | undefined) ?? [];
  return {
    tables: list(row.tables),
    indexes: list(row.indexes),
    constraints: list(row.constraints),
    functions: list(row.functions),
    extensions: list(row.extensions),
  };
}

/** The extensions of the guide's prerequisites. */
const EXTENSIONS = ['vector', 'uuid-ossp'];

export function HEALTH(schema: string | undefined): string {
  return `SELECT
  (SELECT jsonb_object_agg(name, jsonb_build_object('installed', installed_version, 'available', default_version))
    FROM pg_catalog.pg_available_extensions WHERE name IN (${EXTENSIONS.map(text).join(', ')})) AS extensions,
  ${schema === undefined ? 'false' : `has_schema_privilege(to_regnamespace(${text(schema)}), 'CREATE')`} AS may_create,
  has_database_privilege(pg_catalog.current_database(), 'CREATE') AS may_extend`;
}

export function healthChecks(state: State, row: Row): readonly Check[] {
  const extensions = (row.extensions as Record<string, { installed: string | null; available: string }> | null) ?? {};
  return [
    { name: 'reachable', ok: true, detail: `database ${state.database} as ${state.user}` },
    { name: 'version', ok: true, detail: `PostgreSQL ${state.version}` },
    ...EXTENSIONS.map((name) => extensionCheck(name, extensions[name])),
    {
      name: 'rights',
      ok: row.may_create === true,
      detail: `${row.may_create ? 'may' : 'may not'} create in schema ${state.schema ?? '(none)'}; ${row.may_extend ? 'may' : 'may not'} create extensions that are trusted`,
      ...(row.may_create === true
        ? {}
        : { hint: `GRANT USAGE, CREATE ON SCHEMA ${state.schema ?? 'public'} TO ${state.user}` }),
    },
    {
      name: 'writable',
      ok: !state.standby,
      detail: state.standby ? 'a read-only standby' : 'a primary',
      ...(state.standby ? { hint: 'point POSTGRES_HOST at the primary' } : {}),
    },
  ];
}

function extensionCheck(name: string, found: { installed: string | null; available: string } | undefined): Check {
  if (found === undefined)
    return {
      name: `extension ${name}`,
      ok: false,
      detail: 'not available on this server',
      hint:
        name === 'vector'
          ? 'install pgvector on the database server (Debian and Ubuntu: apt install postgresql-<version>-pgvector)'
          : 'install postgresql-contrib on the database server',
    };
  return {
    name: `extension ${name}`,
    ok: true,
    detail:
      found.installed === null ? `available ${found.available}, not installed yet` : `installed ${found.installed}`,
  };
}
