import { type Migration, type Span, textOf } from '../../core/migration.ts';
import { excerpt, locate } from '../../core/source.ts';
import { MigrateError } from '../../errors.ts';
import type { Row, Work } from './connection.ts';

/** Everything about our nodes but what others write at any time: of the lease counts whose it is, the rest is a renewal's or a contender's. */
const SNAPSHOT = `MATCH (n:\`_Migration\`|\`_MigrationLease\`|\`_MigrationBootstrap\`)
RETURN elementId(n) AS id, labels(n) AS labels, CASE WHEN n:\`_MigrationLease\` THEN n {.name, .token, .holder} ELSE n {.*, turn: null} END AS properties,
  COUNT { (n)--() } AS degree ORDER BY id`;

interface Node {
  readonly id: string;
  readonly labels: readonly string[];
  readonly properties: Row;
  readonly degree: number;
}

/** The history's nodes at one moment, so that what a statement does to them is found, and can be put back. */
export class HistorySnapshot {
  readonly #nodes: readonly Node[];

  private constructor(nodes: readonly Node[]) {
    this.#nodes = nodes;
  }

  static async read(tx: Pick<Work, 'rows'>): Promise<HistorySnapshot> {
    return new HistorySnapshot((await tx.rows(SNAPSHOT)) as unknown as readonly Node[]);
  }

  /** In words, what is otherwise in a later snapshot; undefined where nothing is. */
  differenceTo(later: HistorySnapshot): string | undefined {
    const now = new Map(later.#nodes.map((node) => [node.id, node]));
    const gone = this.#nodes.filter(({ id }) => !now.has(id)).length;
    const changed = this.#nodes.filter((node) => {
      const other = now.get(node.id);
      return other !== undefined && JSON.stringify(other) !== JSON.stringify(node);
    }).length;
    const made = later.#nodes.length - (this.#nodes.length - gone);
    const parts = [
      ...(gone > 0 ? [`${gone} deleted or without their label`] : []),
      ...(changed > 0 ? [`${changed} changed`] : []),
      ...(made > 0 ? [`${made} added`] : []),
    ];
    return parts.length === 0 ? undefined : `${parts.join(', ')} of ${this.#nodes.length}`;
  }

  /** Makes our nodes what they were, in a transaction. The lease is its holder's to make again (`Lease.recreate`), before this. */
  async restore(tx: Work): Promise<void> {
    await tx.rows('MERGE (b:`_MigrationBootstrap`)');
    const entries = this.#nodes.filter(({ labels }) => labels.includes('_Migration'));
    // Their versions are unique, and may have been exchanged.
    await tx.rows('MATCH (m:`_Migration`) REMOVE m:`_Migration` SET m:`_MigrationAside`');
    for (const { id, labels, properties } of entries) await restoreEntry(tx, id, properties, labels);
    const [anchor] = this.#nodes.filter((node) => node.labels.includes('_MigrationBootstrap'));
    await tx.rows('MATCH (b:`_MigrationBootstrap`) SET b = $properties', {
      properties: withoutNulls(anchor?.properties ?? {}),
    });
    await tx.rows(FOREIGN_LINKS);
    await tx.rows(LINKS);
    await tx.rows('MATCH (m:`_MigrationAside`) DETACH DELETE m');
  }
}

/** One that is there all the same is known by its id and by what no other node has. */
async function restoreEntry(tx: Work, id: string, properties: Row, labels: readonly string[]): Promise<void> {
  const saved = withoutNulls(properties);
  const parameters = { id, version: saved.version, checksum: saved.checksum, properties: saved };
  const [found] = await tx.rows(
    `MATCH (m) WHERE elementId(m) = $id AND (m:\`_MigrationAside\` OR m.checksum = $checksum)
     REMOVE m:\`_MigrationAside\` SET m = $properties SET m:\`_Migration\` RETURN labels(m) AS labels`,
    parameters,
  );
  if (found === undefined) {
    await tx.rows('CREATE (m:`_Migration`) SET m = $properties', parameters);
    return;
  }
  for (const label of (found.labels as readonly string[]).filter((each) => !labels.includes(each)))
    await tx.rows(`MATCH (m) WHERE elementId(m) = $id REMOVE m:\`${label.replaceAll('`', '``')}\``, { id });
}

function withoutNulls(properties: Row): Row {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== null));
}

const FOREIGN_LINKS = `MATCH (n:\`_Migration\`|\`_MigrationLease\`|\`_MigrationBootstrap\`)-[r]-()
WHERE type(r) <> '_MIGRATION_OF' DELETE r`;

const LINKS = `MATCH (b:\`_MigrationBootstrap\`) WITH b ORDER BY elementId(b) LIMIT 1
MATCH (n:\`_Migration\`|\`_MigrationLease\`|\`_MigrationBootstrap\`) MERGE (n)-[:\`_MIGRATION_OF\`]->(b)`;

/** The error of a statement that has changed nodes of the history. `fate`: what became of that. */
export function touchedHistory(migration: Migration, span: Span, difference: string, fate: string): MigrateError {
  const { name, text } = migration;
  return new MigrateError(
    'failed',
    `${name}: this statement also reaches the migration history's own nodes (${difference}); ${fate}`,
    {
      place: { file: name, ...locate(text, span.start) },
      excerpt: excerpt(text, span.start),
      hint: `name the labels of the nodes that are meant: ${textOf(migration, span).includes('(n)') ? 'MATCH (n:Document) … in place of MATCH (n) …' : 'MATCH (n:Document) …'}; localrag-migrate neo4j repair corrects the history`,
    },
  );
}
