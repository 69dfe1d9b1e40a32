// What the lease is made of: docs/adr/0002-lease-in-neo4j.md.

/** Its name; there is one for each graph. */
export const LEASE = 'localrag-migrate';

/** Milliseconds that a lease holds without being renewed. */
export const LIFE = 80_000;

/**
 * Every statement writes the node first and reads its condition after: the write takes the node's lock, and a condition
 * that was read before it lets several contenders win. Time is the server's, read when the lock is had.
 */
const TOUCH = 'MATCH (l:`_MigrationLease` {name: $name}) SET l.touch = $holder WITH l';

/**
 * Only where the anchor is there: a statement of the run that has the lease may have deleted both, and that run puts them back.
 * A lease that was deleted goes on with the anchor's token. `$gone`: the token of a holder that is known to be gone. Links what is not linked, and counts what was not counted: nodes that an earlier version has made, or that lost their links.
 */
export const ACQUIRE = `MATCH (b:\`_MigrationBootstrap\`) WITH b ORDER BY elementId(b) LIMIT 1
MERGE (l:\`_MigrationLease\` {name: $name})
  ON CREATE SET l.token = coalesce(b.token, 0), l.until = datetime({epochMillis: 0})
SET l.touch = $holder
WITH b, l WHERE l.until < datetime.realtime() OR l.holder = $holder OR l.token = $gone
SET l.token = l.token + 1, l.holder = $holder, l.host = $host, l.pid = $pid, l.application = $application,
  l.agent = $agent, l.guard = $guard, l.since = datetime.realtime(), l.until = datetime.realtime() + duration({milliseconds: $life})
WITH b, l
OPTIONAL MATCH (m:\`_Migration\`) WHERE NOT EXISTS { (m)-[:\`_MIGRATION_OF\`]->() }
WITH b, l, collect(m) AS unlinked
SET b.token = l.token
MERGE (l)-[:\`_MIGRATION_OF\`]->(b)
MERGE (b)-[:\`_MIGRATION_OF\`]->(b)
FOREACH (m IN unlinked | MERGE (m)-[:\`_MIGRATION_OF\`]->(b))
FOREACH (_ IN CASE WHEN b.recorded IS NULL THEN [1] ELSE [] END | SET b.recorded = COUNT { (:\`_Migration\`) })
RETURN l.token AS token`;

/** By whoever does not know whether it has the lease. MERGE, as the node may be made by that try alone. */
export const GIVE_BACK = `MERGE (l:\`_MigrationLease\` {name: $name})
  ON CREATE SET l.token = 0, l.until = datetime({epochMillis: 0})
SET l.touch = $holder
WITH l WHERE l.holder = $holder
SET l.until = datetime({epochMillis: 0})
RETURN l.token AS token`;

/** Not one that was released. */
export const RENEW = `${TOUCH} WHERE l.token = $token AND l.holder = $holder AND l.until > datetime({epochMillis: 0})
SET l.until = datetime.realtime() + duration({milliseconds: $life}) RETURN l.token AS token`;

/**
 * Not one that was released. Time does not count: from here to COMMIT the node is locked, so a lease that has expired and was not
 * taken over by now cannot be any more. A statement may have locked the node for longer than the lease lives.
 */
export const FENCE = `${TOUCH} WHERE l.token = $token AND l.holder = $holder AND l.until > datetime({epochMillis: 0}) RETURN l.token AS token`;

export const RECREATE = `MERGE (l:\`_MigrationLease\` {name: $name})
  ON CREATE SET l.token = $token, l.since = datetime.realtime(), l.until = datetime.realtime() + duration({milliseconds: $life})
SET l.touch = $holder
WITH l WHERE l.token = $token
SET l.holder = $holder, l.host = $host, l.pid = $pid, l.application = $application, l.agent = $agent, l.guard = $guard
RETURN l.token AS token`;

export const RELEASE = `${TOUCH} WHERE l.token = $token AND l.holder = $holder SET l.until = datetime({epochMillis: 0}) RETURN l.token AS token`;

/** How the lease stands; agent and guard only as its holder has written them. A read: a waiting run takes no lock that the holder needs. */
export const LOOK_AT = `MATCH (l:\`_MigrationLease\` {name: $name})
RETURN l.token AS token, l.until < datetime.realtime() OR l.holder = $holder AS free,
  l.until.epochMillis = 0 AS released, CASE WHEN l.agent CONTAINS l.holder THEN l.agent END AS agent,
  CASE WHEN l.agent CONTAINS l.holder THEN l.guard END AS guard,
  {pid: l.pid, host: l.host, application: l.application, since: toString(l.since)} AS holder`;

/** Asked by the holder all the time, so that a connection of it is always open; tells also that another run has the lease. */
export const STILL_OURS = 'MATCH (l:`_MigrationLease` {name: $name}) RETURN l.token AS token';

/**
 * Whoever had a lease that has expired may be frozen, or cut off, inside a transaction. Its fence keeps it from
 * committing, but the server would keep its locks, the lease's own among them, for as long as the connection seems open.
 */
export const END_SUPERSEDED = `SHOW TRANSACTIONS YIELD database, transactionId AS id, metaData
WHERE database = $database AND metaData.application = $application AND metaData.token <= $token
TERMINATE TRANSACTIONS id YIELD message RETURN message`;
