import type { FreshDatabase } from '../servers/databases.ts';
import type { ClientPrograms } from './client-programs.ts';

/** The objects and rows of a database, without the history of migrations. */
export interface DatabaseContents {
  /** By pg_dump's title of an object; the statements that create it, with its owner and privileges. */
  readonly objects: ReadonlyMap<string, string>;
  /** By name of a table or sequence; each row as JSON, sorted. */
  readonly rows: ReadonlyMap<string, readonly string[]>;
}

/** The table, and its sequence with the name of this version and that of the earlier tool. */
const HISTORY = ['migrations', 'localrag_migrate_history_id', 'migrations_id_seq'];
const RELATIONS = `
  SELECT format('%I.%I', nspname, relname) AS name, relkind::text AS kind
  FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
  WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND relkind IN ('r', 'm', 'S')
    AND relname <> ALL ('{${HISTORY}}') AND (relkind <> 'm' OR relispopulated)
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND deptype = 'e')
  ORDER BY 1`;

export async function readContents(programs: ClientPrograms, database: FreshDatabase): Promise<DatabaseContents> {
  const [dump, rows] = await Promise.all([
    programs.dumpSchema(database, ...HISTORY.map((name) => `--exclude-table=*.${name}`)),
    readRows(database),
  ]);
  return { objects: objectsOf(anonymous(database, dump)), rows };
}

async function readRows(database: FreshDatabase): Promise<ReadonlyMap<string, readonly string[]>> {
  const relations = await database.asSuperuser<{ name: string; kind: string }>(RELATIONS);
  if (relations.length === 0) return new Map();
  const selects = relations.map(({ name, kind }, index) => {
    const from = kind === 'S' ? `SELECT last_value, is_called FROM ${name}` : `SELECT * FROM ONLY ${name}`;
    return `SELECT ${index} AS index, (SELECT coalesce(array_agg(row ORDER BY row COLLATE "C"), '{}')
      FROM (SELECT to_jsonb(t)::text AS row FROM (${from}) t) r) AS rows`;
  });
  const found = await database.asSuperuser<{ index: number; rows: string[] }>(selects.join('\nUNION ALL\n'));
  return new Map(
    found.map(({ index, rows }) => [relations[index]?.name ?? '', rows.map((row) => anonymous(database, row))]),
  );
}

/** Each database has a random name, and its owner has a name that begins with it. */
function anonymous({ database }: FreshDatabase, text: string): string {
  return text.replaceAll(database, 'database');
}

function objectsOf(dump: string): ReadonlyMap<string, string> {
  const objects = new Map<string, string>();
  for (const part of dump.split(/^--\n-- (?=Name: )/m).slice(1)) {
    const [title = '', ...lines] = part.split('\n');
    // Beside the statements: comments, psql's commands (\unrestrict has a random word), and the mode of the next object.
    const statements = lines.filter((line) => line !== '' && !/^(--|\\|SET default_)/.test(line));
    objects.set(title, [objects.get(title), ...statements].filter((line) => line !== undefined).join('\n'));
  }
  return objects;
}
