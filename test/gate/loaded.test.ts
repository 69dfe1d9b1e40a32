import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freshPair } from '../journeys/pair.ts';
import { directoryOf, run } from '../program.ts';

// What a run that finds nothing to do loads does not depend on the machine; how long it takes to start is mostly that.

/** Modules of Node itself, most of which are there before any program begins. */
const BUILTIN = 150;

/** Modules of Node that are slow to load and that such a run has no use for. */
const SLOW = ['child_process', 'fs/promises', 'http', 'https', 'internal/deps/undici/undici', 'readline', 'tls'];

test('a run that finds nothing to do loads what it needs', async () => {
  const { env } = await freshPair({ extensions: [] });
  const directory = await directoryOf({ '001_a.sql': 'CREATE TABLE a (i int);', '002_b.cypher': 'CREATE (:B);' });
  const told = join(directory, 'loaded.json');
  const tell = `process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(told)}, JSON.stringify({
    builtin: process.moduleLoadList.map((name) => name.replace(/^NativeModule /, '')),
    files: Object.keys(require('node:module')._cache) })));`;
  const preload = join(await directoryOf({ 'tell.cjs': tell }), 'tell.cjs');
  const settings = { ...env, POSTGRES_SSLMODE: 'disable', MIGRATIONS_DIR: directory };
  expect((await run(['migrate'], { env: settings })).code).toBe(0);

  const { code, stderr } = await run(['migrate'], { env: { ...settings, NODE_OPTIONS: `--require ${preload}` } });
  expect([code, stderr]).toEqual([0, expect.stringContaining('up-to-date')]);
  const { builtin, files } = JSON.parse(await readFile(told, 'utf8')) as Record<'builtin' | 'files', string[]>;
  expect(SLOW.filter((name) => builtin.includes(name))).toEqual([]);
  expect(builtin.filter((name) => !name.startsWith('Internal Binding')).length).toBeLessThanOrEqual(BUILTIN);
  const own = files.filter((file) => file !== preload).map((file) => file.split('/').at(-1));
  expect(own.sort()).toEqual(['bin.js', 'signals.js']);
});
