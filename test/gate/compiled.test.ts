import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { CACHE } from '../../src/program.ts';
import { copyOfProgram } from '../faults/built.ts';
import { freshPair } from '../journeys/pair.ts';
import { directoryOf, run } from '../program.ts';

const COMPILE = fileURLToPath(new URL('../../scripts/build/compile.ts', import.meta.url));

/** Percent. What a run against real databases compiles beyond what the build has: SCRAM, which nobody has played back to it. */
const MORE = 2;

test('what a run compiles that finds nothing to do is in the code cache already', async () => {
  const { env } = await freshPair({ extensions: [] });
  const MIGRATIONS_DIR = await directoryOf({ '001_a.sql': 'CREATE TABLE a (i int);', '002_b.cypher': 'CREATE (:B);' });
  const settings = { ...env, POSTGRES_SSLMODE: 'disable', MIGRATIONS_DIR };
  expect((await run(['migrate'], { env: settings })).code).toBe(0);

  const copy = await copyOfProgram();
  onTestFinished(() => rm(copy, { recursive: true }));
  const size = async () => (await stat(join(copy, CACHE))).size;
  const built = await size();
  const child = spawn(process.execPath, [COMPILE, copy, 'migrate'], { env: { ...process.env, ...settings } });
  expect(await once(child, 'close')).toEqual([0, null]);
  expect((100 * (await size())) / built - 100).toBeLessThanOrEqual(MORE);
});
