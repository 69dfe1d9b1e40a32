import { readFileSync } from 'node:fs';
import { mermaid } from '../src/catalog/mermaid.ts';
import { pictureOf } from '../src/catalog/picture.ts';
import { expectedObjects, parseReference } from '../src/catalog/reference.ts';
import { parseFileName } from '../src/core/parse.ts';

/** The shipped migrations' schema as `localrag-migrate schema` draws it where all of them are applied and no data stands. */
export function drawnSchema(database: 'postgres' | 'neo4j'): string {
  const reference = parseReference(readFileSync(new URL('../migrations/schema.json', import.meta.url), 'utf8'));
  if (reference === undefined) throw new Error('migrations/schema.json is no reference: npm run schema');
  const entries = Object.keys(reference.files).map((name) => ({
    database,
    name,
    version: parseFileName(name)?.version,
    state: 'applied' as const,
  }));
  const objects = expectedObjects(reference, { database, entries }).map(({ object }) => object);
  return mermaid(pictureOf({ objects, connections: { labels: [], links: [] } })).join('\n');
}
