import { describe, expect, test } from 'vitest';
import { freshPair, freshPostgres, postgresEnv } from '../journeys/pair.ts';
import { directoryOf, run, start } from '../program.ts';
import { graphTransaction, session, transactionsOf } from './held.ts';

/** What is left of a run on the server: its lock, and anything that it still does. */
const LEFT = `SELECT (SELECT count(*)::int FROM pg_locks l JOIN pg_database d ON d.oid = l.database
    WHERE locktype = 'advisory' AND datname = current_database()) AS locks,
  (SELECT count(*)::int FROM pg_stat_activity
    WHERE datname = current_database() AND application_name LIKE 'localrag-migrate%') AS sessions`;

const INVALID = 'SELECT indexrelid::regclass::text AS index FROM pg_index WHERE NOT indisvalid';

const LEDGER = 'SELECT what FROM ledger ORDER BY what';

describe('SIGTERM behind somebody else', () => {
  test('CREATE INDEX CONCURRENTLY waits for a writer: cancelled on the server; the next run heals the index and completes', async () => {
    const postgres = await freshPostgres();
    const directory = await directoryOf({
      '001_tables.sql': 'CREATE TABLE items (name text);\nCREATE TABLE ledger (what text);\n',
      '002_index.sql': `-- migrate: no-transaction
INSERT INTO ledger VALUES ('before');
CREATE INDEX CONCURRENTLY IF NOT EXISTS items_name ON items (name);
INSERT INTO ledger VALUES ('after');
`,
    });
    const env = { ...postgresEnv(postgres), MIGRATIONS_DIR: directory };
    expect((await run(['postgres', 'migrate', '--to', '1'], { env })).code).toBe(0);

    const writer = await session(postgres.url);
    await writer.query("BEGIN; INSERT INTO items VALUES ('open')");
    const stopped = start(['postgres', 'migrate'], { env });
    await expect.poll(() => postgres.query(INVALID), { timeout: 30_000 }).toEqual([{ index: 'items_name' }]);
    stopped.process.kill('SIGTERM');
    const ended = await stopped.ended;
    expect(ended.code).toBe(143);
    expect(ended.events).toContainEqual(expect.objectContaining({ event: 'unlocked', database: 'postgres' }));
    expect(await postgres.query(LEFT)).toEqual([{ locks: 0, sessions: 0 }]);
    expect(await postgres.query('SELECT state, steps_done FROM migrations WHERE id = 2')).toEqual([
      { state: 'started', steps_done: 1 },
    ]);
    expect(await postgres.query(INVALID)).toEqual([{ index: 'items_name' }]);

    await writer.query('ROLLBACK');
    const resumed = await run(['postgres', 'migrate'], { env });
    expect(resumed.code).toBe(0);
    expect(resumed.events).toContainEqual(expect.objectContaining({ event: 'healing', index: 'items_name' }));
    expect(await postgres.query(INVALID)).toEqual([]);
    expect(await postgres.query("SELECT to_regclass('items_name')::text AS index")).toEqual([{ index: 'items_name' }]);
    expect(await postgres.query(LEDGER)).toEqual([{ what: 'after' }, { what: 'before' }]);
  });

  test('between two files: the first one stays, the next run does the second one only', async () => {
    const postgres = await freshPostgres();
    await postgres.query('CREATE TABLE items (id int)');
    const reader = await session(postgres.url);
    await reader.query('BEGIN; SELECT FROM items');
    const directory = await directoryOf({
      '001_ledger.sql': "CREATE TABLE ledger (what text);\nINSERT INTO ledger VALUES ('first');\n",
      '002_column.sql': "ALTER TABLE items ADD COLUMN price int;\nINSERT INTO ledger VALUES ('second');\n",
    });
    const env = { ...postgresEnv(postgres), MIGRATIONS_DIR: directory, DDL_LOCK_TIMEOUT: '1h' };
    const stopped = start(['postgres', 'migrate'], { env });
    await stopped.event('applied');
    stopped.process.kill('SIGTERM');
    const ended = await stopped.ended;
    expect(ended.code).toBe(143);
    expect(ended.events).toContainEqual(expect.objectContaining({ event: 'unlocked', database: 'postgres' }));
    expect(await postgres.query(LEFT)).toEqual([{ locks: 0, sessions: 0 }]);
    expect(await postgres.query('SELECT filename, state FROM migrations')).toEqual([
      { filename: '001_ledger.sql', state: 'applied' },
    ]);

    await reader.query('ROLLBACK');
    const next = await run(['postgres', 'migrate'], { env });
    expect(next.code).toBe(0);
    expect(next.events).toContainEqual(expect.objectContaining({ event: 'planned', pending: ['002_column.sql'] }));
    expect(await postgres.query(LEDGER)).toEqual([{ what: 'first' }, { what: 'second' }]);
  });

  test('a schema command of Neo4j waits for an open transaction on its label: given up, and done by the next run', async () => {
    const { neo4j, env } = await freshPair();
    const writer = await graphTransaction(neo4j);
    await writer.run('CREATE (:Thing)');
    const name = '001_index.cypher';
    const directory = await directoryOf({
      [name]: 'CREATE INDEX thing_name IF NOT EXISTS FOR (t:Thing) ON (t.name);\n',
    });
    const settings = { ...env, MIGRATIONS_DIR: directory };
    const stopped = start(['neo4j', 'migrate'], { env: settings });
    // From here to its end this step has one transaction of its own: the command's.
    await stopped.event('step');
    await expect.poll(() => transactionsOf(neo4j, name), { timeout: 30_000 }).toEqual([{ n: 1 }]);
    stopped.process.kill('SIGTERM');
    const ended = await stopped.ended;
    expect(ended.code).toBe(143);
    // Not by the end of the grace, which gives nothing back.
    expect(ended.events).toContainEqual(expect.objectContaining({ event: 'unlocked', database: 'neo4j' }));
    expect(await transactionsOf(neo4j, name)).toEqual([{ n: 0 }]);
    expect(await neo4j.run('MATCH (m:`_Migration`) RETURN m.state AS state, m.stepsDone AS done')).toEqual([
      { state: 'started', done: 0 },
    ]);

    await writer.rollback();
    expect((await run(['neo4j', 'migrate'], { env: settings })).code).toBe(0);
    expect(await neo4j.run("SHOW INDEXES YIELD name, state WHERE name = 'thing_name' RETURN state")).toEqual([
      { state: 'ONLINE' },
    ]);
  });
});

