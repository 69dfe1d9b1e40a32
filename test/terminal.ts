import { spawn } from 'node:child_process';
import xterm from '@xterm/headless';
import { onTestFinished } from 'vitest';
import { BUILT_PROGRAM } from './program.ts';

interface Options {
  /** All of the environment besides what every shell has. */
  readonly env?: Readonly<Record<string, string>>;
  readonly columns?: number;
  readonly answers?: Answers;
}

/** What to type, or to do, as soon as a prompt appears. */
export type Answers = readonly (readonly [prompt: string, answer: string | (() => void)])[];

interface Typed {
  readonly code: number | null;
  /** All that was written, as it was. */
  readonly screen: string;
  /** The same in the pieces in which it came. */
  readonly chunks: readonly string[];
}

interface Shown {
  readonly code: number | null;
  /** All that was written, as it was. */
  readonly screen: string;
  /** What a person saw, one after the other: the lines on the screen. */
  readonly pictures: readonly (readonly string[])[];
}

const ROWS = 24;

/** The program on a real terminal, made by script(1). */
export async function onTerminal(
  args: readonly string[],
  { env = {}, columns = 80, answers = [] }: Options = {},
): Promise<Shown> {
  const program = [process.execPath, BUILT_PROGRAM, ...args].map((part) => `'${part}'`).join(' ');
  const command = `stty cols ${columns} rows ${ROWS}; exec ${program}`;
  const { code, screen, chunks } = await typed(command, { PATH: process.env.PATH, HOME: '/tmp', ...env }, answers);
  return { code, screen, pictures: await shown(chunks, columns) };
}

/** A command line of a shell on a real terminal, made by script(1). */
export async function typed(command: string, env: NodeJS.ProcessEnv, answers: Answers): Promise<Typed> {
  const child = spawn('script', ['--quiet', '--return', '--flush', '--command', command, '/dev/null'], {
    env: { TERM: 'xterm', SHELL: '/bin/sh', ...env },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const waiting = [...answers];
  const chunks: string[] = [];
  let screen = '';
  let seen = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    chunks.push(text);
    screen += text;
    const [next] = waiting;
    if (next === undefined || !screen.includes(next[0], seen)) return;
    seen = screen.indexOf(next[0], seen) + next[0].length;
    waiting.shift();
    if (typeof next[1] === 'string') child.stdin.write(next[1]);
    else next[1]();
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, screen, chunks };
}

async function shown(chunks: readonly string[], columns: number): Promise<readonly (readonly string[])[]> {
  const terminal = new xterm.Terminal({ cols: columns, rows: ROWS, allowProposedApi: true });
  onTestFinished(() => terminal.dispose());
  const pictures: string[][] = [];
  for (const chunk of chunks) {
    await new Promise<void>((resolve) => terminal.write(chunk, resolve));
    const { active } = terminal.buffer;
    const lines = Array.from(
      { length: active.length },
      (_, index) => active.getLine(index)?.translateToString(true) ?? '',
    );
    pictures.push(lines.filter((line) => line !== ''));
  }
  return pictures;
}
