import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MigrateError } from '../../src/errors.ts';
import { loadMigrations } from '../../src/files/load.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'migrations-'));
});
afterEach(() => rm(directory, { recursive: true }));

async function write(files: Readonly<Record<string, string>>, into = directory): Promise<void> {
  for (const [name, text] of Object.entries(files)) await writeFile(join(into, name), text);
}

function failure(path = directory): MigrateError {
  try {
    loadMigrations(path);
  } catch (error) {
    if (error instanceof MigrateError) return error;
    throw error;
  }
  throw new Error('no error');
}

function names(path = directory): string[] {
  return loadMigrations(path).map(({ name }) => name);
}

test('one sequence over both databases, by number', async () => {
  await write({
    '010_c.sql': 'SELECT 3',
    '002_b.cypher': 'RETURN 2',
    '001_a.sql': 'SELECT 1',
    '0003_d.sql': 'SELECT 4',
  });
  expect(names()).toEqual(['001_a.sql', '002_b.cypher', '0003_d.sql', '010_c.sql']);
});

test('other endings, directories and hidden names are left alone', async () => {
  await write({ '001_a.sql': 'SELECT 1', 'README.md': 'x', '001_a.sql~': 'x', '.002_b.sql': 'x', 'seed.csv': '1' });
  await mkdir(join(directory, '002_dir.sql'));
  await mkdir(join(directory, 'old'));
  await symlink(join(directory, 'old'), join(directory, '003_link.sql'));
  expect(names()).toEqual(['001_a.sql']);
});

test('a ConfigMap as Kubernetes mounts it: links to ..data, which links to a directory with the time in its name', async () => {
  const mounted = join(directory, '..2026_01_02_03_04_05.678');
  await mkdir(mounted);
  await write({ '001_a.sql': 'SELECT 1', '002_b.cypher': 'RETURN 2' }, mounted);
  await symlink('..2026_01_02_03_04_05.678', join(directory, '..data'));
  for (const name of ['001_a.sql', '002_b.cypher']) await symlink(join('..data', name), join(directory, name));
  const migrations = loadMigrations(directory);
  expect(migrations.map(({ name, text }) => [name, text])).toEqual([
    ['001_a.sql', 'SELECT 1'],
    ['002_b.cypher', 'RETURN 2'],
  ]);
});

/** The texts of the files; none where the directory was given up on. */
async function versionsIn(path: string): Promise<string[]> {
  await setImmediate();
  try {
    return [...new Set(loadMigrations(path).map(({ text }) => text))];
  } catch (error) {
    expect(error).toMatchObject({ kind: 'config', message: expect.stringContaining('keeps changing') });
    return [];
  }
}

test('a ConfigMap that is replaced while it is read gives one version, never a mixture', async () => {
  const names = Array.from({ length: 20 }, (_, index) => `${101 + index}_a.sql`);
  const versions = Array.from({ length: 40 }, (_, index) => `..version-${index}`);
  for (const version of versions) {
    await mkdir(join(directory, version));
    for (const name of names) await writeFile(join(directory, version, name), `SELECT '${version}'`);
  }
  for (const name of names) await symlink(join('..data', name), join(directory, name));
  await symlink(versions[0] ?? '', join(directory, '..data'));

  const replace = `const { renameSync, symlinkSync } = require('node:fs');
    const versions = ${JSON.stringify(versions)};
    let turn = 0;
    setInterval(() => { symlinkSync(versions[turn++ % versions.length], '..data_tmp'); renameSync('..data_tmp', '..data'); }, 5);`;
  const replacing = spawn(process.execPath, ['--eval', replace], { cwd: directory });
  const seen = new Set<string>();
  try {
    while (seen.size < versions.length) {
      const loaded = await versionsIn(directory);
      expect(loaded.length).toBeLessThanOrEqual(1);
      for (const version of loaded) seen.add(version);
    }
  } finally {
    replacing.kill();
    await once(replacing, 'close');
  }
  expect(loadMigrations(directory)).toHaveLength(names.length);
});

test('a link to nowhere is told', async () => {
  await write({ '001_a.sql': 'SELECT 1' });
  await symlink('nowhere', join(directory, '002_b.sql'));
  expect(failure().message).toBe('002_b.sql is a link to a file that does not exist');
});

test('a pipe is not waited for', async () => {
  execFileSync('mkfifo', [join(directory, '001_a.sql')]);
  expect(failure().message).toBe('001_a.sql is not a file');
});

test('one problem is the error itself', async () => {
  await write({ '001_a.sql': 'SELECT 1;\nCOMMIT;' });
  const error = failure();
  expect(error).toMatchObject({ kind: 'source', problems: [], place: { file: '001_a.sql', line: 2, column: 1 } });
  expect(error.message).toContain('COMMIT is transaction control');
  expect(error.excerpt).toContain('2 | COMMIT;');
  expect(error.hint).toBeDefined();
});

test('all problems of all files are told at once', async () => {
  await write({
    '001_a.sql': 'COMMIT; ROLLBACK',
    '002_B.sql': 'SELECT 1',
    '3_c.cypher': 'RETURN 1',
    '004_d.SQL': 'SELECT 1',
    '005_e.sql': 'SELECT 1',
    '0005_f.cypher': 'RETURN 1',
    '006_g.sql': '',
  });
  const error = failure();
  expect(error.kind).toBe('source');
  expect(error.message).toBe(`7 problems in the migrations of ${directory}`);
  expect(error.problems.map(({ message, place }) => [place?.file, message])).toEqual([
    ['001_a.sql', expect.stringContaining('COMMIT')],
    ['001_a.sql', expect.stringContaining('ROLLBACK')],
    ['002_B.sql', expect.stringContaining('no name of a migration')],
    ['004_d.SQL', expect.stringContaining('no name of a migration')],
    ['006_g.sql', expect.stringContaining('no statement')],
    ['3_c.cypher', expect.stringContaining('no name of a migration')],
    ['0005_f.cypher', '2 migrations have the number 5: 0005_f.cypher, 005_e.sql'],
  ]);
});

test('an empty directory is no set of migrations', async () => {
  expect(failure()).toMatchObject({ kind: 'source', message: expect.stringContaining('holds no migration') });
});

test.each([
  ['missing', 'does not exist'],
  ['file.txt', 'is not a directory'],
])('a directory that is %s is a matter of configuration', async (name, message) => {
  await write({ 'file.txt': '' });
  const error = failure(join(directory, name));
  expect(error).toMatchObject({ kind: 'config', hint: expect.stringContaining('MIGRATIONS_DIR') });
  expect(error.message).toContain(message);
});

test('many files at once', async () => {
  const files = Object.fromEntries(
    Array.from({ length: 300 }, (_, index) => [`${index + 100}_a.sql`, `SELECT ${index}`]),
  );
  await write(files);
  expect(loadMigrations(directory)).toHaveLength(300);
});
