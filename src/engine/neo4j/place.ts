import type { Migration, Span } from '../../core/migration.ts';
import { excerpt, locate } from '../../core/source.ts';
import { ConnectionLost, MigrateError } from '../../errors.ts';
import { statementError } from './errors.ts';

/** What there is to do about any statement that the server refuses. */
export const MEND =
  'its transaction was rolled back, the steps before it stay: mend the file (what was never applied may change), and run migrate again';

/** Adds to an error of a statement where in the file it is: the server counts from the statement's beginning. */
export async function placed<T>({ name, text }: Migration, span: Span, running: Promise<T>): Promise<T> {
  try {
    return await running;
  } catch (thrown) {
    const error = statementError(thrown);
    if (error instanceof ConnectionLost) throw error;
    const offset = span.start + Number(/\(offset: (\d+)\)/.exec(error.message)?.[1] ?? 0);
    throw new MigrateError(error.kind, `${name}: ${error.message}`, {
      cause: error,
      hint: error.hint ?? (error.kind === 'failed' ? MEND : undefined),
      server: error.server,
      place: { file: name, ...locate(text, offset) },
      excerpt: excerpt(text, offset),
    });
  }
}
