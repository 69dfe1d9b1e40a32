import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { BUILT_PROGRAM, directoryOf, run } from '../program.ts';

/** What a pipe of Linux holds before whoever writes has to wait. */
const PIPE = 65_536;

test('an answer longer than a pipe holds comes whole, also to a reader who takes his time', async () => {
  const files = Array.from({ length: 500 }, (_, index) => [
    `${index + 1001}_t.sql`,
    `CREATE TABLE t${index} (i int);\n`,
  ]);
  const MIGRATIONS_DIR = await directoryOf(Object.fromEntries(files));
  const env = { PATH: process.env.PATH, MIGRATIONS_DIR };
  const child = spawn(process.execPath, [BUILT_PROGRAM, 'validate', '--json'], { cwd: tmpdir(), env });
  child.stderr.resume();
  const ended = new Promise((resolve) => child.once('close', resolve));
  // Nothing is read until the pipe is full.
  await new Promise((resolve) => child.stdout.once('readable', resolve));
  while (child.stdout.readableLength < child.stdout.readableHighWaterMark)
    await new Promise((resolve) => child.stdout.once('readable', resolve));
  const answer = await text(child.stdout);
  expect(answer.length).toBeGreaterThan(PIPE);
  expect(JSON.parse(answer).migrations).toHaveLength(500);
  expect(await ended).toBe(0);
});

test.each([
  ['a warning of Node.js', "process.emitWarning('first line\\nsecond line')"],
  ['a deprecation', "process.emitWarning('first line\\nsecond line', 'DeprecationWarning', 'DEP0000')"],
])('%s is an entry of the log', async (_, emit) => {
  const preload = join(await directoryOf({ 'warn.cjs': `${emit};` }), 'warn.cjs');
  const env = { LOG_FORMAT: 'json', NODE_OPTIONS: `--require ${preload}` };
  const { code, stderr, events } = await run(['validate'], { env });
  expect(code, stderr).toBe(0);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(events).toEqual([
    expect.objectContaining({ level: 'warn', event: 'warning', message: expect.stringContaining('second line') }),
  ]);
});
