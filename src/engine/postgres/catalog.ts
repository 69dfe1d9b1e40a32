import pg from 'pg';
import type { Check } from '../engine.ts';
import type { Row } from './session.ts';
import type { State } from './state.ts';

const text = pg.escapeLiteral;

/** Needs no rights but to connect: the system catalogs are open to everyone. What an extension brought is the extension's. */
export function READ_COUNTS(schema = 'public'): string {
  return `SELECT count(*) FILTER (WHERE relkind IN ('r', 'p'))::int AS tables, count(*) FILTER (WHERE relkind = 'i')::int AS indexes
  FROM pg_catalog.pg_class AS c WHERE relnamespace = to_regnamespace(${text(schema)}) AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e')`;
}

/** pgvector is needed; uuid-ossp is made where it can be, and missed where it cannot: gen_random_uuid() is in the core. */
const EXTENSIONS = ['vector', 'uuid-ossp'];

/** Who may create an extension that is not trusted: superusers, and what the large clouds have in their place. */
const CLOUD_ADMINISTRATORS = ['rds_superuser', 'cloudsqlsuperuser', 'azure_pg_admin'];

export function HEALTH(schema: string | undefined): string {
  return `SELECT
  (SELECT jsonb_object_agg(name, jsonb_build_object('installed', installed_version, 'available', default_version))
    FROM pg_catalog.pg_available_extensions WHERE name IN (${EXTENSIONS.map(text).join(', ')})) AS extensions,
  ${schema === undefined ? 'false' : `has_schema_privilege(to_regnamespace(${text(schema)}), 'CREATE')`} AS may_create,
  EXISTS (SELECT FROM pg_catalog.pg_roles WHERE pg_has_role(oid, 'MEMBER')
    AND (rolname = current_user AND rolsuper OR rolname IN (${CLOUD_ADMINISTRATORS.map(text).join(', ')}))) AS may_extend`;
}

type Extensions = Readonly<Record<string, { readonly installed: string | null; readonly available: string }>>;

export function healthChecks(state: State, row: Row): readonly Check[] {
  const extensions = (row.extensions as Extensions | null) ?? {};
  const schema = state.schema ?? '(none)';
  return [
    { name: 'reachable', ok: true, detail: `database ${state.database} as ${state.user}` },
    { name: 'version', ok: true, detail: `PostgreSQL ${state.version}` },
    vectorCheck(extensions.vector, row.may_extend === true),
    { name: 'extension uuid-ossp', ok: true, detail: standing(extensions['uuid-ossp']) ?? 'not available; not needed' },
    {
      name: 'rights',
      ok: row.may_create === true,
      detail: `${row.may_create ? 'may' : 'may not'} create in schema ${schema}`,
      ...(row.may_create === true ? {} : { hint: `GRANT USAGE, CREATE ON SCHEMA ${schema} TO ${state.user}` }),
    },
    {
      name: 'writable',
      ok: !state.standby,
      detail: state.standby ? 'a read-only standby' : 'a primary',
      ...(state.standby ? { hint: 'point POSTGRES_HOST at the primary' } : {}),
    },
  ];
}

function vectorCheck(found: Extensions[string] | undefined, mayExtend: boolean): Check {
  const check = { name: 'extension vector', detail: standing(found) ?? 'not available on this server' };
  if (found === undefined)
    return {
      ...check,
      ok: false,
      hint: 'install pgvector on the database server (Debian and Ubuntu: apt install postgresql-<version>-pgvector)',
    };
  if (found.installed !== null || mayExtend) return { ...check, ok: true };
  return { ...check, ok: false, hint: 'once, as superuser, in this database: CREATE EXTENSION IF NOT EXISTS vector' };
}

function standing(found: Extensions[string] | undefined): string | undefined {
  if (found === undefined) return undefined;
  return found.installed === null ? `available ${found.available}, not installed yet` : `installed ${found.installed}`;
}
