import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from './command.ts';
import { killAtExit } from './lifetime.ts';

export interface ServerProcess {
  readonly pid: number;
  /** Sends `signal` and waits until the process has ended; SIGKILL after `grace` milliseconds. */
  end(signal: NodeJS.Signals, grace?: number): Promise<void>;
}

export interface ServerCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Gets stdout and stderr; its end is shown when the server does not start. */
  readonly logFile: string;
  /** What tells this server to stop quickly but properly; it gets it too when this process is killed. */
  readonly stopSignal: NodeJS.Signals;
  /** Survives this process. */
  readonly detached: boolean;
  /** Whom it runs as, in spawn's words. */
  readonly identity: { readonly uid?: number; readonly gid?: number };
  /** Asked until it says yes. */
  readonly ready: (pid: number) => Promise<boolean>;
  /** Milliseconds it may take to become ready. */
  readonly startTimeout: number;
}

/** For a shell: ends a server and, once it has ended, removes its directory. */
export const stopCommand = (pid: number, signal: NodeJS.Signals, directory: string): string =>
  `kill -${signal.slice(3)} ${pid}; while kill -0 ${pid} 2>/dev/null; do sleep 0.1; done; rm -rf ${directory}`;

/** A server that ended, or did not become ready, with the end of its log. */
class ServerFailed extends Error {
  override readonly name = 'ServerFailed';
  readonly log: string;
  constructor(message: string, log: string) {
    super(`${message}; its log ends:\n${log.trim().slice(-2_000)}`);
    this.log = log;
  }
}

/** Starts a server and returns when it is ready. */
export async function startServer(server: ServerCommand): Promise<ServerProcess> {
  const log = openSync(server.logFile, 'a');
  const [command, args] = await dyingWithParent(server);
  const child = spawn(command, args, {
    ...server.identity,
    cwd: '/',
    env: server.env,
    stdio: ['ignore', log, log],
    detached: server.detached,
  });
  closeSync(log);
  const exited = once(child, 'exit').catch(() => undefined);
  await once(child, 'spawn');
  const pid = child.pid as number;
  const forget = server.detached ? () => undefined : killAtExit(pid);
  exited.then(forget);
  if (server.detached) child.unref();

  const ended = () => child.exitCode !== null || child.signalCode !== null;
  const end = async (signal: NodeJS.Signals, grace = 30_000) => {
    if (ended()) return;
    child.kill(signal);
    const inTime = await Promise.race([exited.then(() => true), sleep(grace, false, { ref: false })]);
    if (!inTime) child.kill('SIGKILL');
    await exited;
  };

  const deadline = Date.now() + server.startTimeout;
  while (!(await server.ready(pid))) {
    const late = Date.now() > deadline;
    if (late) await end('SIGKILL');
    if (ended()) {
      const why = late
        ? `was not ready within ${server.startTimeout} ms`
        : `ended (${child.exitCode ?? child.signalCode})`;
      throw new ServerFailed(`${server.command} ${why}`, await readFile(server.logFile, 'utf8'));
    }
    await Promise.race([exited, sleep(50)]);
  }
  return { pid, end };
}

/** Even SIGKILL of this process ends its servers where the system can promise that (Linux with util-linux). */
async function dyingWithParent(server: ServerCommand): Promise<[string, string[]]> {
  const bare: [string, string[]] = [server.command, [...server.args]];
  if (server.detached) return bare;
  const option = `--pdeathsig=${server.stopSignal.replace(/^SIG/, '')}`;
  canPromise ??= run('setpriv', [option, 'true']).then(
    () => true,
    () => false,
  );
  return (await canPromise) ? ['setpriv', [option, server.command, ...server.args]] : bare;
}
let canPromise: Promise<boolean> | undefined;

/**
 * Calls `launch` with a TCP port of 127.0.0.1 that was free a moment ago, and returns the port. Where somebody
 * else took it in between, the server's log says `collision`, and the next port is tried.
 */
export async function onFreePort(collision: string, launch: (port: number) => Promise<void>): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    try {
      await launch(port);
      return port;
    } catch (error) {
      if (attempt === 5 || !(error instanceof ServerFailed && error.log.includes(collision))) throw error;
    }
  }
}

/** A TCP port of 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
