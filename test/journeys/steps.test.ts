import pg from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { directoryOf, run, start } from '../program.ts';
import { advisoryLocks } from '../servers/databases.ts';
import { freshPair, freshPostgres, postgresEnv } from './pair.ts';

const TABLE =
  'CREATE TABLE items (id serial, name text);\nINSERT INTO items (name) SELECT i::text FROM generate_series(1, 500) i;\n';
const LEDGER = 'CREATE TABLE ledger (what text);\n';

/** A connection of the test's own, held open. */
async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

describe('files without a transaction', () => {
  test('each statement is a step; enum values, concurrent indexes and VACUUM all work', async () => {
    const postgres = await freshPostgres();
    const directory = await directoryOf({
      '001_table.sql': `${TABLE}CREATE TYPE mood AS ENUM ('ok');\n`,
      '002_outside.sql': `-- migrate: no-transaction
ALTER TYPE mood ADD VALUE IF NOT EXISTS 'fine';
CREATE INDEX CONCURRENTLY IF NOT EXISTS items_name ON items (name);
INSERT INTO items (name) VALUES ('fine'::mood::text);
VACUUM items;
`,
    });
    const env = { ...postgresEnv(postgres), MIGRATIONS_DIR: directory };
    const migrated = await run(['postgres', 'migrate'], { env });
    expect(migrated.stderr).not.toContain('"level":"error"');
    expect(migrated.code).toBe(0);
    expect(await postgres.query('SELECT state, steps_done, steps_total FROM migrations ORDER BY id')).toEqual([
      { state: 'applied', steps_done: 1, steps_total: 1 },
      { state: 'applied', steps_done: 4, steps_total: 4 },
    ]);
    expect(await postgres.query("SELECT count(*)::int AS n FROM items WHERE name = 'fine'")).toEqual([{ n: 1 }]);
  });

  test('killed while it builds an index: the next run drops the INVALID index, builds it, and repeats nothing else', async () => {
    const postgres = await freshPostgres();
    const directory = await directoryOf({
      '001_table.sql': `${TABLE}${LEDGER}`,
      '002_index.sql': `-- migrate: no-transaction
INSERT INTO ledger VALUES ('before');
CREATE INDEX CONCURRENTLY IF NOT EXISTS items_name ON items (name);
INSERT INTO ledger VALUES ('after');
`,
    });
    const env = { ...postgresEnv(postgres), MIGRATIONS_DIR: directory };
    expect((await run(['postgres', 'migrate', '--to', '1'], { env })).code).toBe(0);

    // The build waits for this transaction.
    const writer = await connected(postgres.url);
    await writer.query("BEGIN; INSERT INTO items (name) VALUES ('open')");
    const killed = start(['postgres', 'migrate'], { env });
    await expect
      .poll(() => postgres.query('SELECT count(*)::int AS n FROM pg_index WHERE NOT indisvalid'), { timeout: 30_000 })
      .toEqual([{ n: 1 }]);
    killed.process.kill('SIGKILL');
    await killed.ended;
    // The server notices that its client has gone, and gives up the statement and the lock.
    await expect.poll(() => advisoryLocks(postgres), { timeout: 30_000 }).toBe(0);
    await writer.query('ROLLBACK');
    expect(await postgres.query('SELECT state, steps_done FROM migrations WHERE id = 2')).toEqual([
      { state: 'started', steps_done: 1 },
    ]);
    expect((await run(['postgres', 'status'], { env })).stdout).toContain('started 1/3');

    const resumed = await run(['postgres', 'migrate'], { env });
    expect(resumed.code).toBe(0);
    expect(resumed.events).toContainEqual(expect.objectContaining({ event: 'healing', index: 'items_name' }));
    expect(await postgres.query('SELECT count(*)::int AS n FROM pg_index WHERE NOT indisvalid')).toEqual([{ n: 0 }]);
    expect(await postgres.query('SELECT what FROM ledger ORDER BY what')).toEqual([
      { what: 'after' },
      { what: 'before' },
    ]);
  });

  test('a unique index over duplicates: the value is told, and once they are gone the INVALID index is built again', async () => {
    const postgres = await freshPostgres();
    const directory = await directoryOf({
      '001_table.sql': `${TABLE}INSERT INTO items (name) VALUES ('twice'), ('twice');\n`,
      '002_index.sql':
        '-- migrate: no-transaction\nCREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS items_name ON items (name);\n',
    });
    const env = { ...postgresEnv(postgres), MIGRATIONS_DIR: directory };
    for (const _again of [1, 2]) {
      const refused = await run(['postgres', 'migrate'], { env });
      expect(refused.code).toBe(70);
      expect(refused.events.at(-1)).toMatchObject({
        event: 'error',
        migration: '002_index.sql',
        line: 2,
        server: { code: '23505', detail: 'Key (name)=(twice) is duplicated.' },
      });
    }

    await postgres.query("DELETE FROM items WHERE id = (SELECT min(id) FROM items WHERE name = 'twice')");
    const healed = await run(['postgres', 'migrate'], { env });
    expect(healed.code).toBe(0);
    expect(healed.events).toContainEqual(expect.objectContaining({ event: 'healing', index: 'items_name' }));
    expect(
      await postgres.query("SELECT indisvalid, indisunique FROM pg_index WHERE indexrelid = 'items_name'::regclass"),
    ).toEqual([{ indisvalid: true, indisunique: true }]);
  });

  test('a step that fails: what is done stays, the file is mended behind it, and goes on there', async () => {
    const postgres = await freshPostgres();
    const text = (last: string) =>
      `-- migrate: no-transaction\nCREATE TABLE ledger (what text);\nINSERT INTO ledger VALUES ('one');\n${last};\n`;
    const broken = await directoryOf({ '001_steps.sql': text("INSERT INTO ledgre VALUES ('two')") });
    const failed = await run(['postgres', 'migrate'], { env: { ...postgresEnv(postgres), MIGRATIONS_DIR: broken } });
    expect(failed.code).toBe(70);
    expect(failed.events.at(-1)).toMatchObject({ event: 'error', migration: '001_steps.sql', line: 4, column: 13 });

    const mended = await directoryOf({ '001_steps.sql': text("INSERT INTO ledger VALUES ('two')") });
    expect(
      (await run(['postgres', 'migrate'], { env: { ...postgresEnv(postgres), MIGRATIONS_DIR: mended } })).code,
    ).toBe(0);
    expect(await postgres.query('SELECT what FROM ledger')).toEqual([{ what: 'one' }, { what: 'two' }]);

    // The steps that are done may not change.
    await postgres.query("UPDATE migrations SET state = 'started', steps_done = 2");
    const other = await directoryOf({
      '001_steps.sql': text("INSERT INTO ledger VALUES ('two')").replace("'one'", "'eins'"),
    });
    const refused = await run(['postgres', 'migrate'], { env: { ...postgresEnv(postgres), MIGRATIONS_DIR: other } });
    expect(refused.code).toBe(76);
    expect(refused.stderr).toContain('those steps have changed in the file since');
  });

  test('a step that is not replayable and may be half-done: 76, nothing touched, until a person decides', async () => {
    const postgres = await freshPostgres();
    const directory = await directoryOf({
      '001_commits.sql': `-- migrate: no-transaction
CREATE TABLE ledger (what text);
DO $$ BEGIN INSERT INTO ledger VALUES ('half'); COMMIT; PERFORM pg_sleep(3600); END $$;
`,
    });
    const env = { ...postgresEnv(postgres), MIGRATIONS_DIR: directory };
    const killed = start(['postgres', 'migrate'], { env });
    const half = () => postgres.query("SELECT count(*)::int AS n FROM ledger WHERE what = 'half'").catch(() => []);
    await expect.poll(half, { timeout: 30_000 }).toEqual([{ n: 1 }]);
    killed.process.kill('SIGKILL');
    await killed.ended;

    const refused = await run(['postgres', 'migrate', '--lock-timeout', '30s'], { env });
    expect(refused.code).toBe(76);
    expect(refused.stderr).toContain('step 2 of 2');
    expect(refused.stderr).toContain('repair --mark-applied 1');
    expect(await half()).toEqual([{ n: 1 }]);

    const marked = await run(['postgres', 'repair', '--mark-applied', '1', '--yes'], { env });
    expect(marked.code).toBe(0);
    expect((await run(['postgres', 'status', '--exit-code'], { env })).code).toBe(0);
    expect(await half()).toEqual([{ n: 1 }]);
  });
});

