import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalPostgres, localPostgres } from '../servers/local-postgres.ts';
import { readCatalog } from './catalog.ts';
import { emptyDatabase } from './database.ts';
import { EXPECTED_CATALOG } from './expected.ts';
import { apply, POSTGRES, rollBack } from './shipped.ts';

let server: LocalPostgres;

// The oldest that the tests can have with pgvector. It was built without contrib, so it has no uuid-ossp either.
beforeAll(async () => {
  server = await localPostgres({ version: '16' });
});
afterAll(() => server.remove());

test('PostgreSQL 16 without uuid-ossp comes to the same schema, and back', async () => {
  const db = await emptyDatabase({ server, extensions: ['vector'] });
  try {
    const { rows } = await db.query("SELECT FROM pg_available_extensions WHERE name = 'uuid-ossp'");
    expect(rows).toEqual([]);
    const before = await readCatalog(db);
    await apply(db, POSTGRES);
    expect(await readCatalog(db)).toEqual(EXPECTED_CATALOG);
    for (const migration of POSTGRES.toReversed()) await rollBack(db, migration);
    expect(await readCatalog(db)).toEqual(before);
  } finally {
    await db.drop();
  }
});
