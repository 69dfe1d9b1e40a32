import { describe, expect, test } from 'vitest';
import { run } from '../program.ts';
import { advisoryLocks } from '../servers/databases.ts';
import { freshPair } from './pair.ts';

describe('migrate', () => {
  test('brings empty databases to the schema, and finds nothing to do the second time', async () => {
    const { postgres, neo4j, env } = await freshPair();
    const first = await run(['migrate'], { env });
    expect(first.stderr).not.toContain('"level":"error"');
    expect(first.code).toBe(0);
    expect(first.stdout).toContain('Applied 6 migrations: 001_initial_schema.sql');

    const second = await run([], { env });
    expect(second.code).toBe(0);
    expect(second.stdout).toBe('Nothing to do: every migration is applied.\n');
    expect(second.events.map(({ event }) => event)).toEqual(['up-to-date']);

    // The verification queries of the guide.
    const tables = await postgres.query(
      "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename",
    );
    expect(tables.map(({ tablename }) => tablename)).toEqual([
      'chat_messages',
      'chat_sessions',
      'chunks',
      'documents',
      'job_statistics',
      'migrations',
      'processing_jobs',
    ]);
    const [vector] = await postgres.query("SELECT extname, extversion FROM pg_extension WHERE extname = 'vector'");
    expect(vector?.extname).toBe('vector');
    const indexes = await postgres.query(
      "SELECT schemaname, indexname FROM pg_indexes WHERE schemaname = 'public' AND indexname LIKE 'idx_%'",
    );
    expect(indexes.map(({ indexname }) => indexname)).toContain('idx_chunks_embedding');
    const history = await postgres.query('SELECT filename, applied_at FROM migrations ORDER BY id');
    expect(history.map(({ filename }) => filename)).toEqual([
      '001_initial_schema.sql',
      '002_job_tracking_schema.sql',
      '003_fix_processing_jobs_schema.sql',
      '004_chat_threading.sql',
      '005_fix_job_status_constraint.sql',
    ]);
    expect(history.every(({ applied_at }) => applied_at instanceof Date)).toBe(true);
    expect(await neo4j.run('MATCH (m:`_Migration`) RETURN m.name AS name, m.state AS state')).toEqual([
      { name: '006_foundation.cypher', state: 'applied' },
    ]);

    const status = await run(['status', '--json', '--exit-code'], { env });
    expect(status.code).toBe(0);
    const listed = JSON.parse(status.stdout) as { migrations: { version: number; state: string }[]; counts: unknown };
    expect(listed.migrations.map(({ version, state }) => [version, state])).toEqual(
      [1, 2, 3, 4, 5, 6].map((version) => [version, 'applied']),
    );
    expect((await run(['verify'], { env })).code).toBe(0);
    expect((await run(['wait'], { env })).code).toBe(0);
  });

  test('five at once, in processes of their own: one applies, all succeed', async () => {
    const { postgres, neo4j, env } = await freshPair();
    const racers = await Promise.all(Array.from({ length: 5 }, () => run(['migrate', '--json'], { env })));
    expect(racers.map(({ code, stderr }) => (code === 0 ? 0 : stderr))).toEqual([0, 0, 0, 0, 0]);
    const applied = racers.flatMap(({ stdout }) => (JSON.parse(stdout) as { applied: string[] }).applied);
    expect(applied.sort()).toEqual([
      '001_initial_schema.sql',
      '002_job_tracking_schema.sql',
      '003_fix_processing_jobs_schema.sql',
      '004_chat_threading.sql',
      '005_fix_job_status_constraint.sql',
      '006_foundation.cypher',
    ]);
    expect(await postgres.query('SELECT count(*)::int AS rows FROM migrations')).toEqual([{ rows: 5 }]);
    expect(await neo4j.run('MATCH (m:`_Migration`) RETURN count(m) AS nodes')).toEqual([{ nodes: 1 }]);
    expect(await advisoryLocks(postgres)).toBe(0);
  });

  test('scopes at the same time: postgres, neo4j and both, without a deadlock', async () => {
    const { env } = await freshPair();
    const runs = await Promise.all(
      [['postgres', 'migrate'], ['neo4j', 'migrate'], ['migrate']].map((args) => run(args, { env })),
    );
    expect(runs.map(({ code, stderr }) => (code === 0 ? 0 : stderr))).toEqual([0, 0, 0]);
    expect((await run(['status', '--exit-code'], { env })).code).toBe(0);
  });

  test('--to stops at a number, --dry-run writes nothing', async () => {
    const { postgres, env } = await freshPair();
    const dry = await run(['migrate', '--dry-run'], { env });
    expect(dry.code).toBe(0);
    expect(dry.stdout).toContain('6 pending');
    expect(await postgres.query("SELECT to_regclass('migrations') AS history")).toEqual([{ history: null }]);

    expect((await run(['migrate', '--to', '2'], { env })).code).toBe(0);
    expect(await postgres.query('SELECT count(*)::int AS rows FROM migrations')).toEqual([{ rows: 2 }]);
    expect((await run(['status', '--exit-code'], { env })).code).toBe(3);
    const waiting = await run(['wait', '--wait-timeout', '500ms'], { env });
    expect(waiting.code).toBe(69);
    expect(waiting.stderr).toContain('the databases lack 003_fix_processing_jobs_schema.sql');
  });
});
