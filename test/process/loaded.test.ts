import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { boltStandIn } from '../../scripts/build/bolt-stand-in.ts';
import { postgresStandIn } from '../../scripts/build/postgres-stand-in.ts';
import { checksum } from '../../src/core/checksum.ts';
import { CACHE } from '../../src/program.ts';
import { BUILT_PROGRAM, directoryOf, run } from '../program.ts';

// What a run that finds nothing to do reads and loads does not depend on the machine; how long it takes to start is mostly
// that. Whoever needs more has to raise a number here, and say what for.

/** Kilobytes. */
const LIMITS = { 'bin.js': 3, 'signals.js': 3, 'program.js': 1_400, [CACHE]: 1_500 };
/** Modules of Node itself, most of which are there before any program begins. */
const BUILTIN = 220;

/** Modules of Node that are known to be slow to load. */
const SLOW = [
  'tls',
  'child_process',
  'worker_threads',
  'http',
  'https',
  'readline',
  'internal/crypto/webcrypto',
  'internal/deps/undici/undici',
];

const SQL = { '001_a.sql': 'CREATE TABLE a (i int);' };
const CYPHER = { '002_b.cypher': 'CREATE (:B);' };
const entries = (files: Readonly<Record<string, string>>) =>
  Object.entries(files).map(([name, text]) => ({ name, checksum: checksum(text) }));

test('the program has not grown', async () => {
  for (const [name, most] of Object.entries(LIMITS)) {
    const { size } = await stat(join(dirname(BUILT_PROGRAM), name));
    expect(Math.round(size / 1024), name).toBeLessThanOrEqual(most);
  }
});

test('a run that finds nothing to do loads what it needs', async () => {
  const postgres = await postgresStandIn('rehearsal', entries(SQL));
  const neo4j = await boltStandIn(entries(CYPHER));
  const directory = await directoryOf({ ...SQL, ...CYPHER });
  const told = join(directory, 'loaded.json');
  const tell = `process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(told)}, JSON.stringify({
    builtin: process.moduleLoadList.map((name) => name.replace(/^NativeModule /, '')),
    files: Object.keys(require('node:module')._cache) })));`;
  const preload = join(await directoryOf({ 'tell.cjs': tell }), 'tell.cjs');
  try {
    const { code, stderr } = await run(['migrate'], {
      env: {
        POSTGRES_HOST: '127.0.0.1',
        POSTGRES_PORT: String(postgres.port),
        POSTGRES_DB: 'localrag',
        POSTGRES_USER: 'localrag',
        POSTGRES_PASSWORD: 'rehearsal',
        NEO4J_URI: `bolt://127.0.0.1:${neo4j.port}`,
        NEO4J_PASSWORD: 'rehearsal',
        MIGRATIONS_DIR: directory,
        WAIT_TIMEOUT: '10s',
        LOG_FORMAT: 'json',
        NODE_OPTIONS: `--require ${preload}`,
      },
    });
    expect([code, stderr]).toEqual([0, expect.stringContaining('up-to-date')]);
  } finally {
    await Promise.all([postgres.close(), neo4j.close()]);
  }
  const { builtin, files } = JSON.parse(await readFile(told, 'utf8')) as Record<'builtin' | 'files', string[]>;
  expect(SLOW.filter((name) => builtin.includes(name))).toEqual([]);
  expect(builtin.filter((name) => !name.startsWith('Internal Binding')).length).toBeLessThanOrEqual(BUILTIN);
  expect(
    files
      .filter((file) => file !== preload)
      .map((file) => file.split('/').at(-1))
      .sort(),
  ).toEqual(['bin.js', 'signals.js']);
});
