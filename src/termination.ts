import { printableJson } from './core/characters.ts';
import type { ErrorKind } from './errors.ts';
import { EXIT } from './exit.ts';
import { errorData } from './log.ts';

/** Kubernetes cuts a termination message at this many bytes. */
const MOST = 4096;

/** One JSON object of less than 4,096 bytes: what happened, and what was applied before it. */
export function terminationMessage(kind: ErrorKind, error: Error, applied: readonly string[], tenant?: string): string {
  const { stack: _stack, problems, server, ...found } = errorData(kind, error) as Record<string, unknown>;
  const facts: Record<string, unknown> = { ...(tenant !== undefined && { tenant }), ...found };
  const whole = {
    ...facts,
    ...(server !== undefined && { server }),
    ...(problems !== undefined && { problems }),
    applied,
    again: EXIT[kind].again,
  };
  const candidates = [
    whole,
    {
      ...facts,
      problems: cut(JSON.stringify(problems ?? ''), 1500),
      applied: applied.slice(-10),
      again: EXIT[kind].again,
    },
    {
      tenant,
      code: facts.code,
      name: facts.name,
      migration: facts.migration,
      line: facts.line,
      message: cut(error.message, 600),
      hint: cut(String(facts.hint ?? ''), 300),
      applied: applied.slice(-3),
      again: EXIT[kind].again,
    },
  ];
  const texts = candidates.map((candidate) => printableJson(candidate));
  return (
    texts.find((text) => Buffer.byteLength(text) < MOST) ??
    printableJson({ tenant, code: facts.code, name: facts.name })
  );
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}
