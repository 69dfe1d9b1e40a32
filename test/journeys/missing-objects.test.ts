import { describe, expect, test } from 'vitest';
import { referenceOf, referenceText } from '../../scripts/reference.ts';
import { PostgresEngine } from '../../src/engine/postgres/engine.ts';
import { loadMigrations } from '../../src/files/load.ts';
import { budgets, identity } from '../contract/settings.ts';
import { directoryOf, run } from '../program.ts';
import { freshPair, freshPostgres, postgresEnv } from './pair.ts';

type Env = Readonly<Record<string, string>>;

/** What LocalRAG's cleansing script drops; the rows of the history stay. */
const CLEANSE = 'DROP TABLE documents, chunks, chat_sessions, chat_messages, processing_jobs CASCADE';

const COMMANDS = ['migrate', 'wait', 'status'] as const;

async function codes(scope: readonly string[], env: Env): Promise<readonly (number | null)[]> {
  const ended = [];
  for (const command of COMMANDS) ended.push((await run([...scope, command], { env })).code);
  return ended;
}

describe('the history says applied, and what LocalRAG needs is gone', () => {
  test('tables of PostgreSQL: 65 with the remedy, and repair --forget-all with migrate makes them again', async () => {
    const postgres = await freshPostgres();
    const env = postgresEnv(postgres);
    expect((await run(['postgres', 'migrate'], { env })).code).toBe(0);
    expect(await codes(['postgres'], env)).toEqual([0, 0, 0]);
    await postgres.query(CLEANSE);

    for (const command of COMMANDS) {
      const { code, stdout, stderr } = await run(['postgres', command], { env });
      expect(code, command).toBe(65);
      expect(`${stdout}${stderr}`).toContain(
        'documents, chunks, chat_sessions, chat_messages, processing_jobs (of 001_initial_schema.sql)',
      );
      expect(`${stdout}${stderr}`).toContain('repair --forget-all');
    }
    // What says what is missing goes on to say it.
    expect((await run(['postgres', 'verify'], { env })).code).toBe(3);

    const asked = await run(['postgres', 'repair', '--forget-all'], { env });
    expect(asked.code).toBe(64);
    expect(asked.stderr).toContain('forget the whole postgres history: 001_initial_schema.sql (applied), 002_');
    const forgotten = await run(['postgres', 'repair', '--forget-all', '--yes'], { env });
    expect(forgotten.code, forgotten.stderr).toBe(0);
    expect(await postgres.query('SELECT filename FROM migrations')).toEqual([]);
    expect((await run(['postgres', 'repair', '--forget-all', '--yes'], { env })).code).toBe(65);
    const again = await run(['postgres', 'migrate', '--json'], { env });
    expect(again.code, again.stderr).toBe(0);
    expect((JSON.parse(again.stdout) as { applied: string[] }).applied).toHaveLength(5);
    expect(await codes(['postgres'], env)).toEqual([0, 0, 0]);
    expect((await run(['postgres', 'verify'], { env })).code).toBe(0);
  });

  test('an index and a constraint of Neo4j; both histories are forgotten at once', async () => {
    const { postgres, neo4j, env } = await freshPair();
    expect((await run(['migrate'], { env })).code).toBe(0);
    await neo4j.run('DROP INDEX document_status_idx');
    await neo4j.run('DROP CONSTRAINT per_name_unique');
    for (const command of COMMANDS) {
      const { code, stdout, stderr } = await run([command], { env });
      expect(code, command).toBe(65);
      expect(`${stdout}${stderr}`).toContain('per_name_unique, document_status_idx (of 006_foundation.cypher)');
    }
    expect(await codes(['postgres'], env)).toEqual([0, 0, 0]);
    await postgres.query(CLEANSE);
    expect((await run(['repair', '--forget-all', '--yes'], { env })).code).toBe(0);
    expect((await run(['migrate'], { env })).code).toBe(0);
    expect((await run(['verify'], { env })).code).toBe(0);
  });

  test('rows of the earlier tool claim it, too; what a person has recorded is not asked about', async () => {
    const postgres = await freshPostgres();
    const env = postgresEnv(postgres);
    expect((await run(['postgres', 'baseline', '--to', '5'], { env })).code).toBe(0);
    expect(await codes(['postgres'], env)).toEqual([0, 0, 0]);
    await postgres.query("UPDATE migrations SET state = NULL, checksum = NULL WHERE filename LIKE '002%'");
    expect(await codes(['postgres'], env)).toEqual([65, 65, 65]);
    expect((await run(['postgres', 'repair', '--mark-applied', '2', '--yes'], { env })).code).toBe(0);
    expect(await codes(['postgres'], env)).toEqual([0, 0, 0]);
  });

  test('a table that was dropped on purpose: repair --mark-applied says so', async () => {
    const postgres = await freshPostgres();
    const env = postgresEnv(postgres);
    expect((await run(['postgres', 'migrate'], { env })).code).toBe(0);
    await postgres.query('DROP TABLE job_statistics CASCADE');
    const refused = await run(['postgres', 'migrate'], { env });
    expect(refused.code).toBe(65);
    expect(refused.stderr).toContain('repair --mark-applied 2');
    expect((await run(['postgres', 'repair', '--mark-applied', '1', '--yes'], { env })).code).toBe(65);
    expect((await run(['postgres', 'repair', '--mark-applied', '2', '--yes'], { env })).code).toBe(0);
    expect(await codes(['postgres'], env)).toEqual([0, 0, 0]);
  });
});

