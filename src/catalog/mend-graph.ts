import type { Mending, Repairing } from './compare.ts';
import type { CatalogObject, GraphConstraint, GraphIndex } from './model.ts';

type GraphObject = GraphConstraint | GraphIndex;

const READS = 'is refused where the graph breaks it: the head of the migration says how to find such nodes';
const BUILDING = 'it is being built: look again when it is done';

/** The statements that bring an index or a constraint of Neo4j to what it should be; each is a transaction of its own. */
export function mendGraph({ expected, found, live }: Repairing): Mending {
  if (!isGraphObject(expected)) return { statements: [] };
  const same = found !== undefined && isGraphObject(found);
  if (same && found.fault === 'building') return { statements: [], note: BUILDING };
  // The same index under another name, or one in a constraint's place: Neo4j refuses to have both.
  const standing = [...live.values()].filter(isGraphObject).filter((object) => isInTheWay(object, expected));
  return {
    statements: [...[...(same ? [found] : []), ...standing].map(drop), create(expected)],
    ...(expected.kind === 'graph constraint' && { note: READS }),
  };
}

function isInTheWay(object: GraphObject, expected: GraphObject): boolean {
  if (object.kind === expected.kind && object.name === expected.name) return false;
  if (object.name === expected.name) return true;
  const ranges = [object, expected].every((each) => each.kind === 'graph constraint' || each.type === 'RANGE');
  return (
    (ranges || (object.kind === expected.kind && object.type === expected.type)) &&
    object.entity === expected.entity &&
    `${[...object.labels].sort()}` === `${[...expected.labels].sort()}` &&
    `${object.properties}` === `${expected.properties}`
  );
}

function drop({ kind, name }: GraphObject): string {
  return `DROP ${kind === 'graph index' ? 'INDEX' : 'CONSTRAINT'} ${quoted(name)} IF EXISTS`;
}

function create(object: GraphObject): string {
  const pattern = patternOf(object);
  const properties = object.properties.map((property) => `n.${quoted(property)}`);
  const name = `${quoted(object.name)} IF NOT EXISTS FOR ${pattern}`;
  if (object.kind === 'graph constraint')
    return `CREATE CONSTRAINT ${name} REQUIRE ${listed(properties)} IS ${requirementOf(object)}`;
  const type = object.type === 'RANGE' ? '' : `${object.type} `;
  if (object.type === 'FULLTEXT') return `CREATE FULLTEXT INDEX ${name} ON EACH [${properties.join(', ')}]`;
  return `CREATE ${type}INDEX ${name} ON (${properties.join(', ')})${optionsOf(object)}`;
}

function listed(properties: readonly string[]): string {
  return properties.length === 1 ? String(properties[0]) : `(${properties.join(', ')})`;
}

function patternOf({ entity, labels }: GraphObject): string {
  const names = labels.map(quoted).join('|');
  return entity === 'NODE' ? `(n:${names})` : `()-[n:${names}]-()`;
}

function requirementOf({ type, propertyType, entity }: GraphConstraint): string {
  switch (type) {
    case 'UNIQUENESS':
      return 'UNIQUE';
    case 'KEY':
      return `${entity} KEY`;
    case 'PROPERTY_TYPE':
      return `:: ${propertyType}`;
    default:
      return 'NOT NULL';
  }
}

function optionsOf({ options }: GraphIndex): string {
  if (options === undefined) return '';
  const values = Object.entries(options).map(
    ([name, value]) => `\`${name}\`: ${typeof value === 'string' ? `'${value}'` : value}`,
  );
  return ` OPTIONS {indexConfig: {${values.join(', ')}}}`;
}

function isGraphObject(object: CatalogObject): object is GraphObject {
  return object.kind === 'graph index' || object.kind === 'graph constraint';
}

function quoted(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : `\`${name.replaceAll('`', '``')}\``;
}
