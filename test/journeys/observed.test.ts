import { describe, expect, inject, test } from 'vitest';
import { directoryOf, run, start } from '../program.ts';
import type { FreshDatabase } from '../servers/databases.ts';
import { onTerminal } from '../terminal.ts';
import { APPLICATION, graphTransaction, session } from '../traffic/held.ts';
import { told } from '../traffic/told.ts';
import { freshPair, freshPostgres, postgresEnv } from './pair.ts';

/** An index that takes its time: two milliseconds a row, of 1,200 on many blocks. */
const SLOW = `CREATE TABLE items (id int, name text);
INSERT INTO items SELECT i, repeat('x', 200) FROM generate_series(1, 1200) AS i;
CREATE FUNCTION slow(id int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN PERFORM pg_sleep(0.002); RETURN id; END'`;
const SLOW_INDEX = `-- migrate: no-transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_items_slow ON items (slow(id));
`;

/** A session of another user, who is the superuser. */
function administrator({ database }: FreshDatabase) {
  const url = new URL(inject('postgres').url);
  url.pathname = database;
  return session(url.href);
}

/** The session that looks; the one that migrates bears the migration's name. */
const OBSERVER =
  "FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'localrag-migrate' AND state = 'idle'";

describe('a step of PostgreSQL that takes long', () => {
  test('blocked, then building an index: who blocks, as far as the rights show it, and how far it is; killing the observer changes nothing', async () => {
    const postgres = await freshPostgres();
    await postgres.query(`CREATE TABLE chats (id int);${SLOW}`);
    const holder = await administrator(postgres);
    await holder.query('BEGIN; SELECT * FROM chats');
    const [{ pid } = {}] = (await holder.query('SELECT pg_backend_pid() AS pid')).rows;
    const directory = await directoryOf({
      '001_title.sql': 'ALTER TABLE chats ADD COLUMN title text;\n',
      '002_index.sql': SLOW_INDEX,
    });
    const env = { ...postgresEnv(postgres), MIGRATIONS_DIR: directory, DDL_LOCK_TIMEOUT: '1h' };
    const running = start(['postgres', 'migrate'], { env });
    const seen = told(running, 'observed');
    const blocked = await running.event('observed');
    expect(blocked).toMatchObject({ migration: '001_title.sql', level: 'warn' });
    expect(blocked.blockers).toEqual([{ pid, user: 'postgres', application: APPLICATION, hidden: true }]);

    await postgres.asSuperuser(`GRANT pg_read_all_stats TO ${postgres.user}`);
    await expect
      .poll(() => postgres.asSuperuser(`SELECT count(pg_terminate_backend(pid))::int AS n ${OBSERVER}`), {
        timeout: 30_000,
      })
      .toEqual([{ n: 1 }]);
    await expect.poll(() => seen.length, { timeout: 30_000 }).toBeGreaterThan(1);
    expect(seen[1]?.blockers).toEqual([
      {
        pid,
        user: 'postgres',
        application: APPLICATION,
        host: '127.0.0.1',
        since: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}Z$/),
        doing: 'idle in transaction, last: SELECT pg_backend_pid() AS pid',
      },
    ]);
    await holder.query('COMMIT');

    const ended = await running.ended;
    expect(ended.code).toBe(0);
    expect(ended.events.filter(({ event }) => ['reconnecting', 'retrying'].includes(String(event)))).toEqual([]);
    const building = seen.filter(({ migration }) => migration === '002_index.sql');
    expect(building[0]).toMatchObject({
      level: 'info',
      blockers: [],
      progress: {
        command: 'CREATE INDEX CONCURRENTLY',
        on: 'idx_items_slow',
        phase: 'building index: scanning table',
        unit: 'blocks',
        percent: expect.any(Number),
      },
    });
    // Looked at about once a second, told when it changes.
    const gists = seen.map(({ migration, blockers, progress }) =>
      JSON.stringify([migration, blockers, (progress as { phase?: string } | undefined)?.phase]),
    );
    expect(gists.filter((gist, index) => gist === gists[index - 1])).toEqual([]);
    await expect.poll(() => postgres.asSuperuser(`SELECT pid ${OBSERVER}`), { timeout: 30_000 }).toEqual([]);
  });

  test('to which no observer is let in: told once, for those who look closely, and it ends well', async () => {
    const postgres = await freshPostgres();
    await postgres.asSuperuser(`ALTER ROLE ${postgres.user} CONNECTION LIMIT 1`);
    const directory = await directoryOf({ '001_slow.sql': 'SELECT pg_sleep(2);\n' });
    const ended = await run(['postgres', 'migrate'], { env: { ...postgresEnv(postgres), MIGRATIONS_DIR: directory } });
    expect(ended.code).toBe(0);
    expect(ended.events.filter(({ event }) => event === 'unobserved')).toEqual([
      expect.objectContaining({ level: 'debug', message: expect.stringContaining('too many connections') }),
    ]);
    expect(ended.events.filter(({ event }) => event === 'observed')).toEqual([]);
  });
});