describe('what is no reason to refuse', () => {
  const FILES = {
    '001_tables.sql': `CREATE TABLE kept (id int); CREATE TABLE renamed (id int); CREATE TABLE moved (id int);
      CREATE TABLE dropped (id int); CREATE TABLE "Quoted name" (id int); CREATE TABLE became_view (id int);
      CREATE TABLE by_month (at date) PARTITION BY RANGE (at);
      CREATE TABLE by_month_1 PARTITION OF by_month FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');`,
    '002_dynamic.sql': `DO $$ BEGIN EXECUTE 'CREATE TABLE by_code (id int)'; END $$;
      CREATE TABLE swept (id int);
      CREATE FUNCTION sweep() RETURNS void LANGUAGE plpgsql AS 'BEGIN DROP TABLE IF EXISTS swept; END';
      CREATE SCHEMA IF NOT EXISTS elsewhere; CREATE TABLE elsewhere.other (id int);`,
    '003_changes.sql': `ALTER TABLE renamed RENAME TO new_name; ALTER TABLE moved SET SCHEMA elsewhere; DROP TABLE dropped;`,
  };

  /** These files with a reference, applied to a database. */
  async function applied() {
    const model = await freshPostgres({ extensions: [] });
    const directory = await directoryOf(FILES);
    const config = { ...model, sslmode: 'disable', tls: [false], connectTimeout: 10_000 } as const;
    const engine = new PostgresEngine({ config, budgets, identity, emit: () => {} });
    const reference = referenceText(await referenceOf(loadMigrations(directory), [engine]));
    await engine.close();
    const postgres = await freshPostgres({ extensions: [] });
    const files = { ...FILES, 'schema.json': reference };
    const env = { ...postgresEnv(postgres), MIGRATIONS_DIR: await directoryOf(files) };
    const migrated = await run(['postgres', 'migrate'], { env });
    expect(migrated.code, migrated.stderr).toBe(0);
    return { postgres, env, files };
  }

  test('what later files or code of the files remove, partitions, views, other schemas', async () => {
    const { postgres, env } = await applied();
    expect(await codes(['postgres'], env)).toEqual([0, 0, 0]);
    await postgres.query(`DROP TABLE by_month_1; DROP TABLE by_code; SELECT sweep(); DROP TABLE elsewhere.other;
      ALTER TABLE became_view RENAME TO became_view_rows; CREATE VIEW became_view AS SELECT * FROM became_view_rows`);
    expect(await codes(['postgres'], env)).toEqual([0, 0, 0]);
    await postgres.query('DROP TABLE "Quoted name"');
    expect(await codes(['postgres'], env)).toEqual([65, 65, 65]);
    await postgres.query('CREATE TABLE "Quoted name" ()');

    // Another schema in front of the one that has the history, as an application may have it.
    await postgres.query(`CREATE SCHEMA app; ALTER ROLE ${postgres.user} SET search_path = app, public`);
    expect(await codes(['postgres'], env)).toEqual([0, 0, 0]);
    await postgres.query('ALTER TABLE public.kept SET SCHEMA app');
    expect(await codes(['postgres'], env)).toEqual([0, 0, 0]);
  });

  test('a reference of other files, a newer image, and no reference', async () => {
    const { postgres, env, files } = await applied();
    await postgres.query('DROP TABLE kept');
    expect(await codes(['postgres'], env)).toEqual([65, 65, 65]);
    const more = { ...files, '004_more.sql': 'CREATE TABLE more (id int);' };
    const withMore = { ...env, MIGRATIONS_DIR: await directoryOf(more) };
    expect(await codes(['postgres'], withMore)).toEqual([0, 0, 0]);
    // 004 may have dropped it: the older files do not know.
    expect(await codes(['postgres'], env)).toEqual([0, 0, 0]);
    const { 'schema.json': _, ...without } = files;
    const withoutReference = { ...env, MIGRATIONS_DIR: await directoryOf(without) };
    expect(await codes(['postgres'], withoutReference)).toEqual([0, 0, 0]);
  });

  test('a reader who may see nothing but the history', async () => {
    const postgres = await freshPostgres();
    const env = postgresEnv(postgres);
    expect((await run(['postgres', 'migrate'], { env })).code).toBe(0);
    const user = `${postgres.database}_reader`;
    await postgres.asSuperuser(
      `CREATE ROLE ${user} LOGIN PASSWORD 'reader-password'; GRANT SELECT ON migrations TO ${user}`,
    );
    const reader = { ...env, POSTGRES_USER: user, POSTGRES_PASSWORD: 'reader-password' };
    expect((await run(['postgres', 'wait'], { env: reader })).code).toBe(0);
    await postgres.query(CLEANSE);
    expect((await run(['postgres', 'wait'], { env: reader })).code).toBe(65);
    await postgres.asSuperuser(`DROP OWNED BY ${user}; DROP ROLE ${user}`);
  });
});
