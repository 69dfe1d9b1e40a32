import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { directoryOf, type Ended, run } from '../program.ts';
import type { FreshDatabase } from '../servers/databases.ts';
import { freshPair, freshPostgres, postgresEnv } from './pair.ts';

interface Point {
  readonly time: string;
  readonly postgresLsn?: string;
  readonly neo4jTransaction?: number;
}

const FILES = {
  '001_a.sql': 'CREATE TABLE a (i int);',
  '002_b.sql': 'CREATE TABLE b (i int);',
  '003_n.cypher': 'CREATE (:N);',
};

/** What the log of a run has of it, at most once. */
function noted({ events }: Ended): Point | undefined {
  const found = events.filter(({ event }) => event === 'restore-point');
  expect(found.length).toBeLessThanOrEqual(1);
  return found[0]?.restorePoint as Point | undefined;
}

async function statusOf(words: readonly string[], env: Readonly<Record<string, string>>) {
  const { code, stdout, stderr } = await run([...words, 'status', '--json'], { env });
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as {
    readonly restorePoint?: Point;
    readonly migrations: readonly { readonly name: string; readonly restorePoint?: Point }[];
  };
}

async function position(postgres: FreshDatabase): Promise<string> {
  const [row] = await postgres.query<{ lsn: string }>('SELECT pg_current_wal_lsn()::text AS lsn');
  return row?.lsn ?? '';
}

const isBefore = (postgres: FreshDatabase, one: string, other: string) =>
  postgres.query('SELECT $1::pg_lsn <= $2::pg_lsn AS before', [one, other]);

test('a run notes where the databases are before its first change; status has it from then on', async () => {
  const { postgres, env } = await freshPair();
  const MIGRATIONS_DIR = await directoryOf(FILES);
  const before = await position(postgres);
  const began = Date.now();

  const first = await run(['migrate'], { env: { ...env, MIGRATIONS_DIR } });

  expect(first.code, first.stderr).toBe(0);
  const point = noted(first);
  expect(point).toEqual({
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]+\.\d{3}Z$/),
    postgresLsn: expect.any(String),
  });
  expect(Math.abs(Date.parse(point?.time ?? '') - began)).toBeLessThan(60_000);
  const lsn = point?.postgresLsn ?? '';
  expect(await isBefore(postgres, before, lsn)).toEqual([{ before: true }]);
  expect(await isBefore(postgres, lsn, await position(postgres))).toEqual([{ before: true }]);
  const names = first.events.map(({ event }) => event);
  expect(names.indexOf('restore-point')).toBe(names.indexOf('planned') + 1);
  expect(names.indexOf('restore-point')).toBeLessThan(names.indexOf('started'));

  const nothing = await run(['migrate'], { env: { ...env, MIGRATIONS_DIR } });
  expect(noted(nothing)).toBeUndefined();
  const status = await statusOf([], { ...env, MIGRATIONS_DIR });
  expect(status.restorePoint).toEqual(point);
  expect(status.migrations.map(({ restorePoint }) => restorePoint)).toEqual([point, point, point]);

  const more = await directoryOf({ ...FILES, '004_m.cypher': 'CREATE (:M);' });
  const second = await run(['migrate'], { env: { ...env, MIGRATIONS_DIR: more } });
  const later = noted(second);
  expect(later?.postgresLsn).toBeDefined();
  expect(later).not.toEqual(point);
  expect((await statusOf([], { ...env, MIGRATIONS_DIR: more })).restorePoint).toEqual(later);
  const { stdout } = await run(['status'], { env: { ...env, MIGRATIONS_DIR: more } });
  expect(stdout).toContain(
    `restore point before the last change: ${later?.time}, PostgreSQL LSN ${later?.postgresLsn}\n`,
  );
});

test('what only looks notes nothing', async () => {
  const { env } = await freshPair();
  const MIGRATIONS_DIR = await directoryOf(FILES);
  for (const words of [['migrate', '--dry-run'], ['migrate', '--rehearse'], ['plan'], ['baseline', '--to', '3']])
    expect(noted(await run(words, { env: { ...env, MIGRATIONS_DIR } }))).toBeUndefined();
  expect((await statusOf([], { ...env, MIGRATIONS_DIR })).restorePoint).toBeUndefined();
});

test.each(['postgres', 'neo4j'])('one database alone: %s', async (scope) => {
  const { env } = await freshPair();
  const settings = { ...env, MIGRATIONS_DIR: await directoryOf(FILES) };
  const point = noted(await run([scope, 'migrate'], { env: settings }));
  expect(Object.keys(point ?? {})).toEqual(scope === 'postgres' ? ['time', 'postgresLsn'] : ['time']);
  expect((await statusOf([scope], settings)).restorePoint).toEqual(point);
});

