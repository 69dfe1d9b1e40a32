import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { ROOT, read } from '../docs/documents.ts';
import { execute } from '../execute.ts';
import { freshPair } from '../journeys/pair.ts';
import { run } from '../servers/command.ts';
import { environmentOf, installed, nodeDirectory, packed } from './package.ts';

const { version, engines } = JSON.parse(read('package.json')) as { version: string; engines: { node: string } };

/** The oldest version that package.json accepts, the one that the program is built with, and a newer one. */
const NODES = ['22.12.0', process.versions.node, '26.12.1'];

const PROGRAM = 'node_modules/localrag-migrate/dist/bin.js';
const TOO_OLD = '20.20.2';

let tarball: string;
let directory: string;
/** The directories of the versions above. */
let nodes: Readonly<Record<string, string>>;

beforeAll(async () => {
  tarball = await packed();
  directory = await installed(tarball);
  const own = process.versions.node;
  const others = [...NODES, TOO_OLD]
    .filter((node) => node !== own)
    .map(async (node) => [node, await nodeDirectory(node)] as const);
  nodes = Object.fromEntries([[own, dirname(process.execPath)], ...(await Promise.all(others))]);
});

test('is built by npm pack and has the program, the migrations and nothing of the machine that built it', async () => {
  const listing = (await run('tar', ['-tzf', tarball])).trim().split('\n');
  const migrations = (await readdir(join(ROOT, 'migrations'))).map((name) => `package/migrations/${name}`);
  const program = ['LICENSES.txt', 'bin.js', 'libpg-query.js', 'libpg-query.wasm', 'package.json', 'program.js'];
  const dist = [...program, 'redis.js', 'sbom.spdx.json', 'signals.js'].map((name) => `package/dist/${name}`);
  const named = ['LICENSE', 'README.md', 'package.json'].map((name) => `package/${name}`);
  expect(listing.sort()).toEqual([...named, ...dist, ...migrations].sort());
});

test('installs without a network and brings no other package', async () => {
  expect((await readdir(join(directory, 'node_modules'))).filter((name) => !name.startsWith('.'))).toEqual([
    'localrag-migrate',
  ]);
  const manifest = JSON.parse(
    await readFile(join(directory, 'node_modules/localrag-migrate/package.json'), 'utf8'),
  ) as Record<string, unknown>;
  expect(manifest).not.toHaveProperty('dependencies');
  expect(manifest).not.toHaveProperty('private');
  expect(manifest).toMatchObject({
    homepage: expect.any(String),
    repository: expect.anything(),
    bugs: expect.any(String),
  });
});

test('lists the packages that are bundled', async () => {
  const text = await readFile(join(directory, 'node_modules/localrag-migrate/dist/sbom.spdx.json'), 'utf8');
  const { packages } = JSON.parse(text) as { packages: { name: string }[] };
  const names = packages.map(({ name }) => name);
  expect(names).toEqual(
    expect.arrayContaining(['localrag-migrate', 'pg', 'pg-protocol', 'neo4j-driver', 'libpg-query', '@redis/client']),
  );
  expect(names).not.toContain('esbuild');
});

test('the tests run the oldest version of Node that package.json accepts', () => {
  expect(`${engines.node.replace('>=', '')}.0`).toBe(NODES[0]);
});

test('says which version of Node it needs on an older one, and does not call that a bug', async () => {
  const env = environmentOf(directory, nodes[TOO_OLD]);
  const { code, stdout, stderr } = await execute('node', [join(directory, PROGRAM), 'validate'], { env });
  expect([code, stdout, stderr]).toEqual([
    78,
    '',
    `error: localrag-migrate needs Node.js 22.12 or newer, and this is v${TOO_OLD}\n`,
  ]);
});

describe.each(NODES)('Node %s', (node) => {
  const program = async (args: readonly string[], settings: Readonly<Record<string, string>> = {}) => {
    const env = { ...environmentOf(directory, nodes[node]), ...settings };
    expect(await run('node', ['--version'], { env })).toBe(`v${node}\n`);
    // --no-install: npx finds it in the directory, or fails.
    return run('npx', ['--no-install', 'localrag-migrate', ...args], { cwd: directory, env });
  };

  test('prints its version', async () => {
    expect(await program(['--version'])).toMatch(`localrag-migrate ${version} (schema 006)`);
  });

  test('validates its own migrations', async () => {
    expect(await program(['validate'])).toContain('6 migrations are valid');
  });

  test('migrates both databases and then has nothing pending', async () => {
    const { env } = await freshPair();
    await program(['migrate'], env);
    expect(await program(['status', '--exit-code'], env)).toContain('006_foundation.cypher');
  });
});
