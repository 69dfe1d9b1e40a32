import { type ChildProcess, spawn } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { exposed } from '../exposure.ts';

export interface Ended {
  /** The exit code; 128 + its number where a signal ended it; undefined where it was still there after `limit`. */
  readonly code: number | undefined;
  readonly stderr: string;
  /** The JSON lines of its log. */
  readonly events: readonly Readonly<Record<string, unknown>>[];
  /** Where a secret stood: 'stdout', 'stderr', 'termination message', 'command line'. */
  readonly leaks: readonly string[];
}

export interface Run {
  readonly pid: number;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<Ended>;
}

export interface RunOptions {
  /** Path of the program's bin.js. */
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** An empty directory, for what the program writes. */
  readonly directory: string;
  readonly secrets: readonly string[];
  /** Milliseconds after which it counts as stuck, and is killed. */
  readonly limit: number;
}

const SIGNALS: Readonly<Record<string, number>> = { SIGINT: 130, SIGKILL: 137, SIGTERM: 143 };
let started = 0;

/** Runs the built program, and looks for secrets in whatever it shows. */
export function startRun({ program, args, env, directory, secrets, limit }: RunOptions): Run {
  const terminationLog = join(directory, `termination-${started++}`);
  const child = spawn(process.execPath, [program, ...args], {
    cwd: directory,
    env: { PATH: process.env.PATH, HOME: directory, ...env, TERMINATION_LOG: terminationLog },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const pid = child.pid ?? 0;
  return { pid, kill: (signal) => void child.kill(signal), ended: whenEnded(child) };

  async function whenEnded(child: ChildProcess): Promise<Ended> {
    const seen: Record<string, string> = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const)
      child[stream]?.setEncoding('utf8').on('data', (text: string) => {
        seen[stream] += text;
        // By now it is itself, not the process that was to become it.
        seen['command line'] ??= exposed(pid);
      });
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, limit);
    const code = await new Promise<number | undefined>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve(code ?? SIGNALS[signal ?? '']));
    });
    clearTimeout(timer);
    seen['termination message'] = await readFile(terminationLog, 'utf8').catch(() => '');
    await rm(terminationLog, { force: true });
    const { stderr = '' } = seen;
    return {
      code: late ? undefined : code,
      stderr,
      events: stderr
        .split('\n')
        .flatMap((line) => (line.startsWith('{') && line.endsWith('}') ? [JSON.parse(line)] : [])),
      leaks: Object.keys(seen).filter((place) => secrets.some((secret) => seen[place]?.includes(secret))),
    };
  }
}
