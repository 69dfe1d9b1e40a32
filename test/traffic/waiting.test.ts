import { describe, expect, inject, test } from 'vitest';
import { freshPair, freshPostgres, postgresEnv } from '../journeys/pair.ts';
import { directoryOf, start } from '../program.ts';
import type { FreshDatabase } from '../servers/databases.ts';
import { APPLICATION, graphTransaction, session } from './held.ts';
import { told } from './told.ts';

const TABLES = `CREATE TABLE items (id int PRIMARY KEY, n int);
CREATE TABLE orders (id int);
CREATE TABLE gate (id int);
CREATE TABLE ledger (what text);
INSERT INTO items VALUES (1, 1)`;

/** How many of the program's sessions stand in line for a lock of this table, or for a row of it. */
function waitingFor(postgres: FreshDatabase, table: string): Promise<{ n: number }[]> {
  return postgres.query(
    `SELECT count(DISTINCT l.pid)::int AS n FROM pg_locks l JOIN pg_stat_activity a USING (pid)
     WHERE a.datname = current_database() AND a.application_name LIKE 'localrag-migrate%' AND a.wait_event_type = 'Lock'
       AND l.relation = to_regclass($1)`,
    [table],
  );
}

describe('waiting for the application', () => {
  test('a reader outlasts many tries: each one is told and names it, and the work is done once', async () => {
    const postgres = await freshPostgres();
    await postgres.query(TABLES);
    const reader = await session(postgres.url);
    const [{ pid } = {}] = (await reader.query('SELECT pg_backend_pid() AS pid')).rows;
    await reader.query('BEGIN; SELECT FROM items');
    const directory = await directoryOf({
      '001_column.sql': "INSERT INTO ledger VALUES ('once');\nALTER TABLE items ADD COLUMN price int;\n",
    });
    const env = { ...postgresEnv(postgres), MIGRATIONS_DIR: directory, DDL_LOCK_TIMEOUT: '200ms' };
    const running = start(['postgres', 'migrate'], { env });
    const tries = told(running, 'retrying');
    await expect.poll(() => tries.length, { timeout: 40_000 }).toBeGreaterThanOrEqual(6);
    await reader.query('COMMIT');
    const ended = await running.ended;
    expect(ended.code).toBe(0);
    expect(tries.at(-1)).toMatchObject({
      migration: '001_column.sql',
      message: expect.stringContaining('lock timeout'),
      blockers: [expect.objectContaining({ pid, application: APPLICATION, user: postgres.user })],
    });
    expect(tries.map(({ attempt }) => attempt)).toEqual(tries.map((_, index) => index + 1));
    expect(await postgres.query('SELECT what FROM ledger')).toEqual([{ what: 'once' }]);
  });

  test('a deadlock with the application: our transaction is the victim, tried again, and done once', async () => {
    const postgres = await freshPostgres();
    await postgres.query(TABLES);
    // Who looks for a deadlock first is its victim: the program's role looks soon, the application's never.
    await postgres.asSuperuser(`ALTER ROLE ${postgres.user} SET deadlock_timeout = '50ms'`);
    const superuser = new URL(inject('postgres').url);
    superuser.pathname = postgres.database;
    const gatekeeper = await session(superuser.href);
    const application = await session(superuser.href);
    await application.query("SET deadlock_timeout = '1h'");
    await gatekeeper.query('BEGIN; LOCK TABLE gate');
    await application.query('BEGIN; LOCK TABLE orders');
    const directory = await directoryOf({
      '001_columns.sql': `INSERT INTO ledger VALUES ('once');
ALTER TABLE items ADD COLUMN price int;
ALTER TABLE gate ADD COLUMN price int;
ALTER TABLE orders ADD COLUMN price int;
`,
    });
    const env = { ...postgresEnv(postgres), MIGRATIONS_DIR: directory, DDL_LOCK_TIMEOUT: '1h' };
    const running = start(['postgres', 'migrate'], { env });
    await expect.poll(() => waitingFor(postgres, 'gate'), { timeout: 30_000 }).toEqual([{ n: 1 }]);
    // Both hold what the other one is about to ask for; with the gate open the circle closes.
    const update = application.query('UPDATE items SET n = n + 1');
    const behind = "SELECT FROM pg_locks WHERE relation = 'items'::regclass AND NOT granted";
    await expect.poll(() => postgres.query(behind), { timeout: 30_000 }).toHaveLength(1);
    await gatekeeper.query('ROLLBACK');
    await update;
    await application.query('COMMIT');
    const ended = await running.ended;
    expect(ended.code).toBe(0);
    expect(ended.events).toContainEqual(
      expect.objectContaining({ event: 'retrying', message: expect.stringContaining('deadlock detected') }),
    );
    expect(await postgres.query('SELECT what FROM ledger')).toEqual([{ what: 'once' }]);
    expect(await postgres.query('SELECT n, price FROM items')).toEqual([{ n: 2, price: null }]);
    expect(await postgres.query('SELECT filename, state FROM migrations')).toEqual([
      { filename: '001_columns.sql', state: 'applied' },
    ]);
  });

  test('a serialization failure: tried again with what the application has committed', async () => {
    const postgres = await freshPostgres();
    await postgres.query(TABLES);
    await postgres.query(`ALTER DATABASE ${postgres.database} SET default_transaction_isolation = 'repeatable read'`);
    const application = await session(postgres.url);
    await application.query('BEGIN; UPDATE items SET n = n + 1');
    const directory = await directoryOf({
      '001_tenfold.sql': "INSERT INTO ledger VALUES ('once');\nUPDATE items SET n = n * 10;\n",
    });
    const env = { ...postgresEnv(postgres), MIGRATIONS_DIR: directory, DDL_LOCK_TIMEOUT: '1h' };
    const running = start(['postgres', 'migrate'], { env });
    await expect.poll(() => waitingFor(postgres, 'items'), { timeout: 30_000 }).toEqual([{ n: 1 }]);
    await application.query('COMMIT');
    const ended = await running.ended;
    expect(ended.code).toBe(0);
    expect(ended.events).toContainEqual(
      expect.objectContaining({ event: 'retrying', message: expect.stringContaining('could not serialize') }),
    );
    expect(await postgres.query('SELECT n FROM items')).toEqual([{ n: 20 }]);
    expect(await postgres.query('SELECT what FROM ledger')).toEqual([{ what: 'once' }]);
  });

  test('a schema command of Neo4j behind an open transaction: in short tries, between which everybody else can write', async () => {
    const { neo4j, env } = await freshPair();
    const slow = await graphTransaction(neo4j);
    await slow.run('CREATE (:Thing)');
    const directory = await directoryOf({
      '001_index.cypher': 'CREATE INDEX thing_name IF NOT EXISTS FOR (t:Thing) ON (t.name);\n',
    });
    const settings = { ...env, MIGRATIONS_DIR: directory, DDL_LOCK_TIMEOUT: '500ms' };
    const running = start(['neo4j', 'migrate'], { env: settings });
    const tries = told(running, 'retrying');
    await running.event('step');
    // Each of these stands in line behind the command where it waits for its lock, and ends while `slow` is still open.
    while (tries.length < 3) await neo4j.run('CREATE (:Thing)');
    expect(tries[0]).toMatchObject({ database: 'neo4j', migration: '001_index.cypher' });
    await slow.commit();
    expect((await running.ended).code).toBe(0);
    expect(await neo4j.run("SHOW INDEXES YIELD name, state WHERE name = 'thing_name' RETURN state")).toEqual([
      { state: 'ONLINE' },
    ]);
  });
});
