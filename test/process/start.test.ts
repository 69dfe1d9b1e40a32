import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { CACHE } from '../../src/program.ts';
import { copyOfProgram } from '../faults/built.ts';
import { BUILT_PROGRAM, run } from '../program.ts';

const env = { NODE_DEBUG: 'localrag-migrate' };
const built = dirname(BUILT_PROGRAM);

/** A copy of the built program that may be broken. */
async function copy(): Promise<string> {
  const directory = await copyOfProgram();
  onTestFinished(() => rm(directory, { recursive: true }));
  return directory;
}

test('what V8 compiled when the program was built is taken by the same Node', async () => {
  const { code, stderr } = await run(['validate'], { env });
  expect([code, stderr]).toEqual([0, expect.stringContaining('code cache accepted')]);
});

test.each([
  ['of another program', 'refused', async (path: string) => writeFile(path, (await readFile(path)).fill(7, 8, 12))],
  ['that was cut off', 'refused', async (path: string) => writeFile(path, (await readFile(path)).subarray(0, 4096))],
  ['that is empty', 'refused', (path: string) => writeFile(path, '')],
  ['that is not there', 'missing', (path: string) => rm(path)],
] as const)('a cache %s is %s', async (_, told, spoil) => {
  const directory = await copy();
  await spoil(join(directory, CACHE));
  const { code, stdout, stderr } = await run(['--version'], { env, program: join(directory, 'bin.js') });
  expect([code, stderr]).toEqual([0, expect.stringContaining(`code cache ${told}`)]);
  expect(stdout).toMatch(/^localrag-migrate \d/);
});

test('the cache carries the name of the Node that made it', async () => {
  expect((await readdir(built)).filter((name) => name.endsWith('.cache'))).toEqual([
    `program.${process.version}-${process.arch}.cache`,
  ]);
});
