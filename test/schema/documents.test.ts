import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { migratedDatabase, type OwnedDatabase } from './database.ts';

let db: OwnedDatabase;

beforeAll(async () => {
  db = await migratedDatabase();
});
afterAll(() => db.drop());
beforeEach(() => db.query('BEGIN'));
afterEach(() => db.query('ROLLBACK'));

async function insertDocument(path = '/berkas/laporan.pdf'): Promise<number> {
  const { rows } = await db.query(
    `INSERT INTO documents (file_path, file_name, file_size, updated_at)
     VALUES ($1, 'laporan.pdf', 1024, '2020-01-01') RETURNING id`,
    [path],
  );
  return rows[0].id;
}

/** A unit vector of 768 dimensions in the plane of the first two, `degrees` away from the first axis. */
function vectorAt(degrees: number): string {
  const angle = (degrees * Math.PI) / 180;
  return JSON.stringify([Math.cos(angle), Math.sin(angle), ...Array(766).fill(0)]);
}

function insertChunk(document: number, content: string, embedding: string) {
  return db.query(
    `INSERT INTO chunks (document_id, content, start_index, end_index, word_count, chunk_index, embedding, metadata)
     VALUES ($1, $2, 0, 10, 2, 0, $3, jsonb_build_object('bahasa', 'id'))`,
    [document, content, embedding],
  );
}

test('cosine search finds the nearest chunks first, through the HNSW index', async () => {
  const document = await insertDocument();
  for (const degrees of [80, 10, 45]) await insertChunk(document, `${degrees}`, vectorAt(degrees));
  const search = `SELECT content, embedding <=> '${vectorAt(0)}' AS distance FROM chunks ORDER BY distance LIMIT 2`;

  // With three rows a sequential scan is cheaper; that it is possible at all shows that the index fits the operator.
  await db.query('SET LOCAL enable_seqscan = off');
  const plan = await db.query(`EXPLAIN ${search}`);
  expect(plan.rows.map((row) => row['QUERY PLAN']).join('\n')).toContain('Index Scan using idx_chunks_embedding');

  const { rows } = await db.query(search);
  expect(rows.map((row) => row.content)).toEqual(['10', '45']);
  expect(rows[1].distance).toBeCloseTo(1 - Math.SQRT1_2);
});

test('an embedding of another size is refused', async () => {
  const document = await insertDocument();
  await expect(insertChunk(document, 'kecil', '[1,2,3]')).rejects.toThrow('expected 768 dimensions, not 3');
});

test('chunks are found by their metadata, through the GIN index', async () => {
  await insertChunk(await insertDocument(), 'isi', vectorAt(0));
  const search = `SELECT content FROM chunks WHERE metadata @> '{"bahasa": "id"}'`;
  await db.query('SET LOCAL enable_seqscan = off');
  const plan = await db.query(`EXPLAIN ${search}`);
  expect(plan.rows.map((row) => row['QUERY PLAN']).join('\n')).toContain('idx_chunks_metadata_gin');
  expect((await db.query(search)).rows).toEqual([{ content: 'isi' }]);
});

test('deleting a document deletes its chunks', async () => {
  const document = await insertDocument();
  await insertChunk(document, 'isi', vectorAt(0));
  await db.query('DELETE FROM documents WHERE id = $1', [document]);
  expect((await db.query('SELECT * FROM chunks')).rows).toEqual([]);
});

test('a file path is taken once', async () => {
  await insertDocument();
  await expect(insertDocument()).rejects.toMatchObject({ code: '23505', constraint: 'documents_file_path_key' });
});

test('what is not said gets its default', async () => {
  await insertDocument();
  const { rows } = await db.query(
    'SELECT chunk_count, content_hash, metadata, created_at = now() AS created_now FROM documents',
  );
  expect(rows).toEqual([{ chunk_count: 0, content_hash: null, metadata: {}, created_now: true }]);
});

test('an update sets updated_at, of the rows updated alone', async () => {
  const document = await insertDocument();
  await insertDocument('/berkas/lain.pdf');
  await db.query('UPDATE documents SET chunk_count = 3 WHERE id = $1', [document]);
  const { rows } = await db.query('SELECT updated_at = now() AS updated_now FROM documents ORDER BY id');
  expect(rows).toEqual([{ updated_now: true }, { updated_now: false }]);
});
