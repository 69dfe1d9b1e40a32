import { printableJson } from './core/characters.ts';
import type { RestorePoint } from './core/restore-point.ts';
import type { ErrorKind } from './errors.ts';
import { EXIT } from './exit.ts';
import { errorData } from './log.ts';

/** Kubernetes cuts a termination message at this many bytes. */
const MOST = 4096;

/** What is known of a run besides its error. */
interface Run {
  readonly tenant: string | undefined;
  /** In the order in which they were applied. */
  readonly applied: readonly string[];
  readonly restorePoint: RestorePoint | undefined;
}

/** One JSON object of less than 4,096 bytes: what happened, what was applied before it, and where the databases were before that. */
export function terminationMessage(kind: ErrorKind, error: Error, { tenant, applied, restorePoint }: Run): string {
  const { stack: _stack, problems, server, runbook, ...found } = errorData(kind, error) as Record<string, unknown>;
  const facts: Record<string, unknown> = { ...(tenant !== undefined && { tenant }), ...found };
  // Every form of the message has these, however little room there is.
  const closing = { ...(restorePoint && { restorePoint }), runbook, again: EXIT[kind].again };
  const whole = {
    ...facts,
    ...(server !== undefined && { server }),
    ...(problems !== undefined && { problems }),
    applied,
    ...closing,
  };
  const candidates = [
    whole,
    { ...facts, problems: cut(JSON.stringify(problems ?? ''), 1500), applied: applied.slice(-10), ...closing },
    {
      tenant,
      code: facts.code,
      name: facts.name,
      migration: facts.migration,
      line: facts.line,
      message: cut(error.message, 600),
      hint: cut(String(facts.hint ?? ''), 300),
      applied: applied.slice(-3),
      ...closing,
    },
  ];
  const texts = candidates.map((candidate) => printableJson(candidate));
  return (
    texts.find((text) => Buffer.byteLength(text) < MOST) ??
    printableJson({ tenant, code: facts.code, name: facts.name, ...closing })
  );
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}
