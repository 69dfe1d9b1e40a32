import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { forgetHistory } from '../servers/databases.ts';
import { DOCUMENTS, read } from './documents.ts';
import { type Checkout, openCheckout, patternOf, stepsOf } from './followed.ts';
import { blocksOf } from './markdown.ts';

// The README and the guide's pages, one after the other on one pair of databases, as their years would go: installed,
// adopted, used, upgraded, …
// ```sql is run as the owner of the database, ```cypher in Neo4j.

interface Page {
  readonly path: string;
  /** Default: all that can be run. */
  readonly kinds?: readonly string[];
  /** What the page finds and no page before it leaves. */
  readonly before?: (checkout: Checkout) => Promise<void>;
}

const PAGES: readonly Page[] = [
  { path: 'docs/install.md' },
  { path: 'docs/adopt.md', before: asTheEarlierToolLeftIt },
  { path: 'docs/schema.md' },
  // Its rules' examples are run by lint-facts.test.ts.
  { path: 'docs/lint.md', kinds: ['sh'] },
  // Its SQL is for a superuser, and is run by least-rights.test.ts.
  { path: 'README.md', kinds: ['sh'] },
  { path: 'docs/upgrade.md' },
  { path: 'docs/vector-indexes.md', before: withChunks },
  { path: 'docs/large-graphs.md' },
  { path: 'docs/failing-upgrade.md' },
  { path: 'docs/exit-codes.md' },
  { path: 'docs/managed-postgres.md' },
];

const RUNNABLE = ['sh', 'sql', 'cypher'];

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
  await forgetHistory(neo4j);
}

async function withChunks({ postgres, neo4j }: Checkout): Promise<void> {
  await postgres.query(
    `INSERT INTO documents (file_path, file_name, file_size) VALUES ('/a.pdf', 'a.pdf', 1);
     INSERT INTO chunks (document_id, content, start_index, end_index, word_count, chunk_index, embedding)
     SELECT 1, '', 0, 0, 0, i, array_fill(i::real, ARRAY[768])::vector FROM generate_series(1, 50) i`,
  );
  await neo4j.run('UNWIND range(1, 50) AS i CREATE (:Chunk {chunk_index: i})');
}

describe.each(PAGES)('$path', ({ path, before, kinds = RUNNABLE }) => {
  beforeAll(() => before?.(checkout));

  test.each(stepsOf(path, kinds))('line $line: $heading', async ({ info, text, prints }) => {
    if (info === 'sql') await checkout.postgres.query(text);
    else if (info === 'cypher') await checkout.neo4j.run(text.replace(/;\s*$/, ''));
    else {
      const { code, shown } = await checkout.shell(text);
      expect(code, shown).toBe(0);
      if (prints !== undefined) expect(shown).toMatch(patternOf(prints));
    }
  });
});

test('they have led through every migration, one of which was marked by hand', async () => {
  const { stdout } = await checkout.shell('localrag-migrate status --json --migrations-dir migrations');
  const { migrations, problems } = JSON.parse(stdout) as {
    migrations: { version: number; state: string }[];
    problems: unknown[];
  };
  expect(migrations.map(({ version }) => version)).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
  expect(new Set(migrations.map(({ state }) => state))).toEqual(new Set(['applied', 'adopted']));
  expect(problems).toEqual([]);
  const left = 'MATCH (c:Chunk) WHERE c.language IS NULL RETURN count(c) AS count';
  expect(await checkout.neo4j.run(left)).toEqual([{ count: 0 }]);
});

test('what is shown as output is looked at', () => {
  const shown = PAGES.flatMap(({ path }) => stepsOf(path)).filter(({ prints }) => prints !== undefined);
  expect(shown.length).toBeGreaterThanOrEqual(10);
  expect('a  1 ms\nb').toMatch(patternOf('a …\nb\n'));
  expect('a  1 ms\nc').not.toMatch(patternOf('a …\nb\n'));
});

test('every page with something to run is followed, and what is not run is marked so', () => {
  const pages = DOCUMENTS.filter((path) => path === 'README.md' || path.startsWith('docs/'));
  const blocks = pages.flatMap((path) => blocksOf(read(path)).map((block) => ({ path, ...block })));
  // The examples of the format are looked at by format.test.ts.
  const run = blocks.filter(({ path, info }) => path !== 'docs/format.md' && RUNNABLE.includes(info));
  expect([...new Set(run.map(({ path }) => path))].sort()).toEqual(PAGES.map(({ path }) => path).sort());
  const kinds = ['console', 'cypher', 'ini', 'json', 'mermaid', 'sh', 'sql', 'text', 'yaml'];
  for (const { path, info, text, line } of blocks) {
    expect(kinds, `${path}:${line}`).toContain(info);
    if (info === 'console') expect(text, `${path}:${line}`).toMatch(/^\$ /);
  }
});
