import type { Driver } from 'neo4j-driver';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { readGraph } from './catalog.ts';
import { emptyGraph } from './database.ts';
import { EXPECTED_GRAPH } from './expected-graph.ts';
import { applyFoundation } from './shipped.ts';

let driver: Driver;

const run = async (text: string, parameters: Record<string, unknown> = {}) =>
  (await driver.executeQuery(text, parameters)).records.map((record) => record.toObject());

describe('a graph with the schema', () => {
  beforeAll(async () => {
    driver = await emptyGraph();
    await applyFoundation(driver);
  });
  afterAll(() => driver.close());
  afterEach(() => run('MATCH (n) DETACH DELETE n'));

  test('has exactly the constraints and indexes that LocalRAG counts on, all of them online', async () => {
    expect(await readGraph(driver)).toEqual(EXPECTED_GRAPH);
  });

  test('is left as it is by a second run', async () => {
    await applyFoundation(driver);
    expect(await readGraph(driver)).toEqual(EXPECTED_GRAPH);
  });

  test.each([
    ['PER', 'name'],
    ['O', 'name'],
    ['Topic', 'name'],
    ['Document', 'file_path'],
  ])('takes a %s with one %s once', async (label, property) => {
    const create = `CREATE (:${label} {${property}: 'Jakarta'})`;
    await run(create);
    await expect(run(create)).rejects.toMatchObject({ code: 'Neo.ClientError.Schema.ConstraintValidationFailed' });
  });

  test('merges on what is unique: one node, whoever came first', async () => {
    const merge =
      'MERGE (n:GPE {name: $name}) ON CREATE SET n.seen = 1 ON MATCH SET n.seen = n.seen + 1 RETURN n.seen AS seen';
    await Promise.all(Array.from({ length: 8 }, () => run(merge, { name: 'Jakarta' })));
    expect(await run('MATCH (n:GPE) RETURN n.seen AS seen')).toEqual([{ seen: 8 }]);
  });

  test('finds Indonesian text', async () => {
    await run(`CREATE
      (:Chunk {name: 'k1', content: 'Presiden meresmikan pelabuhan baru di Surabaya', summary: 'peresmian'}),
      (:Chunk {name: 'k2', content: 'Harga beras naik menjelang hari raya'}),
      (:PER {name: 'Soekarno', normalized_name: 'soekarno'}),
      (:Document {file_path: '/a', file_name: 'laporan tahunan.pdf', title: 'Laporan Keuangan'}),
      (:Topic {name: 'ekonomi kerakyatan'})`);
    await run('CALL db.index.fulltext.awaitEventuallyConsistentIndexRefresh()');
    const search = 'CALL db.index.fulltext.queryNodes($index, $words) YIELD node RETURN node.name AS name';
    const find = async (index: string, words: string) => (await run(search, { index, words })).map((row) => row.name);

    expect(await find('indonesian_chunk_fulltext', 'pelabuhan')).toEqual(['k1']);
    expect(await find('indonesian_chunk_fulltext', 'peresmian')).toEqual(['k1']);
    expect(await find('indonesian_chunk_fulltext', 'beras AND raya')).toEqual(['k2']);
    expect(await find('indonesian_per_fulltext', 'SOEKARNO')).toEqual(['Soekarno']);
    expect(await find('document_fulltext', 'keuangan')).toHaveLength(1);
    expect(await find('topic_fulltext', 'kerakyatan')).toEqual(['ekonomi kerakyatan']);
  });

  test.each([
    ['MENTIONS', 'confidence'],
    ['ABOUT', 'relevance'],
  ])('looks up %s by %s', async (type, property) => {
    await run(`CREATE (:Chunk {name: 'k1'})-[:${type} {${property}: 0.9}]->(:PER {name: 'Ani'})`);
    // Without the index the hint alone is an error.
    const match = `MATCH ()-[r:${type}]->() USING INDEX r:${type}(${property}) WHERE r.${property} > 0.5`;
    expect(await run(`${match} RETURN count(r) AS found`)).toEqual([{ found: 1 }]);
  });
});

describe('a graph of an earlier LocalRAG', () => {
  beforeAll(async () => {
    driver = await emptyGraph();
  });
  afterAll(() => driver.close());

  test('with range indexes where names are unique now', async () => {
    for (const index of [
      'per_name_idx IF NOT EXISTS FOR (n:PER) ON (n.name)',
      'o_name_idx IF NOT EXISTS FOR (n:O) ON (n.name)',
      'topic_name_idx IF NOT EXISTS FOR (n:Topic) ON (n.name)',
      'document_file_path_idx IF NOT EXISTS FOR (n:Document) ON (n.file_path)',
      'document_hash_idx IF NOT EXISTS FOR (n:Document) ON (n.content_hash)',
    ]) {
      await run(`CREATE INDEX ${index}`);
    }
    await run("CREATE (:PER {name: 'Ani'})<-[:MENTIONS {confidence: 1.0}]-(:Chunk {name: 'k1'})");
    await applyFoundation(driver);
    expect(await readGraph(driver)).toEqual(EXPECTED_GRAPH);
    expect(await run('MATCH (:Chunk)-[:MENTIONS]->(n:PER) RETURN n.name AS name')).toEqual([{ name: 'Ani' }]);
  });

  test('with one name twice: the constraint is refused, and goes through once they are merged', async () => {
    await run('MATCH (n) DETACH DELETE n');
    await run('DROP CONSTRAINT law_name_unique IF EXISTS');
    await run("CREATE (:LAW {name: 'UU 1/1974'}), (:LAW {name: 'UU 1/1974'})");
    await expect(applyFoundation(driver)).rejects.toMatchObject({
      code: 'Neo.DatabaseError.Schema.ConstraintCreationFailed',
    });
    await run('MATCH (n:LAW) WITH n LIMIT 1 DELETE n');
    await applyFoundation(driver);
    expect(await readGraph(driver)).toEqual(EXPECTED_GRAPH);
  });
});
