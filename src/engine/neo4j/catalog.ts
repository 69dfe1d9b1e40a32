import type { Check, Counts } from '../engine.ts';
import type { Connection, Row } from './connection.ts';

/** Without what the history and the lease stand on, and without the lookup indexes of every server. */
export async function readCounts(connection: Connection, signal: AbortSignal): Promise<Counts> {
  const [row] = await connection.read(
    `SHOW INDEXES YIELD name, type WHERE type <> 'LOOKUP' AND NOT name STARTS WITH '_migration_' RETURN count(*) AS indexes`,
    signal,
  );
  return { tables: 0, indexes: Number(row?.indexes) };
}

/**
 * The database that has answered, which is the configured one, and the user's home database where none is. A cluster lists it once for
 * each member that has it: the writer is the one that counts.
 */
async function configuredDatabase(connection: Connection, signal: AbortSignal): Promise<Row | undefined> {
  const [database] = await connection.read(
    `SHOW DATABASES YIELD name, currentStatus, access, writer WHERE name = $database
     RETURN currentStatus, access ORDER BY writer DESC LIMIT 1`,
    signal,
    { database: connection.database },
  );
  return database;
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
  const database = await configuredDatabase(connection, signal);
  return [
    { name: 'reachable', ok: true, detail: `database ${connection.database} as ${user}` },
    { name: 'version', ok: true, detail: `Neo4j ${component?.version}` },
    { name: 'edition', ok: true, detail: String(component?.edition) },
    {
      name: 'writable',
      ok: database?.access === 'read-write' && database?.currentStatus === 'online',
      detail:
        database === undefined ? 'SHOW DATABASES does not list it' : `${database.currentStatus}, ${database.access}`,
      ...(database?.access === 'read-write'
        ? {}
        : { hint: 'connect to the leader (neo4j:// routes there), or make the database writable' }),
    },
  ];
}