test('the termination message of a failure has it; so has status if something was applied before', async () => {
  const postgres = await freshPostgres();
  const env = { ...postgresEnv(postgres), MIGRATIONS_DIR: await directoryOf({ '001_a.sql': 'SELECT 1 / 0;' }) };
  const TERMINATION_LOG = join(env.MIGRATIONS_DIR, '.termination-log');
  const message = async () => JSON.parse(await readFile(TERMINATION_LOG, 'utf8')) as { restorePoint?: Point };

  const failed = await run(['postgres', 'migrate'], { env: { ...env, TERMINATION_LOG } });
  expect(failed.code).toBe(70);
  expect(noted(failed)).toBeDefined();
  expect((await message()).restorePoint).toEqual(noted(failed));
  expect((await statusOf(['postgres'], env)).restorePoint).toBeUndefined();

  const MIGRATIONS_DIR = await directoryOf({ '001_a.sql': FILES['001_a.sql'], '002_b.sql': 'SELECT 1 / 0;' });
  const partly = await run(['postgres', 'migrate'], { env: { ...env, MIGRATIONS_DIR, TERMINATION_LOG } });
  expect(partly.code).toBe(70);
  expect((await message()).restorePoint).toEqual(noted(partly));
  expect((await statusOf(['postgres'], { ...env, MIGRATIONS_DIR })).restorePoint).toEqual(noted(partly));

  // Refused before anything could be changed.
  const refused = await run(['postgres', 'migrate'], { env: { ...env, POSTGRES_PASSWORD: 'not-it', TERMINATION_LOG } });
  expect(refused.code).toBe(77);
  expect(await message()).not.toHaveProperty('restorePoint');
});

test('without the privilege to ask for the position there is the time alone', async () => {
  const postgres = await freshPostgres();
  await postgres.asSuperuser('REVOKE EXECUTE ON FUNCTION pg_catalog.pg_current_wal_lsn() FROM PUBLIC');
  const env = { ...postgresEnv(postgres), MIGRATIONS_DIR: await directoryOf(FILES) };
  const ended = await run(['postgres', 'migrate'], { env });
  expect(ended.code, ended.stderr).toBe(0);
  expect(noted(ended)).toEqual({ time: expect.any(String) });
  expect((await statusOf(['postgres'], env)).restorePoint).toEqual(noted(ended));
});

test('a migration that is gone on with keeps the point from before it began', async () => {
  const postgres = await freshPostgres();
  const text = (second: string) => `-- migrate: no-transaction\nCREATE TABLE a (i int);\n${second};\n`;
  const env = { ...postgresEnv(postgres), MIGRATIONS_DIR: await directoryOf({ '001_a.sql': text('SELECT 1 / 0') }) };
  const began = await run(['postgres', 'migrate'], { env });
  expect(began.code).toBe(70);
  const fixed = { ...env, MIGRATIONS_DIR: await directoryOf({ '001_a.sql': text('SELECT 1') }) };
  const went = await run(['postgres', 'migrate'], { env: fixed });
  expect(went.code, went.stderr).toBe(0);
  expect(noted(went)).toBeDefined();
  expect((await statusOf(['postgres'], fixed)).restorePoint).toEqual(noted(began));
});

test.each([
  ['001_a.sql', '-- migrate: replayable\nCREATE TABLE IF NOT EXISTS a (i int);'],
  ['001_a.cypher', '// migrate: replayable\nMERGE (:N);'],
])('a migration that repair --reapply runs has one too: %s', async (name, text) => {
  const { env } = await freshPair();
  const settings = { ...env, MIGRATIONS_DIR: await directoryOf({ [name]: text }) };
  expect((await run(['baseline', '--to', '1'], { env: settings })).code).toBe(0);
  const ended = await run(['repair', '--reapply', '1', '--yes'], { env: settings });
  expect(ended.code, ended.stderr).toBe(0);
  expect(noted(ended)).toBeDefined();
  expect((await statusOf([], settings)).restorePoint).toEqual(noted(ended));
});

test('a point that something else has overwritten is no point, and no reason to fail', async () => {
  const { postgres, neo4j, env } = await freshPair();
  const settings = { ...env, MIGRATIONS_DIR: await directoryOf(FILES) };
  expect((await run(['migrate'], { env: settings })).code).toBe(0);
  for (const value of ['{', '[]', 'null', '{"time": "soon"}', '{"time": 5}']) {
    await neo4j.run('MATCH (m:`_Migration`) SET m.restorePoint = $value', { value });
    await postgres.query('UPDATE migrations SET restore_point = $1', [value === '{' ? '"{"' : value]);
    expect((await statusOf([], settings)).restorePoint).toBeUndefined();
  }
});

test('a history from before there were restore points is read, and gets them', async () => {
  const { postgres, neo4j, env } = await freshPair();
  const settings = { ...env, MIGRATIONS_DIR: await directoryOf(FILES) };
  expect((await run(['migrate'], { env: settings })).code).toBe(0);
  await postgres.query('ALTER TABLE migrations DROP COLUMN restore_point');
  await neo4j.run('MATCH (m:`_Migration`) REMOVE m.restorePoint');
  expect((await statusOf([], settings)).restorePoint).toBeUndefined();

  const MIGRATIONS_DIR = await directoryOf({ ...FILES, '004_c.sql': 'CREATE TABLE c (i int);' });
  const ended = await run(['migrate'], { env: { ...env, MIGRATIONS_DIR } });
  expect(ended.code, ended.stderr).toBe(0);
  const status = await statusOf([], { ...env, MIGRATIONS_DIR });
  expect(status.restorePoint).toEqual(noted(ended));
  expect(status.migrations.map(({ restorePoint }) => restorePoint)).toEqual([
    undefined,
    undefined,
    undefined,
    noted(ended),
  ]);
});
