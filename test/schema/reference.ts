import { readFileSync } from 'node:fs';
import type { Client } from 'pg';
import { compare, type Difference } from '../../src/catalog/compare.ts';
import { expectedObjects, knownObjects, parseReference } from '../../src/catalog/reference.ts';
import type { Entry } from '../../src/core/history.ts';
import { READ_OBJECTS, toObjects } from '../../src/engine/postgres/catalog-objects.ts';
import { ROOT } from '../docs/documents.ts';
import { POSTGRES } from './shipped.ts';

/** What `verify` finds in a database where all is applied: what the reference says and the schema public has otherwise. */
export async function differencesFromReference(client: Client): Promise<readonly Difference[]> {
  const reference = parseReference(readFileSync(`${ROOT}/migrations/schema.json`, 'utf8'));
  if (reference === undefined) throw new Error('migrations/schema.json cannot be read');
  const answers = (await client.query(READ_OBJECTS('public'))) as unknown as { rows: Record<string, unknown>[] }[];
  const objects = toObjects(answers.flatMap(({ rows }) => rows).find((row) => 'objects' in row));
  const entries = POSTGRES.map(
    ({ name, version }): Entry => ({ database: 'postgres', name, version, state: 'applied' }),
  );
  return compare(
    { database: 'postgres', objects, dimensions: [] },
    expectedObjects(reference, { database: 'postgres', entries }),
    knownObjects(reference, 'postgres'),
  );
}
