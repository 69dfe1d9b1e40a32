import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { ErrorKind } from '../../src/errors.ts';
import { EXIT } from '../../src/exit.ts';
import { type Ended, run } from '../program.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** How the program ended, and everything that it left for people and for machines. */
export interface Attempt extends Ended {
  /** What stands in TERMINATION_LOG; empty where nothing was written. */
  readonly termination: string;
  /** Must not stand anywhere in what was printed or written. */
  readonly secrets: readonly string[];
}

interface Options {
  readonly env?: Environment;
  readonly cwd?: string;
  readonly stdin?: string;
  /** Beside those in `env`. */
  readonly secrets?: readonly string[];
}

/** Runs the program as a person would, with text for people, in an empty directory. */
export async function attempt(args: readonly string[], options: Options = {}): Promise<Attempt> {
  const { env = {}, secrets = [], stdin } = options;
  const directory = await mkdtemp(join(tmpdir(), 'attempt-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const terminationLog = join(directory, 'termination-log');
  const ended = await run(args, {
    cwd: options.cwd ?? directory,
    ...(stdin !== undefined && { stdin }),
    env: { LOG_FORMAT: 'text', TERMINATION_LOG: terminationLog, ...env },
  });
  const termination = await readFile(terminationLog, 'utf8').catch(() => '');
  return { ...ended, termination, secrets: [...secretsIn(env), ...secrets] };
}

function secretsIn(env: Environment): readonly string[] {
  return Object.entries(env).flatMap(([name, value = '']) => {
    if (name.endsWith('PASSWORD')) return value === '' ? [] : [value];
    const password = /:\/\/[^:/]*:(.+)@/.exec(value)?.[1];
    return password === undefined ? [] : [password, decodeURIComponent(password)];
  });
}

/** One thing that is wrong, as a person is told of it; strings are parts of what is said. */
export interface Told {
  readonly says: string | RegExp;
  readonly hint?: string | RegExp;
  /** `file`, `file:line` or `file:line:column`. */
  readonly at?: string;
}

export interface Refusal extends Told {
  readonly kind: ErrorKind;
  /** All of them, where there are several. */
  readonly problems?: readonly Told[];
}

/**
 * The program ended as `refusal` says: with the documented code, one error, its hint and place, on the screen and in the
 * termination message, and without a secret or a stack trace.
 */
export function expectRefusal(attempt: Attempt, { kind, problems, ...told }: Refusal): void {
  const { code, stdout, stderr, termination, secrets } = attempt;
  expect({ code, stderr }).toEqual({ code: EXIT[kind].code, stderr: expect.any(String) });
  expect(stderr.match(/^error: /gm), stderr).toHaveLength(1);
  const runbook = EXIT[kind].runbook ? `  runbook: https://\\S+#exit-${EXIT[kind].code}\\n` : '';
  expect(stderr).toMatch(new RegExp(`\\n {2}\\(exit ${EXIT[kind].code} ${kind}(, [\\w.]+)?\\)\\n${runbook}$`));
  for (const each of [told, ...(problems ?? [])]) expectOnScreen(stderr, each);

  for (const text of [stdout, stderr, termination]) {
    expect(text).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m);
    for (const secret of secrets) expect(text).not.toContain(secret);
  }

  expectShort(termination);
  const message = JSON.parse(termination);
  expect(message).toMatchObject({ code: EXIT[kind].code, name: kind, ...inMessage(told) });
  expect([message.migration, message.line, message.column].filter(Boolean).join(':')).toBe(told.at ?? '');
  expect(message.problems ?? []).toMatchObject((problems ?? []).map(inProblem));
}

/** The program did what it was asked to, and wrote neither an error nor a secret. */
export function expectSuccess({ code, stdout, stderr, termination, secrets }: Attempt): void {
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.any(String) });
  expect(stderr).not.toMatch(/^error: /m);
  expect(termination).toBe('');
  for (const text of [stdout, stderr]) for (const secret of secrets) expect(text).not.toContain(secret);
}

/** Kubernetes cuts a termination message at 4,096 bytes, and what is cut is no JSON any more. */
function expectShort(termination: string): void {
  expect(termination, 'the termination message').not.toBe('');
  expect(Buffer.byteLength(termination)).toBeLessThan(4096);
}

function expectOnScreen(stderr: string, { says, hint, at }: Told): void {
  expect(stderr).toEqual(matching(says));
  if (hint !== undefined) expect(stderr).toEqual(matching(hint));
  if (at !== undefined) expect(stderr).toContain(at);
}

function inMessage({ says, hint }: Told) {
  return { message: matching(says), ...(hint !== undefined && { hint: matching(hint) }) };
}

function inProblem(told: Told) {
  const [file, line, column] = told.at?.split(':') ?? [];
  const place = { file, ...(line && { line: Number(line) }), ...(column && { column: Number(column) }) };
  return { ...inMessage(told), ...(told.at !== undefined && { place }) };
}

function matching(text: string | RegExp) {
  return typeof text === 'string' ? expect.stringContaining(text) : expect.stringMatching(text);
}
