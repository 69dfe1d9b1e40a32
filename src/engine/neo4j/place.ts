import type { Migration, Span } from '../../core/migration.ts';
import { excerpt, locate } from '../../core/source.ts';
import { ConnectionLost, MigrateError } from '../../errors.ts';
import { advised, offsetIn, statementError } from './errors.ts';

/** Adds to an error of a statement where in the file it was: the server counts from the statement's beginning. */
export async function placed<T>(migration: Migration, span: Span, running: Promise<T>): Promise<T> {
  try {
    return await running;
  } catch (error) {
    throw await placedError(error, migration, span);
  }
}

async function placedError(thrown: unknown, { name, text }: Migration, span: Span): Promise<MigrateError> {
  const error = await advised(statementError(thrown));
  if (error instanceof ConnectionLost) return error;
  const offset = Math.min(span.start + (offsetIn(thrown) ?? 0), span.end);
  return new MigrateError(error.kind, `${name}: ${error.message}`, {
    cause: error,
    means: error.means,
    hint: remedy(error),
    server: error.server,
    place: { file: name, ...locate(text, offset) },
    excerpt: excerpt(text, offset),
  });
}

/** An error that came with COMMIT, or of our own nodes, belongs to no statement; but to this file. */
export function named(error: unknown, { name }: Migration): unknown {
  if (!(error instanceof MigrateError) || error instanceof ConnectionLost || error.place !== undefined) return error;
  if (error.kind !== 'failed' && error.kind !== 'denied') return error;
  return new MigrateError(error.kind, `${name}: ${error.message}`, {
    ...error,
    cause: error,
    place: { file: name },
    hint: remedy(error),
  });
}

/** What there is to do about it, and about any statement that the server refuses. */
function remedy({ kind, hint }: MigrateError): string | undefined {
  return [hint, kind === 'failed' ? MEND : undefined].filter((part) => part !== undefined).join('; ') || undefined;
}

const MEND =
  'its transaction was rolled back, the steps before it stay: mend the file (what was never applied may change), and run migrate again';
