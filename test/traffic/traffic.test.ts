import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { freshPair } from '../journeys/pair.ts';
import { directoryOf, run, start } from '../program.ts';
import { forgetHistory } from '../servers/databases.ts';
import { WaitsBehindUs } from './behind.ts';
import { APPLICATION, session } from './held.ts';
import { Load } from './load.ts';
import { told } from './told.ts';

const SCHEMA = fileURLToPath(new URL('../../migrations', import.meta.url));

/** Each needs what the application has in use. */
const FILES = {
  '101_columns.sql': 'ALTER TABLE documents ADD COLUMN language text;\nALTER TABLE chunks ADD COLUMN language text;\n',
  '102_index.sql':
    '-- migrate: no-transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS chunks_language ON chunks (language);\n',
  '103_graph.cypher':
    'CREATE INDEX document_language IF NOT EXISTS FOR (d:Document) ON (d.language);\nCREATE INDEX topic_language IF NOT EXISTS FOR (t:Topic) ON (t.language);\n',
};

/** Milliseconds. */
const DDL_LOCK_TIMEOUT = 500;

test('migrations under live traffic: a long reader is waited for without holding up everybody else', async () => {
  const pair = await freshPair();
  const { postgres, neo4j, env } = pair;
  expect((await run(['migrate'], { env: { ...env, MIGRATIONS_DIR: SCHEMA } })).code).toBe(0);
  const load = await Load.start(pair);
  await expect
    .poll(() => Math.min(load.count('insert'), load.count('search'), load.count('merge')), { timeout: 30_000 })
    .toBeGreaterThanOrEqual(20);
  // What this machine takes for an operation that nobody stands in the way of, the first and slowest ones included.
  const limit = {
    postgres: 2 * DDL_LOCK_TIMEOUT + Math.max(load.longest('insert'), load.longest('search')),
    neo4j: 2 * DDL_LOCK_TIMEOUT + load.longest('merge'),
  };

  const reader = await session(postgres.url);
  const [{ pid } = {}] = (await reader.query('SELECT pg_backend_pid() AS pid')).rows;
  await reader.query('BEGIN; SELECT count(*) FROM chunks');
  const behind = await WaitsBehindUs.watch(postgres);
  const settings = { ...env, MIGRATIONS_DIR: await directoryOf(FILES), DDL_LOCK_TIMEOUT: `${DDL_LOCK_TIMEOUT}ms` };
  // The schema's own files are not in this directory: it stays, and its history is forgotten.
  await postgres.query('DELETE FROM migrations');
  await forgetHistory(neo4j);
  const running = start(['migrate'], { env: settings });
  const tries = told(running, 'retrying');
  // Three tries hold the reader's lock for three times the timeout; a program that never gives up is not waited for.
  await expect.poll(() => tries.length >= 3 || behind.longest > limit.postgres, { timeout: 40_000 }).toBe(true);
  await reader.query('COMMIT');
  const ended = await running.ended;
  await behind.stop();
  await load.stop();

  expect(ended.code).toBe(0);
  // The application did wait behind us: else the next lines would say nothing.
  expect(behind.longest).toBeGreaterThan(0);
  expect(behind.longest).toBeLessThan(limit.postgres);
  // Neo4j does not tell who waits for whom: here the whole operation counts.
  expect(load.longest('merge')).toBeLessThan(limit.neo4j);
  // Whoever inserts just then may be named beside it.
  expect(tries).toContainEqual(
    expect.objectContaining({
      migration: '101_columns.sql',
      blockers: expect.arrayContaining([
        expect.objectContaining({ pid, application: APPLICATION, user: postgres.user }),
      ]),
    }),
  );

  // Nothing of the application's was lost either.
  expect(await postgres.query('SELECT count(*)::int AS n FROM documents WHERE language IS NULL')).toEqual([
    { n: load.count('insert') },
  ]);
  expect(await postgres.query('SELECT count(*)::int AS n FROM chunks WHERE language IS NULL')).toEqual([
    { n: 2 * load.count('insert') },
  ]);
  expect(await neo4j.run('MATCH (d:Document)-[:ABOUT]->(:Topic) RETURN count(d) AS n')).toEqual([
    { n: load.count('merge') },
  ]);
  expect(await postgres.query('SELECT indexrelid FROM pg_index WHERE NOT indisvalid')).toEqual([]);
});
