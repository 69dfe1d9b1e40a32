import { expect, onTestFinished, test } from 'vitest';
import { localPostgres } from '../servers/local-postgres.ts';
import { readCatalog } from './catalog.ts';
import { emptyDatabase } from './database.ts';
import { EXPECTED_CATALOG } from './expected.ts';
import { differencesFromReference } from './reference.ts';
import { apply, POSTGRES, rollBack } from './shipped.ts';

// The oldest that the tests can have with pgvector. It was built without contrib, so it has no uuid-ossp either.
test('PostgreSQL 16 without uuid-ossp comes to the same schema, and back', async () => {
  const server = await localPostgres({ version: '16' });
  onTestFinished(() => server.remove());
  const db = await emptyDatabase({ server, extensions: ['vector'] });
  onTestFinished(() => db.drop());
  const { rows } = await db.query("SELECT FROM pg_available_extensions WHERE name = 'uuid-ossp'");
  expect(rows).toEqual([]);

  const before = await readCatalog(db);
  await apply(db, POSTGRES);
  expect(await readCatalog(db)).toEqual(EXPECTED_CATALOG);
  // uuid-ossp is not asked for where nothing uses it.
  const differences = await differencesFromReference(db);
  expect(differences.map(({ name, says, told }) => [name, says, told])).toEqual([['"uuid-ossp"', 'is missing', true]]);
  for (const migration of POSTGRES.toReversed()) await rollBack(db, migration);
  expect(await readCatalog(db)).toEqual(before);
}, 120_000);
