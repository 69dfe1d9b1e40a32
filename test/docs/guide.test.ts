import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DOCUMENTS, read } from './documents.ts';
import { type Checkout, openCheckout, patternOf, stepsOf } from './followed.ts';
import { blocksOf } from './markdown.ts';

// The guide's pages, one after the other on one pair of databases, as their years would go: installed, upgraded, …
// ```sql is run as the owner of the database, ```cypher in Neo4j.

interface Page {
  readonly path: string;
  /** What the page finds and no page before it leaves. */
  readonly before?: (checkout: Checkout) => Promise<void>;
}

const PAGES: readonly Page[] = [
  { path: 'docs/install.md' },
  { path: 'docs/adopt.md', before: asTheEarlierToolLeftIt },
  { path: 'docs/upgrade.md' },
  { path: 'docs/vector-indexes.md', before: withChunks },
  { path: 'docs/large-graphs.md' },
  { path: 'docs/failing-upgrade.md' },
  { path: 'docs/exit-codes.md' },
  { path: 'docs/managed-postgres.md' },
  { path: 'docs/aura.md' },
];

let checkout: Checkout;
beforeAll(async () => {
  checkout = await openCheckout();
});
afterAll(() => checkout?.close());

/** Names and times are all that it kept, and nothing in Neo4j. */
async function asTheEarlierToolLeftIt({ postgres, neo4j }: Checkout): Promise<void> {
  const columns = await postgres.query(
    `SELECT string_agg('DROP COLUMN ' || column_name, ', ') AS drops FROM information_schema.columns
     WHERE table_name = 'migrations' AND column_name NOT IN ('id', 'filename', 'applied_at')`,
  );
  await postgres.query(`ALTER TABLE migrations ${columns[0]?.drops}`);
  await neo4j.run('MATCH (m:`_Migration`) DELETE m');
}

async function withChunks({ postgres, neo4j }: Checkout): Promise<void> {
  await postgres.query(
    `INSERT INTO documents (file_path, file_name, file_size) VALUES ('/a.pdf', 'a.pdf', 1);
     INSERT INTO chunks (document_id, content, start_index, end_index, word_count, chunk_index, embedding)
     SELECT 1, '', 0, 0, 0, i, array_fill(i::real, ARRAY[768])::vector FROM generate_series(1, 50) i`,
  );
  await neo4j.run('UNWIND range(1, 50) AS i CREATE (:Chunk {chunk_index: i})');
}

describe.each(PAGES)('$path', ({ path, before }) => {
  beforeAll(() => before?.(checkout));

  test.each(stepsOf(path, ['sh', 'sql', 'cypher']))('line $line: $heading', async ({ info, text, prints }) => {
    if (info === 'sql') await checkout.postgres.query(text);
    else if (info === 'cypher') await checkout.neo4j.run(text.replace(/;\s*$/, ''));
    else {
      const { code, shown } = await checkout.shell(text);
      expect(code, shown).toBe(0);
      if (prints !== undefined) expect(shown).toMatch(patternOf(prints));
    }
  });
});

test('has led through every page: applied once, by hand once, and adopted', async () => {
  const { stdout } = await checkout.shell('localrag-migrate status --json');
  const { migrations, problems } = JSON.parse(stdout) as { migrations: { version: number }[]; problems: unknown[] };
  expect(migrations.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  expect(problems).toEqual([]);
  const left = 'MATCH (c:Chunk) WHERE c.language IS NULL RETURN count(c) AS count';
  expect(await checkout.neo4j.run(left)).toEqual([{ count: 0 }]);
});

test('every page with something to run is followed, and what is not run is marked so', () => {
  const pages = DOCUMENTS.filter((path) => path.startsWith('docs/'));
  const run = pages.filter((path) => blocksOf(read(path)).some(({ info }) => info === 'sh' || info === 'cypher'));
  expect(run).toEqual(PAGES.map(({ path }) => path).sort());
  for (const path of pages)
    for (const { info, text, line } of blocksOf(read(path)))
      if (info === 'console')
        for (const command of text.split(/(?<!\\)\n(?=\S)/)) expect(command, `${path}:${line}`).toMatch(/^\$ /);
});
