import type { Catalog, Check } from '../engine.ts';
import type { Connection } from './connection.ts';

const STATES: Readonly<Record<string, 'ok' | 'invalid' | 'building'>> = { ONLINE: 'ok', POPULATING: 'building' };

/** The graph's schema without what the history and the lease stand on, and without the lookup indexes of every server. */
export async function readCatalog(connection: Connection, signal: AbortSignal): Promise<Catalog> {
  const indexes = await connection.read(
    "SHOW INDEXES YIELD name, state, type WHERE type <> 'LOOKUP' RETURN name, state ORDER BY name",
    signal,
  );
  const constraints = await connection.read('SHOW CONSTRAINTS YIELD name RETURN name ORDER BY name', signal);
  const ours = (name: unknown) => String(name).startsWith('_migration_');
  return {
    tables: [],
    indexes: indexes
      .filter((row) => !ours(row.name))
      .map((row) => ({ name: String(row.name), state: STATES[String(row.state)] ?? 'invalid' })),
    constraints: constraints.filter((row) => !ours(row.name)).map((row) => String(row.name)),
    functions: [],
    extensions: [],
  };
}

export async function healthChecks(
  connection: Connection,
  user: string,
  signal: AbortSignal,
): Promise<readonly Check[]> {
  const [component] = await connection.read(
    'CALL dbms.components() YIELD name, versions, edition RETURN versions[0] AS version, edition',
    signal,
  );
  const [database] = await connection.read(
    'SHOW DATABASES YIELD name, currentStatus, access, home WHERE home RETURN name, currentStatus, access',
    signal,
  );
  return [
    { name: 'reachable', ok: true, detail: `database ${database?.name ?? '(default)'} as ${user}` },
    { name: 'version', ok: true, detail: `Neo4j ${component?.version}` },
    { name: 'edition', ok: true, detail: String(component?.edition) },
    {
      name: 'writable',
      ok: database?.access === 'read-write' && database?.currentStatus === 'online',
      detail: `${database?.currentStatus}, ${database?.access}`,
      ...(database?.access === 'read-write'
        ? {}
        : { hint: 'connect to the leader (neo4j:// routes there), or make the database writable' }),
    },
  ];
}
