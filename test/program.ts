import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { exposed } from './exposure.ts';

export const BUILT_PROGRAM = fileURLToPath(new URL('../dist/bin.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The lines of the log, where it is JSON. */
  readonly events: readonly Record<string, unknown>[];
}

export interface Running {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves with the first line of the log whose `event` has this name; rejects when the program ends without it. */
  event(name: string): Promise<Record<string, unknown>>;
}

interface Options {
  /** All of the environment besides PATH: nothing of the test's own gets through. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly stdin?: string;
  /** Path of a bin.js; default: the built one. */
  readonly program?: string;
}

/**
 * Starts the built program as users do. It is killed when the test ends before it does. `ended` rejects where the program
 * has shown a password that it was given.
 */
export function start(
  args: readonly string[],
  { env = {}, cwd = tmpdir(), stdin, program = BUILT_PROGRAM }: Options = {},
): Running {
  const child = spawn(process.execPath, [program, ...args], {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd, ...env },
    stdio: [stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  child.stdin?.end(stdin);
  const waiting = new Map<string, ((event: Record<string, unknown>) => void)[]>();
  const events: Record<string, unknown>[] = [];
  let stdout = '';
  let stderr = '';
  let line = '';
  let seen: string | undefined;
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    // By now it is itself, not the process that was to become it.
    seen ??= exposed(child.pid ?? 0);
    const lines = (line + text).split('\n');
    line = lines.pop() ?? '';
    for (const each of lines.filter((each) => each.startsWith('{'))) {
      const event = JSON.parse(each) as Record<string, unknown>;
      events.push(event);
      for (const resolve of waiting.get(String(event.event)) ?? []) resolve(event);
    }
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      const shown = passwordsOf(env).some((password) => `${stdout}${stderr}${seen}`.includes(password));
      if (shown) reject(new Error(`a password was shown by ${args.join(' ')}`));
      else resolve({ code, signal, stdout, stderr, events });
    });
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return {
    process: child,
    ended,
    event: (name) => {
      const seen = events.find((event) => event.event === name);
      if (seen !== undefined) return Promise.resolve(seen);
      return new Promise((resolve, reject) => {
        waiting.set(name, [...(waiting.get(name) ?? []), resolve]);
        void ended.then((end) => reject(new Error(`ended without the event ${name}: ${end.code}\n${end.stderr}`)));
      });
    },
  };
}

/** Those of the environment, alone or in URLs; the short ones may be words that mean something else. */
function passwordsOf(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.entries(env)
    .flatMap(([name, value = '']) => [
      ...(name.endsWith('PASSWORD') ? [value] : []),
      ...(name.endsWith('URL') ? [/^[^/]*\/\/[^/]*?:([^/@]*)@/.exec(value)?.[1] ?? ''] : []),
    ])
    .filter((password) => password.length >= 6);
}

export function run(args: readonly string[], options: Options = {}): Promise<Ended> {
  return start(args, options).ended;
}

/** A directory of migrations for one test. */
export async function directoryOf(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'migrations-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) await writeFile(join(directory, name), content);
  return directory;
}
