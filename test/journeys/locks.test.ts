import pg from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { directoryOf, run, start } from '../program.ts';
import { type EmptyNeo4j, forgetHistory } from '../servers/databases.ts';
import { freshPair, freshPostgres, postgresEnv } from './pair.ts';

/** A connection of the test's own that holds what it has taken. */
async function session(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: 'the application' });
  client.on('error', () => {});
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

/** The history has 001, and a process elsewhere the lease. */
async function leaseOfSomebodyElse(neo4j: EmptyNeo4j, env: Readonly<Record<string, string>>): Promise<void> {
  expect((await run(['neo4j', 'baseline', '--to', '1'], { env })).code).toBe(0);
  await neo4j.run(
    "MATCH (l:`_MigrationLease`) SET l.until = datetime() + duration('PT1H'), l.holder = 'other', l.host = 'pod-7', l.pid = 4711",
  );
}

describe('the migration lock', () => {
  test('held by somebody else: named while waiting, 75 in the end, nothing changed', async () => {
    const postgres = await freshPostgres();
    const directory = await directoryOf({ '001_long.sql': 'SELECT pg_sleep(3600);\n' });
    const env = { ...postgresEnv(postgres), MIGRATIONS_DIR: directory };
    const holder = start(['postgres', 'migrate'], { env });
    await holder.event('started');
    const refused = await run(['postgres', 'migrate', '--lock-timeout', '1s'], { env });
    expect(refused.code).toBe(75);
    expect(refused.events).toContainEqual(
      expect.objectContaining({
        event: 'lock-waiting',
        holder: expect.objectContaining({ application: 'localrag-migrate 001_long.sql', user: postgres.user }),
      }),
    );
    expect(refused.stderr).toContain('doing: active');
    holder.process.kill('SIGKILL');
    await holder.ended;
  });

  test("the lease of Neo4j, likewise: its holder's process and host", async () => {
    const { neo4j, env } = await freshPair();
    const directory = await directoryOf({ '001_data.cypher': 'CREATE (:Thing);\n' });
    const settings = { ...env, MIGRATIONS_DIR: directory };
    await leaseOfSomebodyElse(neo4j, settings);
    await forgetHistory(neo4j);
    const refused = await run(['neo4j', 'migrate', '--lock-timeout', '1s'], { env: settings });
    expect(refused.code).toBe(75);
    expect(refused.stderr).toContain('pid 4711');
    expect(refused.stderr).toContain('pod-7');
    expect(await neo4j.run('MATCH (t:Thing) RETURN count(t) AS n')).toEqual([{ n: 0 }]);

    // A holder that died: its lease ends, and the next one takes it with a higher token.
    await neo4j.run('MATCH (l:`_MigrationLease`) SET l.until = datetime() - duration("PT1S")');
    const [before] = await neo4j.run<{ token: number }>('MATCH (l:`_MigrationLease`) RETURN l.token AS token');
    expect((await run(['neo4j', 'migrate'], { env: settings })).code).toBe(0);
    const [after] = await neo4j.run<{ token: number }>('MATCH (l:`_MigrationLease`) RETURN l.token AS token');
    expect(after?.token).toBe((before?.token ?? 0) + 1);
  });

  test('whoever waits for it leaves when others have applied everything', async () => {
    const { neo4j, env } = await freshPair();
    const directory = await directoryOf({ '001_data.cypher': 'CREATE (:Thing);\n' });
    const settings = { ...env, MIGRATIONS_DIR: directory };
    await leaseOfSomebodyElse(neo4j, settings);
    await neo4j.run('MATCH (m:`_Migration`)-->(b) REMOVE m:`_Migration` SET m:Aside, b.recorded = 0');
    const waiting = start(['neo4j', 'migrate'], { env: settings });
    await waiting.event('lock-waiting');
    await neo4j.run('MATCH (m:Aside)-->(b) REMOVE m:Aside SET m:`_Migration`, b.recorded = 1');
    const { code, events } = await waiting.ended;
    expect([code, events.at(-1)]).toEqual([0, expect.objectContaining({ event: 'up-to-date' })]);
    expect(await neo4j.run('MATCH (l:`_MigrationLease`) RETURN l.holder AS holder')).toEqual([{ holder: 'other' }]);
  });

  test('a lease that another one took over meanwhile: what was under way is not committed', async () => {
    const { neo4j, env } = await freshPair();
    const directory = await directoryOf({
      '001_data.cypher':
        'CREATE (:Thing);\nUNWIND range(1, 3000) AS a UNWIND range(1, 3000) AS b WITH sum(a * b) AS s RETURN s;\n',
    });
    const running = start(['neo4j', 'migrate', '--lock-timeout', '1s'], { env: { ...env, MIGRATIONS_DIR: directory } });
    await running.event('started');
    await neo4j.run(
      "MATCH (l:`_MigrationLease`) SET l.token = l.token + 1, l.holder = 'other', l.until = datetime() + duration('PT1H')",
    );
    const ended = await running.ended;
    expect(ended.code).toBe(75);
    expect(await neo4j.run('MATCH (t:Thing) RETURN count(t) AS n')).toEqual([{ n: 0 }]);
    expect(await neo4j.run('MATCH (m:`_Migration`) RETURN count(m) AS n')).toEqual([{ n: 0 }]);
  });
});

