import { afterAll, beforeAll, expect, test } from 'vitest';
import { readCatalog } from './catalog.ts';
import { migratedDatabase, type OwnedDatabase } from './database.ts';
import { EXPECTED_CATALOG } from './expected.ts';

let db: OwnedDatabase;

beforeAll(async () => {
  db = await migratedDatabase();
});
afterAll(() => db.drop());

test('the migrations make exactly the schema that LocalRAG counts on', async () => {
  expect(await readCatalog(db)).toEqual(EXPECTED_CATALOG);
});

test('an object too many, too few or made otherwise is seen', async () => {
  await db.query('BEGIN');
  await db.query('CREATE INDEX surplus ON documents (file_size); DROP VIEW message_threads');
  await db.query('ALTER TABLE chunks ALTER COLUMN content DROP NOT NULL');
  const found = await readCatalog(db);
  await db.query('ROLLBACK');
  expect(found).toHaveProperty('index surplus');
  expect(found).not.toHaveProperty('view message_threads');
  expect(found['column chunks.content']).not.toBe(EXPECTED_CATALOG['column chunks.content']);
});
