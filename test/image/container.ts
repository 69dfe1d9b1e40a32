import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { expect, inject, onTestFinished } from 'vitest';
import { type Ended, execute } from '../execute.ts';
import { run } from '../servers/command.ts';
import { type Answers, typed } from '../terminal.ts';

/** What a restricted pod gives: nothing to write to but /tmp, no capability, no way to more rights. */
const RESTRICTED = ['--read-only', '--tmpfs=/tmp', '--cap-drop=ALL', '--security-opt=no-new-privileges'];

const dockerHost = inject('dockerHost');
const env = { ...process.env, ...(dockerHost !== undefined && { DOCKER_HOST: dockerHost }) };

export interface ContainerOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Further options of docker create. */
  readonly options?: readonly string[];
  /** Default: as in a restricted pod. */
  readonly hardening?: readonly string[];
}

export interface Container {
  readonly name: string;
  start(): Promise<void>;
  /** Waits until Node has set up its own signal handlers, some ms after its start; nobody can hear a signal before that. */
  hears(): Promise<void>;
  /** Sends a signal. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** docker stop: SIGTERM, and SIGKILL after ten seconds. */
  stop(): Promise<void>;
  /** Waits for its end. */
  ended(): Promise<Ended>;
}

export function docker(...args: readonly string[]): Promise<string> {
  return run('docker', args, { env, timeout: 60_000 });
}

/** A container of the image with the host's network, so that servers are where the test sees them; gone when the test ends. */
export async function container(args: readonly string[], settings: ContainerOptions = {}): Promise<Container> {
  const name = `localrag-migrate-test-${randomBytes(6).toString('hex')}`;
  const variables = Object.entries(settings.env ?? {}).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
  const given = [...(settings.hardening ?? RESTRICTED), ...variables, ...(settings.options ?? [])];
  await docker('create', '--name', name, '--network=host', ...given, inject('image'), ...args);
  onTestFinished(async () => void (await docker('rm', '--force', '--volumes', name)));
  return {
    name,
    start: async () => void (await docker('start', name)),
    hears: async () => {
      const pid = (await docker('inspect', '--format', '{{.State.Pid}}', name)).trim();
      await expect.poll(() => readFile(`/proc/${pid}/status`, 'utf8'), { interval: 1 }).toSatisfy(catchesSignals);
    },
    kill: async (signal) => void (await docker('kill', '--signal', signal, name)),
    stop: async () => void (await docker('stop', name)),
    ended: async () => {
      const code = Number(await docker('wait', name));
      const { stdout, stderr } = await execute('docker', ['logs', name], { env });
      return { code, stdout, stderr };
    },
  };
}

/** Before it is our program, the process is the container runtime's, which catches signals too. */
function catchesSignals(status: string): boolean {
  const caught = /^SigCgt:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0';
  return !/^Name:\s*runc/m.test(status) && ((BigInt(`0x${caught}`) >> 14n) & 1n) === 1n;
}

/** Runs the image to its end. */
export async function runImage(args: readonly string[], settings?: ContainerOptions): Promise<Ended> {
  const created = await container(args, settings);
  await created.start();
  return created.ended();
}

/** `docker run -it …` on a real terminal. */
export function onTerminal(args: readonly string[], answers: Answers) {
  const command = ['docker', 'run', '--rm', '-it', '--network=host', ...args].map((part) => `'${part}'`).join(' ');
  return typed(command, { ...env, TERM: 'xterm', SHELL: '/bin/sh' }, answers);
}