describe('a lock on a table', () => {
  const directory = () => directoryOf({ '001_column.sql': 'ALTER TABLE items ADD COLUMN price int;\n' });

  test('is waited for in short tries, whoever blocks is named, and it ends well', async () => {
    const postgres = await freshPostgres();
    await postgres.query('CREATE TABLE items (id int)');
    const reader = await session(postgres.url);
    await reader.query('BEGIN; SELECT * FROM items');
    const env = { ...postgresEnv(postgres), MIGRATIONS_DIR: await directory(), DDL_LOCK_TIMEOUT: '500ms' };
    const running = start(['postgres', 'migrate'], { env });
    const retrying = await running.event('retrying');
    expect(retrying).toMatchObject({
      migration: '001_column.sql',
      blockers: [expect.objectContaining({ application: 'the application', user: postgres.user })],
    });
    await reader.query('ROLLBACK');
    expect((await running.ended).code).toBe(0);
  });

  test('that never comes ends with 75, and nothing is changed', async () => {
    const postgres = await freshPostgres();
    await postgres.query('CREATE TABLE items (id int)');
    const reader = await session(postgres.url);
    await reader.query('BEGIN; SELECT * FROM items');
    const env = {
      ...postgresEnv(postgres),
      MIGRATIONS_DIR: await directory(),
      DDL_LOCK_TIMEOUT: '200ms',
      DDL_LOCK_RETRY_FOR: '1s',
    };
    const refused = await run(['postgres', 'migrate'], { env });
    expect(refused.code).toBe(75);
    expect(refused.stderr).toContain('somebody else holds a lock on the table');
    expect(await postgres.query("SELECT to_regclass('migrations') AS history")).toEqual([{ history: null }]);
  });
});

describe('a connection that goes away', () => {
  test('in the middle of a migration: it is found undone, and done once', async () => {
    const postgres = await freshPostgres();
    const directory = await directoryOf({
      '001_slow.sql': "CREATE TABLE ledger (what text);\nINSERT INTO ledger VALUES ('once');\nSELECT pg_sleep(2);\n",
    });
    const running = start(['postgres', 'migrate'], { env: { ...postgresEnv(postgres), MIGRATIONS_DIR: directory } });
    await running.event('started');
    const terminate =
      "SELECT count(pg_terminate_backend(pid))::int AS n FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'localrag-migrate 001%'";
    await expect.poll(() => postgres.asSuperuser(terminate), { timeout: 30_000 }).toEqual([{ n: 1 }]);
    const ended = await running.ended;
    expect(ended.code).toBe(0);
    expect(ended.events.map(({ event }) => event)).toContain('reconnecting');
    expect(await postgres.query('SELECT what FROM ledger')).toEqual([{ what: 'once' }]);
  });
});
