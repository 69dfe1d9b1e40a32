import { MigrateError } from './errors.ts';

interface PasswordSource {
  readonly variable: string;
  /** The variable's value. */
  readonly given: string | undefined;
  /** --password-stdin */
  readonly stdin: boolean;
}

/** The terminal: process.stdin and process.stderr, where what is asked does not mix with results. */
export interface Terminal {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
}

/** From standard input if asked to, else from the variable, else from a person, without echo. */
export async function readPassword({ variable, given, stdin }: PasswordSource, terminal: Terminal): Promise<string> {
  if (stdin) {
    const { text } = await import('node:stream/consumers');
    return (await text(terminal.input)).replace(/\r?\n$/, '');
  }
  if (given) return given;
  if (!terminal.input.isTTY)
    throw new MigrateError('config', 'no password, and nobody is there to type one', {
      hint: `set ${variable}, or give it on standard input with --password-stdin`,
    });
  return ask({ ...terminal, prompt: 'Password: ', silent: true });
}

export function askQuestion(question: string, terminal: Terminal): Promise<string> {
  return ask({ ...terminal, prompt: question });
}

async function ask(options: Terminal & { prompt: string; silent?: boolean }): Promise<string> {
  const { read } = await import('read');
  try {
    return await read(options);
  } catch (error) {
    throw new MigrateError('interrupted', 'stopped at the prompt; nothing was changed', { cause: error });
  }
}
