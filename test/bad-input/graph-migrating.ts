import { directoryOf } from '../program.ts';
import type { EmptyNeo4j } from '../servers/databases.ts';
import { sharedNeo4j } from '../servers/shared-neo4j.ts';
import { type Attempt, attempt } from './refusal.ts';

export type Files = Readonly<Record<string, string>>;

/** Runs the program on the shared Neo4j, with these files. */
export async function onGraph(files: Files, args = 'migrate', server = sharedNeo4j()): Promise<Attempt> {
  const { uri, user, password } = server;
  const env = { NEO4J_URI: uri, NEO4J_USER: user, NEO4J_PASSWORD: password, MIGRATIONS_DIR: await directoryOf(files) };
  return attempt(['neo4j', ...args.split(' ')], { env, secrets: [password] });
}

/** The history as it stands, an entry a line. */
export async function historyOfGraph({ run }: EmptyNeo4j): Promise<readonly string[]> {
  const entries = await run<{ line: string }>(
    "MATCH (m:`_Migration`) RETURN m.name + ' ' + m.state + coalesce(' begun ' + toString(toInteger(m.stepBegun)), '') AS line ORDER BY m.version",
  );
  return entries.map(({ line }) => line);
}

/** Nodes of the application, by label. */
export async function nodesOfGraph({ run }: EmptyNeo4j): Promise<Readonly<Record<string, number>>> {
  const rows = await run<{ label: string; n: number }>(
    "MATCH (n) WHERE NOT n:_Migration AND NOT n:_MigrationLease AND NOT n:_MigrationBootstrap RETURN coalesce(labels(n)[0], '') AS label, count(*) AS n",
  );
  return Object.fromEntries(rows.map(({ label, n }) => [label, n]));
}
