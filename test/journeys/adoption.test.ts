import { describe, expect, test } from 'vitest';
import { run } from '../program.ts';
import { forgetHistory } from '../servers/databases.ts';
import { freshPair, freshPostgres, postgresEnv } from './pair.ts';

const EARLIER = [
  '001_initial_schema.sql',
  '002_job_tracking_schema.sql',
  '003_fix_processing_jobs_schema.sql',
  '004_chat_threading.sql',
  '005_fix_job_status_constraint.sql',
];

describe("a database that LocalRAG's earlier tool has migrated", () => {
  test.each(['timestamptz', 'timestamp'])(
    'its rows count as applied, and never run again (applied_at %s)',
    async (type) => {
      const { postgres, env } = await freshPair();
      // The schema as it is after all five, and the history as the earlier tool kept it.
      expect((await run(['postgres', 'migrate'], { env })).code).toBe(0);
      await postgres.query(`DROP TABLE migrations;
      CREATE TABLE migrations (id serial PRIMARY KEY, filename varchar(255) NOT NULL UNIQUE,
        applied_at ${type} DEFAULT CURRENT_TIMESTAMP)`);
      for (const name of EARLIER) await postgres.query('INSERT INTO migrations (filename) VALUES ($1)', [name]);

      const before = await run(['status', '--json'], { env });
      expect(
        (JSON.parse(before.stdout) as { migrations: { state: string }[] }).migrations.map(({ state }) => state),
      ).toEqual([...EARLIER.map(() => 'adopted'), 'pending']);
      const migrated = await run(['migrate', '--json'], { env });
      expect(migrated.code).toBe(0);
      expect((JSON.parse(migrated.stdout) as { applied: string[] }).applied).toEqual(['006_foundation.cypher']);
      // Reading and adopting changes nothing in what the earlier tool wrote; it can go on using its table.
      const rows = await postgres.query('SELECT filename FROM migrations ORDER BY id');
      expect(rows.map(({ filename }) => filename)).toEqual(EARLIER);
      await postgres.query("INSERT INTO migrations (filename) VALUES ('099_by_the_earlier_tool.sql')");
      expect((await run(['migrate'], { env })).code).toBe(0);
    },
  );

  test('rows whose names have no number are left alone, and new migrations are recorded beside them', async () => {
    const postgres = await freshPostgres();
    await postgres.query(`CREATE TABLE migrations (id serial PRIMARY KEY, filename varchar(255) NOT NULL UNIQUE,
        applied_at timestamptz DEFAULT CURRENT_TIMESTAMP);
      INSERT INTO migrations (filename) VALUES ('init.sql')`);
    const migrated = await run(['postgres', 'migrate'], { env: postgresEnv(postgres) });
    expect(migrated.code).toBe(0);
    expect(await postgres.query('SELECT count(*)::int AS rows FROM migrations')).toEqual([{ rows: 6 }]);
    expect((await run(['postgres', 'status'], { env: postgresEnv(postgres) })).stdout).toContain('init.sql');
  });

  test('a table migrations of another program is refused, and stays as it is', async () => {
    const postgres = await freshPostgres();
    await postgres.query("CREATE TABLE migrations (id integer, name text); INSERT INTO migrations VALUES (1, 'x')");
    const refused = await run(['postgres', 'migrate'], { env: postgresEnv(postgres) });
    expect(refused.code).toBe(78);
    expect(refused.stderr).toContain('is not a migration history');
    expect(await postgres.query('SELECT * FROM migrations')).toEqual([{ id: 1, name: 'x' }]);
  });

  test('a graph that has it all already: 006 simply holds', async () => {
    const { neo4j, env } = await freshPair();
    expect((await run(['neo4j', 'migrate'], { env })).code).toBe(0);
    await forgetHistory(neo4j);
    expect((await run(['neo4j', 'migrate'], { env })).code).toBe(0);
  });
});
