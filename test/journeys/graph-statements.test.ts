import neo4j from 'neo4j-driver';
import { expect, onTestFinished, test } from 'vitest';
import { directoryOf, run, start } from '../program.ts';
import { localNeo4j } from '../servers/local-neo4j.ts';
import { freshPair } from './pair.ts';

/* What Neo4j passes over without a word is said, or refused. */

async function migrate(files: Readonly<Record<string, string>>) {
  const { neo4j, env } = await freshPair({ extensions: [] });
  const ended = await run(['neo4j', 'migrate'], { env: { ...env, MIGRATIONS_DIR: await directoryOf(files) } });
  return { neo4j, ended };
}

const vector = (options: string) =>
  `CREATE VECTOR INDEX embedding IF NOT EXISTS FOR (c:Chunk) ON (c.embedding) OPTIONS {indexConfig: {${options}}};\n`;
const fulltext = (options: string) =>
  `CREATE FULLTEXT INDEX words IF NOT EXISTS FOR (c:Chunk) ON EACH [c.text]${options === '' ? '' : ` OPTIONS {indexConfig: {${options}}}`};\n`;

const D768 = '`vector.dimensions`: 768';
const GERMAN = "`fulltext.analyzer`: 'german'";

test.each([
  [
    'dimensions',
    vector(D768),
    vector('`vector.dimensions`: 1024'),
    /embedding is another one: vector.dimensions is 768, the file asks for 1024/,
  ],
  [
    'similarity',
    vector(`${D768}, \`vector.similarity_function\`: 'euclidean'`),
    vector(D768),
    /vector.similarity_function is .*asks for "cosine"/i,
  ],
  [
    'similarity that is named',
    vector(D768),
    vector(`${D768}, \`vector.similarity_function\`: 'euclidean'`),
    /asks for "euclidean"/,
  ],
  [
    'analyzer',
    fulltext(GERMAN),
    fulltext("`fulltext.analyzer`: 'english'"),
    /fulltext.analyzer is "german", the file asks for "english"/,
  ],
  ['analyzer that is not named', fulltext(GERMAN), fulltext(''), /fulltext.analyzer is "german"/],
  [
    'eventual consistency',
    fulltext(''),
    fulltext('`fulltext.eventually_consistent`: true'),
    /fulltext.eventually_consistent/,
  ],
])('IF NOT EXISTS on an index of that name with another %s: 70', async (_, first, second, says) => {
  const { ended } = await migrate({ '001_first.cypher': first, '002_second.cypher': second });
  expect(ended.code, ended.stderr).toBe(70);
  expect(ended.events.at(-1)).toMatchObject({ migration: '002_second.cypher', message: expect.stringMatching(says) });
});

test('the same options, written otherwise, are the same index', async () => {
  const { ended } = await migrate({
    '001_first.cypher': vector(D768) + fulltext(GERMAN),
    '002_second.cypher': vector(`\`vector.similarity_function\`: "COSINE", ${D768}`) + fulltext(GERMAN),
  });
  expect(ended.code, ended.stderr).toBe(0);
});

test('batches that fail under ON ERROR CONTINUE: a warning with their number and the first error', async () => {
  const batches = (end: string) =>
    `UNWIND range(1, 9) AS i CALL (i) { CREATE (:B {v: 1 / (i % 3)}) } IN TRANSACTIONS OF 1 ROW ON ERROR ${end};\n`;
  const { neo4j, ended } = await migrate({
    '001_batches.cypher': `// migrate: auto-commit\n${batches('CONTINUE')}${batches('CONTINUE REPORT STATUS AS s RETURN s')}${batches('BREAK RETURN i')}`,
    '002_unseen.cypher': `// migrate: auto-commit\n${batches('CONTINUE WITH count(*) AS n CREATE (:Done {n: n})')}`,
  });
  expect(ended.code, ended.stderr).toBe(0);
  expect(ended.events.filter(({ event }) => event === 'warning').map(({ message }) => message)).toEqual([
    '001_batches.cypher:2: 3 batches failed and were rolled back; the first error: / by zero',
    '001_batches.cypher:3: 3 batches failed and were rolled back; the first error: / by zero',
    '001_batches.cypher:4: 1 batch failed and was rolled back; the first error: / by zero',
    '002_unseen.cypher:2: the statement goes on after batches that fail, and it cannot be seen whether any did',
  ]);
  expect(await neo4j.run('MATCH (d:Done) RETURN d.n AS n')).toEqual([{ n: 9 }]);
});

test('STATEMENT_TIMEOUT=0 is no limit, also where the server has one', async () => {
  const server = await localNeo4j({ settings: { 'db.transaction.timeout': '4s' } });
  onTestFinished(() => server.remove());
  const driver = neo4j.driver(server.uri, neo4j.auth.basic(server.user, server.password));
  onTestFinished(() => driver.close());
  const count = (query: string) => driver.executeQuery(query).then(({ records }) => records.length);
  await count('CREATE (:Gate)');
  const holder = driver.session().beginTransaction({ timeout: 0 });
  await holder.run('MATCH (g:Gate) SET g.held = true');

  const MIGRATIONS_DIR = await directoryOf({ '001_waits.cypher': 'MATCH (g:Gate) SET g.passed = true;\n' });
  const settings = { NEO4J_URI: server.uri, NEO4J_USER: server.user, NEO4J_PASSWORD: server.password, MIGRATIONS_DIR };
  const running = start(['neo4j', 'migrate'], { env: { ...settings, STATEMENT_TIMEOUT: '0s' } });
  // Longer than the server's own limit.
  const waited = `SHOW TRANSACTIONS YIELD currentQuery, elapsedTime
    WHERE currentQuery STARTS WITH 'MATCH (g:Gate) SET g.passed' AND elapsedTime.milliseconds > 6000 RETURN 1`;
  await expect.poll(() => count(waited), { timeout: 40_000, interval: 200 }).toBe(1);
  await holder.commit();
  const ended = await running.ended;
  expect(ended.code, ended.stderr).toBe(0);
});