describe('Cypher', () => {
  test('data, schema and CALL … IN TRANSACTIONS in one file', async () => {
    const { neo4j, env } = await freshPair();
    const directory = await directoryOf({
      '001_mixed.cypher': `// migrate: auto-commit
// migrate: replayable
CREATE (:Thing {name: 'one'});
CREATE INDEX thing_name IF NOT EXISTS FOR (t:Thing) ON (t.name);
UNWIND range(1, 50) AS i CALL (i) { MERGE (:Batch {i: i}) } IN TRANSACTIONS OF 10 ROWS;
CREATE (:Thing {name: 'two'});
`,
    });
    const migrated = await run(['neo4j', 'migrate'], { env: { ...env, MIGRATIONS_DIR: directory } });
    expect(migrated.stderr).not.toContain('"level":"error"');
    expect(migrated.code).toBe(0);
    expect(await neo4j.run('MATCH (t:Thing) RETURN t.name AS name ORDER BY name')).toEqual([
      { name: 'one' },
      { name: 'two' },
    ]);
    expect(await neo4j.run('MATCH (b:Batch) RETURN count(b) AS n')).toEqual([{ n: 50 }]);
    expect(await neo4j.run('MATCH (m:`_Migration`) RETURN m.state AS state, m.stepsDone AS done')).toEqual([
      { state: 'applied', done: 4 },
    ]);
  });

  test('an index of the same name that is another one is not passed over', async () => {
    const { neo4j, env } = await freshPair();
    await neo4j.run('CREATE INDEX thing_name FOR (t:Other) ON (t.title)');
    const directory = await directoryOf({
      '001_index.cypher': 'CREATE INDEX thing_name IF NOT EXISTS FOR (t:Thing) ON (t.name);\n',
    });
    const refused = await run(['neo4j', 'migrate'], { env: { ...env, MIGRATIONS_DIR: directory } });
    expect(refused.code).toBe(70);
    expect(refused.stderr).toContain('index thing_name is another one: RANGE on Other (title)');
    await neo4j.run('DROP INDEX thing_name');
    expect((await run(['neo4j', 'migrate'], { env: { ...env, MIGRATIONS_DIR: directory } })).code).toBe(0);
  });
});