describe('SIGTERM inside a step that is not replayable: what may be half-done is the one to tell, 76', () => {
  test('PostgreSQL: a block that commits', async () => {
    const postgres = await freshPostgres();
    const directory = await directoryOf({
      '001_commits.sql': `-- migrate: no-transaction
CREATE TABLE ledger (what text);
DO $$ BEGIN INSERT INTO ledger VALUES ('half'); COMMIT; PERFORM pg_sleep(3600); END $$;
`,
    });
    const env = { ...postgresEnv(postgres), MIGRATIONS_DIR: directory };
    const stopped = start(['postgres', 'migrate'], { env });
    await expect.poll(() => postgres.query(LEDGER).catch(() => []), { timeout: 30_000 }).toEqual([{ what: 'half' }]);
    stopped.process.kill('SIGTERM');
    const ended = await stopped.ended;
    expect(ended.code).toBe(76);
    expect(ended.stderr).toContain('step 2 of 2 is not replayable and may be half-done');
    expect(ended.stderr).toContain('repair --resume 1');
    expect(await postgres.query(LEFT)).toEqual([{ locks: 0, sessions: 0 }]);

    const next = await run(['postgres', 'migrate'], { env });
    expect(next.code).toBe(76);
    expect(await postgres.query(LEDGER)).toEqual([{ what: 'half' }]);
  });

  test('Neo4j: CALL … IN TRANSACTIONS', async () => {
    const { neo4j, env } = await freshPair();
    const directory = await directoryOf({
      '001_batches.cypher':
        '// migrate: auto-commit\nUNWIND range(1, 100000000) AS i CALL (i) { CREATE (:Batch) } IN TRANSACTIONS OF 1 ROWS;\n',
    });
    const settings = { ...env, MIGRATIONS_DIR: directory };
    const batches = async () => (await neo4j.run<{ n: number }>('MATCH (b:Batch) RETURN count(b) AS n'))[0]?.n ?? 0;
    const stopped = start(['neo4j', 'migrate'], { env: settings });
    await expect.poll(batches, { timeout: 30_000 }).toBeGreaterThan(0);
    stopped.process.kill('SIGTERM');
    const ended = await stopped.ended;
    expect(ended.code).toBe(76);
    expect(ended.stderr).toContain('step 1 of 1 is not replayable and may be half-done');
    expect(ended.events).toContainEqual(expect.objectContaining({ event: 'unlocked', database: 'neo4j' }));

    const left = await batches();
    expect((await run(['neo4j', 'migrate'], { env: settings })).code).toBe(76);
    expect(await batches()).toBe(left);
  });
});
