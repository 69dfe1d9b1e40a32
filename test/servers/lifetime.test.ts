import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { expect, test, vi } from 'vitest';
import { exists } from './cache.ts';

/** A process that starts a server, the cheapest one, and does not stop it. */
const careless = `
  import { localRedis } from '${new URL('./redis.ts', import.meta.url)}';
  const { url, directory } = await localRedis();
  console.log(JSON.stringify({ url, directory }));
  process.argv[1] === 'throw' ? Promise.reject(new Error('careless')) : setInterval(() => {}, 1000);
`;

async function startCareless(...args: string[]) {
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', careless, ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const [line] = await once(createInterface(child.stdout), 'line');
  const { url, directory } = JSON.parse(line) as { url: string; directory: string };
  return { child, ended, port: Number(new URL(url).port), directory };
}

const listens = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('close', () => socket.destroy());
    socket.unref();
  });

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s ends the servers too', async (signal) => {
  const { child, ended, port, directory } = await startCareless();
  expect(await listens(port)).toBe(true);
  child.kill(signal);
  expect(await ended).toEqual([null, signal]);
  await vi.waitUntil(async () => !(await listens(port)), { timeout: 5_000 });
  expect(await exists(directory)).toBe(false);
});

test('an error that nobody catches ends the servers too', async () => {
  const { ended, port, directory } = await startCareless('throw');
  expect(await ended).toEqual([1, null]);
  await vi.waitUntil(async () => !(await listens(port)), { timeout: 5_000 });
  expect(await exists(directory)).toBe(false);
});

test.runIf(process.platform === 'linux')('even SIGKILL ends the servers too', async () => {
  const { child, port, directory } = await startCareless();
  child.kill('SIGKILL');
  await vi.waitUntil(async () => !(await listens(port)), { timeout: 5_000 });
  // The data stay: nobody is left to remove them.
  await rm(directory, { recursive: true });
});
