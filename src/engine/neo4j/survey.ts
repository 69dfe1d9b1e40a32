import type { Holder } from '../../events.ts';
import type { Asked, Found, Survey } from '../engine.ts';
import type { Connection } from './connection.ts';

/**
 * Counts come from the count store, at once. Locks by label the server does not tell: so all transactions that hold any are
 * told, this program's own aside.
 */
export async function survey(connection: Connection, asked: readonly Asked[], signal: AbortSignal): Promise<Survey> {
  const live = await connection.readFromLeader(
    `SHOW INDEXES YIELD name, labelsOrTypes, entityType RETURN name, labelsOrTypes AS labels, entityType AS entity`,
    signal,
  );
  const open = await connection.readFromLeader(
    `SHOW TRANSACTIONS YIELD database, clientAddress, username, metaData, startTime, currentQuery, activeLockCount
     WHERE database = $database AND activeLockCount > 0
     RETURN clientAddress AS host, username AS user, metaData.application AS application, toString(startTime) AS since,
       left(currentQuery, 200) AS doing ORDER BY startTime LIMIT 10`,
    signal,
    { database: connection.database },
  );
  const known = new Set(
    (
      await connection.readFromLeader(
        `CALL db.labels() YIELD label RETURN 'label:' + label AS name
         UNION ALL CALL db.relationshipTypes() YIELD relationshipType RETURN 'relationship:' + relationshipType AS name`,
        signal,
      )
    ).map(({ name }) => name),
  );
  const found = await Promise.all(
    asked.map(async ({ kind, name }): Promise<Found | undefined> => {
      if (kind === 'schema-object') {
        const index = live.find((each) => each.name === name);
        const labels = (index?.labels as readonly string[] | null | undefined) ?? [];
        return index && { what: 'index', table: labels.join('|'), holders: [] };
      }
      const rows = known.has(`${kind}:${name}`) ? await count(connection, { kind, name }, signal) : 0;
      return { what: 'label', table: name, rows, holders: [] };
    }),
  );
  return { found, open: open.map(withoutNulls) };
}

/** One pattern and nothing else: that is what the count store answers. */
async function count(connection: Connection, { kind, name }: Asked, signal: AbortSignal): Promise<number> {
  const quoted = `\`${name.replaceAll('`', '``')}\``;
  const pattern = kind === 'label' ? `(n:${quoted})` : `()-[n:${quoted}]->()`;
  const [row] = await connection.readFromLeader(`MATCH ${pattern} RETURN count(n) AS n`, signal);
  return Number(row?.n ?? 0);
}

function withoutNulls(row: Readonly<Record<string, unknown>>): Holder {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null && value !== '')) as Holder;
}
