import { createServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { directoryOf, run, start } from '../program.ts';
import { advisoryLocks } from '../servers/databases.ts';
import { freshPair, freshPostgres, postgresEnv } from './pair.ts';

const RUNNING =
  "SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'localrag-migrate%' AND state = 'active'";

describe('SIGTERM', () => {
  test.each([
    ['SIGTERM', 143, 'terminated'],
    ['SIGINT', 130, 'interrupted'],
  ] as const)(
    'in a transaction: %s cancels on the server, rolls back, unlocks, and ends with %i',
    async (signal, code, name) => {
      const postgres = await freshPostgres();
      const directory = await directoryOf({ '001_long.sql': 'CREATE TABLE half (i int);\nSELECT pg_sleep(3600);\n' });
      const running = start(['postgres', 'migrate'], { env: { ...postgresEnv(postgres), MIGRATIONS_DIR: directory } });
      await expect.poll(() => postgres.query(RUNNING), { timeout: 30_000 }).toEqual([{ n: 1 }]);
      running.process.kill(signal);
      const ended = await running.ended;
      expect(ended.code).toBe(code);
      expect(ended.events.at(-1)).toMatchObject({ event: 'error', code, name });
      expect(await postgres.query(RUNNING)).toEqual([{ n: 0 }]);
      expect(await advisoryLocks(postgres)).toBe(0);
      expect(await postgres.query("SELECT to_regclass('half') AS half, to_regclass('migrations') AS history")).toEqual([
        { half: null, history: null },
      ]);
    },
  );

  test('in a Neo4j transaction: terminated there, nothing left, the lease free', async () => {
    const { neo4j, env } = await freshPair();
    const directory = await directoryOf({
      '001_long.cypher':
        'CREATE (:Half);\nUNWIND range(1, 100000000) AS a UNWIND range(1, 100000000) AS b WITH a WHERE a < 0 RETURN count(a);\n',
      '002_short.cypher': 'CREATE (:Whole);\n',
    });
    const settings = { ...env, MIGRATIONS_DIR: directory };
    const running = start(['neo4j', 'migrate'], { env: settings });
    const ours = () =>
      neo4j.run("SHOW TRANSACTIONS YIELD currentQuery WHERE currentQuery STARTS WITH 'UNWIND' RETURN count(*) AS n");
    await expect.poll(ours, { timeout: 30_000 }).toEqual([{ n: 1 }]);
    running.process.kill('SIGTERM');
    expect((await running.ended).code).toBe(143);
    expect(await ours()).toEqual([{ n: 0 }]);
    expect(await neo4j.run('MATCH (h:Half) RETURN count(h) AS n')).toEqual([{ n: 0 }]);

    const again = await directoryOf({ '001_long.cypher': 'CREATE (:Whole);\n' });
    const next = await run(['neo4j', 'migrate', '--lock-timeout', '5s'], { env: { ...env, MIGRATIONS_DIR: again } });
    expect(next.code).toBe(0);
  });

  test('while it polls for the lock', async () => {
    const postgres = await freshPostgres();
    const directory = await directoryOf({ '001_long.sql': 'SELECT pg_sleep(3600);\n' });
    const env = { ...postgresEnv(postgres), MIGRATIONS_DIR: directory };
    const holder = start(['postgres', 'migrate'], { env });
    await holder.event('started');
    const waiting = start(['postgres', 'migrate'], { env });
    await waiting.event('lock-waiting');
    waiting.process.kill('SIGTERM');
    expect((await waiting.ended).code).toBe(143);
    holder.process.kill('SIGTERM');
    expect((await holder.ended).code).toBe(143);
  });

  test('while it waits for a database that does not answer', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void silent.close());
    const { port } = silent.address() as { port: number };
    const url = `postgres://someone:something@127.0.0.1:${port}/db`;
    const running = start(['postgres', 'migrate'], { env: { DATABASE_URL: url, LOG_FORMAT: 'json' } });
    const connected = new Promise((resolve) => silent.once('connection', resolve));
    await connected;
    running.process.kill('SIGTERM');
    expect((await running.ended).code).toBe(143);
  });

  test('a second signal ends at once', async () => {
    const postgres = await freshPostgres();
    const directory = await directoryOf({ '001_long.sql': 'SELECT pg_sleep(3600);\n' });
    const env = { ...postgresEnv(postgres), MIGRATIONS_DIR: directory };
    const running = start(['postgres', 'migrate'], { env });
    await expect.poll(() => postgres.query(RUNNING), { timeout: 30_000 }).toEqual([{ n: 1 }]);
    running.process.kill('SIGTERM');
    await running.event('stopping');
    running.process.kill('SIGTERM');
    expect((await running.ended).code).toBe(143);
  });
});
