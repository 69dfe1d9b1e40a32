import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../test/servers/command.ts';
import { startServer } from '../../test/servers/server-process.ts';
import { installPackages } from './packages.ts';

/** A Docker daemon, and how to call it. */
export interface Docker {
  /** Environment for the docker program. */
  readonly env: NodeJS.ProcessEnv;
  /** `--network=host` where containers have no other network. */
  readonly network: readonly string[];
  /** Runs `docker …` and returns its stdout. */
  ask(args: readonly string[], timeout?: number): Promise<string>;
  /** Runs `docker …` with its output on ours. */
  show(args: readonly string[]): Promise<void>;
  /** Ends the daemon if it is ours. */
  stop(): Promise<void>;
}

/**
 * The daemon that answers (DOCKER_HOST counts); else, for root on a Debian, one of our own: Debian's docker.io, with a
 * data root in the cache, and a socket that nobody else knows. It changes no packet filter and makes no bridge, so that it
 * can run beside whatever else this machine does; its containers use the host's network.
 * @throws {Error} where there is no daemon and none can be started
 */
export async function acquireDocker(): Promise<Docker> {
  const answers = await run('docker', ['info', '--format', '{{.ServerVersion}}'], { timeout: 10_000 }).catch(() => '');
  if (answers.trim()) return docker({}, [], async () => undefined);
  if (process.getuid?.() !== 0) throw new Error('No Docker daemon answers: start one, or set DOCKER_HOST.');
  await installPackages({ dockerd: 'docker.io' });
  const directory = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'localrag-migrate', 'docker');
  const within = (name: string) => join(directory, name);
  await mkdir(directory, { recursive: true });
  await rm(within('log'), { force: true });
  const host = `unix://${within('socket')}`;
  const quiet = ['bridge=none', 'iptables=false', 'ip6tables=false', 'ip-forward=false', 'ip-masq=false'];
  const daemon = await startServer({
    command: 'dockerd',
    args: [
      ...['--host', host, '--data-root', within('data'), '--exec-root', within('exec')],
      ...['--pidfile', within('pid'), ...quiet.map((option) => `--${option}`)],
    ],
    env: process.env,
    logFile: within('log'),
    stopSignal: 'SIGTERM',
    detached: false,
    identity: {},
    ready: async () => (await readFile(within('log'), 'utf8')).includes('API listen on'),
    startTimeout: 60_000,
  });
  return docker({ DOCKER_HOST: host }, ['--network=host'], async () => {
    await daemon.end('SIGTERM');
    // The daemon leaves it mounted.
    await run('umount', [within('exec/netns/default')]).catch(() => undefined);
  });
}

async function docker(more: NodeJS.ProcessEnv, network: readonly string[], stop: () => Promise<void>): Promise<Docker> {
  const buildx = await run('docker', ['buildx', 'version'], { timeout: 10_000 }).catch(() => '');
  // A client without buildx builds with what every daemon has.
  const env = { ...process.env, ...more, ...(buildx.trim() ? {} : { DOCKER_BUILDKIT: '0' }) };
  return {
    env,
    network,
    ask: (args, timeout = 60_000) => run('docker', args, { env, timeout }),
    show: async (args) => {
      const child = spawn('docker', args, { env, stdio: ['ignore', 'inherit', 'inherit'] });
      const [code] = (await once(child, 'exit')) as [number | null];
      if (code !== 0) throw new Error(`docker ${args[0]} failed (${code})`);
    },
    stop,
  };
}
