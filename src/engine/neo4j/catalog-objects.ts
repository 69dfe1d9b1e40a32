import type { CatalogObject, Connections, GraphConstraint, GraphIndex } from '../../catalog/model.ts';
import type { Connection, Row } from './connection.ts';

/** What the history and the lease stand on. */
const isOurs = (name: unknown) => String(name).startsWith('_migration_');
const isOurLabel = (label: string) => label.startsWith('_Migration');

/** The graph's indexes and constraints, by name; without the lookup indexes of every server, and those that carry a constraint. */
export async function readObjects(connection: Connection, signal: AbortSignal): Promise<readonly CatalogObject[]> {
  // Without YIELD: servers before 5.9 have no propertyType to give.
  const constraints = await connection.read('SHOW CONSTRAINTS', signal);
  const indexes = await connection.read(
    `SHOW INDEXES YIELD name, type, entityType, labelsOrTypes, properties, options, state, owningConstraint
     WHERE type <> 'LOOKUP' RETURN * ORDER BY name`,
    signal,
  );
  return [
    ...constraints
      .filter(({ name }) => !isOurs(name))
      .map(constraintOf)
      .sort((one, other) => (one.name < other.name ? -1 : 1)),
    ...indexes
      .filter(({ name, owningConstraint, state }) => !isOurs(name) && (!owningConstraint || state !== 'ONLINE'))
      .map(indexOf),
  ];
}

function constraintOf(row: Row): GraphConstraint {
  return {
    kind: 'graph constraint',
    name: String(row.name),
    // NODE_KEY, RELATIONSHIP_PROPERTY_UNIQUENESS and the like: some servers say what kind of thing it is on, others do not.
    type: String(row.type)
      .replace(/^(?:NODE|RELATIONSHIP)_/, '')
      .replace(/^PROPERTY_UNIQUENESS$/, 'UNIQUENESS'),
    entity: row.entityType as GraphConstraint['entity'],
    labels: row.labelsOrTypes as string[],
    properties: row.properties as string[],
    ...(row.propertyType ? { propertyType: String(row.propertyType) } : {}),
  };
}

function indexOf(row: Row): GraphIndex {
  const options = vectorOptions(row);
  const state = String(row.state);
  return {
    kind: 'graph index',
    name: String(row.name),
    type: String(row.type),
    entity: row.entityType as GraphIndex['entity'],
    labels: (row.labelsOrTypes as string[] | null) ?? [],
    properties: (row.properties as string[] | null) ?? [],
    ...(options ? { options } : {}),
    ...(state === 'ONLINE' ? {} : { fault: state === 'POPULATING' ? 'building' : 'failed' }),
  };
}

/** What decides about answers; the other options are the server's own choice of provider and tuning. */
function vectorOptions({ type, options }: Row): GraphIndex['options'] | undefined {
  if (type !== 'VECTOR') return undefined;
  const config = (options as { indexConfig?: Row } | null)?.indexConfig ?? {};
  const kept = ['vector.dimensions', 'vector.similarity_function'].filter((name) => name in config);
  return Object.fromEntries(
    kept.map((name) => {
      const value = config[name];
      return [name, typeof value === 'string' ? value.toUpperCase() : Number(value)];
    }),
  );
}

/** Labels, and how relationships connect them, by the counts that the server keeps anyway. */
export async function readConnections(connection: Connection, signal: AbortSignal): Promise<Connections> {
  const [row] = await connection.read(
    `CALL db.schema.visualization() YIELD nodes, relationships
     RETURN [n IN nodes | [elementId(n), labels(n)[0]]] AS nodes,
       [r IN relationships | [elementId(startNode(r)), type(r), elementId(endNode(r))]] AS links`,
    signal,
  );
  const names = new Map((row?.nodes as [string, string][] | undefined) ?? []);
  const links = ((row?.links as [string, string, string][] | undefined) ?? []).flatMap(([start, type, end]) => {
    const [from, to] = [names.get(start), names.get(end)];
    return from === undefined || to === undefined || isOurLabel(from) || isOurLabel(to) ? [] : [{ type, from, to }];
  });
  return { labels: [...names.values()].filter((label) => !isOurLabel(label)).sort(), links };
}
