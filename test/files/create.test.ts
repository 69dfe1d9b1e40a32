import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { parseMigration } from '../../src/core/parse.ts';
import { createMigration } from '../../src/files/create.ts';
import { listNames } from '../../src/files/directory.ts';

vi.mock(import('../../src/files/directory.ts'), async (original) => {
  const directory = await original();
  return { ...directory, listNames: vi.fn(directory.listNames) };
});

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'migrations-'));
});
afterEach(() => rm(directory, { recursive: true }));

async function created(existing: readonly string[], database: 'postgres' | 'neo4j' = 'postgres'): Promise<string> {
  for (const name of existing) await writeFile(join(directory, name), 'x');
  return basename(await createMigration(directory, 'add_users', database));
}

test.each([
  [[], '001_add_users.sql'],
  [['001_a.sql', '007_b.cypher', 'README.md'], '008_add_users.sql'],
  [['009_a.sql'], '010_add_users.sql'],
  [['0009_a.sql'], '0010_add_users.sql'],
  [['999_a.sql'], '1000_add_users.sql'],
  [['001_a.sql', '20260102030459_b.sql'], '20260102030460_add_users.sql'],
  [['001_A.sql', '12_b.sql'], '001_add_users.sql'],
])('after %j comes %s', async (existing, name) => expect(await created(existing)).toBe(name));

test('Cypher has its own ending and the same sequence', async () => {
  expect(await created(['001_a.sql'], 'neo4j')).toBe('002_add_users.cypher');
});

test.each(['postgres', 'neo4j'] as const)('what is written for %s only wants a statement', async (database) => {
  const path = await createMigration(directory, 'add_users', database);
  const text = await readFile(path, 'utf8');
  const parse = (content: string) => parseMigration(basename(path), new TextEncoder().encode(content));
  expect(parse(text).problems.map(({ message }) => message)).toEqual(['the file holds no statement, only comments']);
  const filled = text.replace('\n\n\n', `\n\n${database === 'postgres' ? 'SELECT 1;' : 'RETURN 1;'}\n\n`);
  expect(parse(filled).problems).toEqual([]);
  const undone = `${filled.trimEnd()} undo\n`;
  expect(parse(undone).migration?.rollback).toBe('undo');
});

test('many creators at once get a number each, and leave nothing else behind', async () => {
  const paths = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      createMigration(directory, `m${index % 5}`, index % 2 ? 'neo4j' : 'postgres'),
    ),
  );
  const names = paths.map((path) => basename(path));
  expect(new Set(names.map((name) => Number.parseInt(name, 10))).size).toBe(20);
  expect((await readdir(directory)).sort()).toEqual(names.sort());
});

test('a number that another creator has taken since we looked is left to it', async () => {
  vi.mocked(listNames).mockReturnValueOnce([]);
  expect(await created(['001_a.sql'])).toBe('002_add_users.sql');
  expect((await readdir(directory)).sort()).toEqual(['001_a.sql', '002_add_users.sql']);
});

test('a number whose creator crashed is passed over', async () => {
  await writeFile(join(directory, '.1.claim'), '');
  expect(await created([])).toBe('002_add_users.sql');
});

test.each([
  ['Add User', 'write add_user'],
  ['Größe ändern!', 'write gro_e_andern'],
  ['-', ': add_users'],
  ['../x', 'write x'],
  ['a'.repeat(300), `write ${'a'.repeat(233)}`],
])('a name like %j is refused, with the one to write', async (name, hint) => {
  await expect(createMigration(directory, name, 'postgres')).rejects.toMatchObject({
    kind: 'usage',
    hint: expect.stringContaining(hint),
  });
  expect(await readdir(directory)).toEqual([]);
});

test('where it cannot write is a matter of configuration', async () => {
  await expect(createMigration(join(directory, 'missing'), 'a', 'postgres')).rejects.toMatchObject({ kind: 'config' });
  await expect(created(['99999999999999_a.sql'])).rejects.toMatchObject({ kind: 'config' });
});
