import { execFileSync } from 'node:child_process';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadMigrations } from '../../src/files/load.ts';
import { readSources } from '../../src/files/sources.ts';
import { directoryOf } from '../program.ts';

test('checksums are those that the files have when they are read whole', async () => {
  const directory = await directoryOf({
    '001_plain.sql': 'SELECT 1;\n',
    '002_windows.sql': '\uFEFFSELECT 1;\r\nSELECT 2;\r\n',
    '003_old_mac.sql': 'SELECT 1;\rSELECT 2;',
    '004_umlauts.cypher': "CREATE (:`Größe` {name: '漢字😀'});",
    '005_high.sql': '\u{10FFFD}',
    'README.md': 'no migration',
    '.hidden.sql': 'no migration either',
  });
  await symlink('001_plain.sql', join(directory, '007_link.sql'));
  const loaded = loadMigrations(directory);
  expect(await readSources(directory)).toEqual(
    loaded.map(({ version, name, database, checksum }) => ({ version, name, database, checksum })),
  );
  expect(loaded).toHaveLength(6);
});

const spoilt: readonly [string, (directory: string) => unknown][] = [
  ['a name that is none of a migration', (directory) => symlink('001_a.sql', join(directory, '2_b.sql'))],
  ['a link to nowhere', (directory) => symlink('nowhere', join(directory, '002_b.sql'))],
  ['a pipe', (directory) => execFileSync('mkfifo', [join(directory, '002_b.sql')])],
  ['a directory', (directory) => mkdir(join(directory, '002_b.sql'))],
];
test.each(spoilt)('with %s it is for others to say what is wrong', async (_, spoil) => {
  const directory = await directoryOf({ '001_a.sql': 'SELECT 1' });
  expect(await readSources(directory)).toHaveLength(1);
  await spoil(directory);
  expect(await readSources(directory)).toBeUndefined();
});

test.each([
  ['UTF-16', Buffer.from('\uFEFFSELECT 1', 'utf16le')],
  ['a text with rubbish behind it', Buffer.concat([Buffer.from('SELECT 1\r\n'), Buffer.from([0xff])])],
])('%s is nothing that could have been applied', async (_, bytes) => {
  expect(await readSources(await directoryOf({ '001_a.sql': bytes }))).toBeUndefined();
});

test('no directory, or nothing in it', async () => {
  expect(await readSources('/nowhere')).toBeUndefined();
  expect(await readSources(await directoryOf({}))).toBeUndefined();
});
