import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { directoryOf, run } from '../program.ts';
import { freshPair } from './pair.ts';

describe("the guide's commands, as they are typed now", () => {
  test('health → true for each database, Redis too', async () => {
    const { env } = await freshPair();
    const healthy = await run(['health'], { env: { ...env, REDIS_URL: inject('redis').url } });
    expect(healthy.code).toBe(0);
    expect(healthy.stdout).toMatch(/extension vector: installed \d/);
    expect(healthy.stdout.endsWith('\npostgres: true\nneo4j: true\nredis: true\n')).toBe(true);

    const broken = await run(['health'], { env: { ...env, POSTGRES_PORT: '1', REDIS_URL: 'redis://127.0.0.1:1' } });
    expect(broken.code).toBe(69);
    expect(broken.stdout.endsWith('\npostgres: false\nneo4j: true\nredis: false\n')).toBe(true);
  });

  test('status, migrate, and the same for one database', async () => {
    const { env } = await freshPair();
    expect((await run(['status'], { env })).stdout).toMatch(/^001 {6}001_initial_schema.sql +postgres +pending$/m);
    expect((await run(['neo4j', 'status'], { env })).stdout).not.toContain('postgres');
    expect((await run(['neo4j', 'migrate'], { env })).stdout).toBe('Applied 1 migration: 006_foundation.cypher.\n');
    expect((await run(['postgres', 'migrate'], { env })).code).toBe(0);
    const status = (await run(['status'], { env })).stdout;
    // The guide's three counts.
    expect(status).toMatch(/^postgres: 7 tables, \d+ indexes, 5 applied migrations$/m);
    expect(status.match(/ applied /g)?.length).toBeGreaterThanOrEqual(6);
  });

  test('create → the next number, a rollback section, valid as it is once it says something', async () => {
    const directory = await directoryOf({ '005_before.sql': 'SELECT 1;\n' });
    const created = await run(['create', 'add_user_preferences', '--migrations-dir', directory]);
    expect(created.code).toBe(0);
    const text = await readFile(join(directory, '006_add_user_preferences.sql'), 'utf8');
    expect(text).toMatch(/^-- Rollback:/m);
    expect((await run(['create', 'follow_up', '--cypher', '--migrations-dir', directory])).stdout).toContain(
      '007_follow_up.cypher',
    );
    expect((await run(['create', 'Add User', '--migrations-dir', directory])).code).toBe(64);
  });

  test('validate → every file, without a database', async () => {
    const valid = await run(['validate', '--json']);
    expect(valid.code).toBe(0);
    expect((JSON.parse(valid.stdout) as { migrations: unknown[] }).migrations).toHaveLength(6);
  });

  test('verify → fails before, passes after; rollback-plan → newest first', async () => {
    const { env } = await freshPair();
    const before = await run(['verify', '--json'], { env });
    expect(before.code).toBe(3);
    expect((JSON.parse(before.stdout) as { ok: boolean }).ok).toBe(false);
    expect((await run(['migrate'], { env })).code).toBe(0);
    const after = await run(['verify'], { env });
    expect(after.code).toBe(0);
    expect(after.stdout).toContain('idx_chunks_embedding');
    const plan = await run(['rollback-plan', '--to', '3'], { env });
    const order = [...plan.stdout.matchAll(/^(?:--|\/\/) (\d{3})_\w+\.\w+ \(/gm)].map(([, number]) => number);
    expect(order).toEqual(['006', '005', '004']);
  });

  test('each command has help; --version names program and schema', async () => {
    for (const args of [['--help'], ['migrate', '--help'], ['neo4j', 'migrate-manual', '--help'], ['repair', '-h']]) {
      const help = await run(args);
      expect([help.code, help.stderr]).toEqual([0, '']);
      expect(help.stdout).toContain('Usage: localrag-migrate');
    }
    expect((await run(['--version'])).stdout).toMatch(/^localrag-migrate \S+ \(schema 006\)\n$/);
  });
});
