import { type ExecFileOptions, execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const tailLength = 2_000;

/** A program that is not installed, as opposed to one that ran and failed. */
export class CommandMissing extends Error {
  override readonly name = 'CommandMissing';
}

/**
 * Runs a program to its end and returns its stdout.
 * @throws {CommandMissing} when there is no such program
 * @throws {Error} with the end of its output when it fails, or when `timeout` milliseconds have passed
 */
export async function run(command: string, args: readonly string[], options: ExecFileOptions = {}): Promise<string> {
  try {
    const { stdout } = await execute(command, args, { ...options, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
    return stdout;
  } catch (cause) {
    const failure = cause as NodeJS.ErrnoException & { stdout?: string; stderr?: string; killed?: boolean };
    if (failure.code === 'ENOENT') throw new CommandMissing(`${command} is not installed`, { cause });
    const output = `${failure.stdout ?? ''}${failure.stderr ?? ''}`.trim().slice(-tailLength);
    const end = failure.killed ? `did not end within ${options.timeout} ms` : `failed (${failure.code})`;
    throw new Error(`${[command, ...args].join(' ')} ${end}: ${output}`, { cause });
  }
}
