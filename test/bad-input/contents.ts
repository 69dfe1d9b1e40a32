import type { EmptyNeo4j, FreshDatabase } from '../servers/databases.ts';

/** What two looks at a database can be compared by. */
interface Contents {
  readonly objects: readonly string[];
  /** By table or by label. */
  readonly rows: Readonly<Record<string, unknown>>;
}

const USERS = "nspname !~ '^pg_' AND nspname <> 'information_schema'";
const OBJECTS = `
  SELECT 'schema ' || nspname AS object FROM pg_namespace WHERE ${USERS}
  UNION ALL SELECT 'extension ' || extname FROM pg_extension
  UNION ALL SELECT 'relation ' || c.oid::regclass || ' ' || relkind::text
    FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE ${USERS}
  UNION ALL SELECT 'function ' || p.oid::regprocedure
    FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace WHERE ${USERS}
  UNION ALL SELECT 'type ' || t.oid::regtype FROM pg_type t JOIN pg_namespace n ON n.oid = typnamespace WHERE ${USERS}
  ORDER BY 1`;
const TABLES = `SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
  WHERE ${USERS} AND relkind = 'r' ORDER BY 1`;

/** Every object of a PostgreSQL database and every row of its tables, the history among them. */
export async function contentsOf(database: FreshDatabase): Promise<Contents> {
  const objects = await database.asSuperuser<{ object: string }>(OBJECTS);
  const tables = await database.asSuperuser<{ name: string }>(TABLES);
  const rows = tables.map(({ name }) => `'${name}', (SELECT jsonb_agg(to_jsonb(t)) FROM ${name} t)`);
  const [all] = await database.asSuperuser<{ rows: Record<string, unknown> }>(
    `SELECT jsonb_build_object(${rows.join(', ')}) AS rows`,
  );
  return { objects: objects.map(({ object }) => object), rows: all?.rows ?? {} };
}

/** The names of files that stand in a PostgreSQL history, in the order in which they were written; none where there is no table. */
export async function historyOf(database: FreshDatabase): Promise<readonly string[]> {
  const { rows } = await contentsOf(database);
  const history = (rows.migrations ?? []) as readonly { readonly id: number; readonly filename: string }[];
  return history.toSorted((a, b) => a.id - b.id).map(({ filename }) => filename);
}

/** The same of a graph, without the locks, which every run that wants to write takes. */
export async function contentsOfGraph({ run }: EmptyNeo4j): Promise<Contents> {
  const ours = "NOT name STARTS WITH '_migration_'";
  const objects = [
    ...(await run<{ name: string }>(`SHOW INDEXES YIELD name WHERE ${ours}`)),
    ...(await run<{ name: string }>(`SHOW CONSTRAINTS YIELD name WHERE ${ours}`)),
  ];
  const nodes = await run<{ labels: string[]; nodes: unknown[] }>(
    'MATCH (n) WHERE NOT n:_MigrationLease AND NOT n:_MigrationBootstrap RETURN labels(n) AS labels, collect(properties(n)) AS nodes',
  );
  const [links] = await run<{ links: number }>(
    "MATCH ()-[r]->() WHERE type(r) <> '_MIGRATION_OF' RETURN count(r) AS links",
  );
  const byLabels = nodes.map(({ labels, nodes }) => [labels.toSorted().join(':'), nodes]);
  return { objects: objects.map(({ name }) => name).sort(), rows: { ...Object.fromEntries(byLabels), ...links } };
}