test('on a terminal: one live line, in its place and within its width, with a percentage; what came of it stays', async () => {
  const postgres = await freshPostgres();
  await postgres.query(SLOW);
  const directory = await directoryOf({
    '001_index.sql': SLOW_INDEX,
    '002_words.sql': "SELECT pg_sleep(0.6);\nDO 'BEGIN RAISE WARNING ''aside''; END';\nSELECT pg_sleep(0.4);\n",
  });
  const { LOG_FORMAT, LOG_LEVEL, ...settings } = postgresEnv(postgres);
  const { code, screen, pictures } = await onTerminal(['postgres', 'migrate'], {
    env: { ...settings, MIGRATIONS_DIR: directory, NO_COLOR: '1' },
    columns: 72,
  });
  expect(code).toBe(0);
  const live = pictures.map((lines) => lines.filter((line) => /^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] \d+ s/.test(line)));
  expect(Math.max(...live.map((lines) => lines.length))).toBe(1);
  expect(live.flat()).toContainEqual(
    expect.stringMatching(/^. \d+ s {2}[█░]{20} {2}\d+ % {2}001_index\.sql: CREATE INDEX.*…$/),
  );
  expect(pictures.at(-1)).toEqual([
    'migration lock of postgres taken',
    'pending: 001_index.sql, 002_words.sql',
    expect.stringMatching(/^restore point: \S+Z, PostgreSQL LSN \S+$/),
    expect.stringMatching(/^applied 001_index\.sql in \d+\.\d s$/),
    'warning: 002_words.sql: postgres says: aside',
    expect.stringMatching(/^applied 002_words\.sql in \d+\.\d s$/),
    expect.stringMatching(/^done: 2 applied in \d+\.\d s$/),
    'Applied 2 migrations: 001_index.sql, 002_words.sql.',
  ]);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one.
  expect(screen).not.toMatch(/\x1b\[[\d;]*m/);
});

test('a step of Neo4j that takes long: who blocks it, and how far an index is', async () => {
  const { neo4j, env } = await freshPair();
  // As many as it takes for longer than the second before the first look, on a fast machine too.
  await neo4j.run(
    'CREATE (:Chat) WITH 1 AS one UNWIND range(1, 6000) AS i CREATE (:Doc {v: [j IN range(1, 1024) | rand()]})',
  );
  const holder = await graphTransaction(neo4j);
  await holder.run('MATCH (c:Chat) SET c.title = "held"');
  const [{ id } = {}] = await neo4j.run<{ id: string }>(
    'SHOW TRANSACTIONS YIELD transactionId, activeLockCount WHERE activeLockCount > 0 RETURN transactionId AS id',
  );
  const directory = await directoryOf({
    '001_title.cypher': 'MATCH (c:Chat) SET c.title = "new";\n',
    '002_vectors.cypher': `CREATE VECTOR INDEX doc_v IF NOT EXISTS FOR (d:Doc) ON (d.v)
OPTIONS {indexConfig: {\`vector.dimensions\`: 1024, \`vector.similarity_function\`: 'cosine'}};\n`,
  });
  const running = start(['neo4j', 'migrate'], { env: { ...env, MIGRATIONS_DIR: directory } });
  const seen = told(running, 'observed');
  expect(await running.event('observed')).toMatchObject({
    migration: '001_title.cypher',
    blockers: [
      { transaction: id, user: neo4j.user, host: expect.stringContaining('127.0.0.1'), since: expect.any(String) },
    ],
  });
  await holder.commit();
  expect((await running.ended).code).toBe(0);
  expect(seen.find(({ migration }) => migration === '002_vectors.cypher')).toMatchObject({
    blockers: [],
    progress: { command: 'populating VECTOR index', on: 'doc_v', percent: expect.any(Number) },
  });
});
