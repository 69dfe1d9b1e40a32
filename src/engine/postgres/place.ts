import type { Migration, Span } from '../../core/migration.ts';
import { excerpt, locate, offsetOfByte, offsetOfCodePoint } from '../../core/source.ts';
import { readSql } from '../../core/sql.ts';
import { ConnectionLost, MigrateError } from '../../errors.ts';
import { offsetInBody } from './context.ts';
import { HISTORY_TOUCHED, LOCK_LOST, type PostgresError, rootCause } from './errors.ts';

/** What stood in a message, so that an error's position can be turned into one of the file. */
export interface Sent {
  readonly span: Span;
  /** Characters (all ASCII) in front of the file's text. */
  readonly before: number;
  readonly statementsBefore: number;
}

/** An error of a message, with the file's line and column where it was. `countsBytes`: what the server's positions count. */
export function placed(
  error: unknown,
  { name, text, steps }: Migration,
  sent: Sent | undefined,
  completed: number,
  countsBytes: boolean,
): unknown {
  if (!(error instanceof MigrateError) || error instanceof ConnectionLost) return error;
  if (error.server?.code === LOCK_LOST)
    return new MigrateError(
      'failed',
      `${name}: the migration lock was gone when the work was to be committed; it was rolled back`,
      {
        cause: error,
        place: { file: name },
        hint: 'the file itself may give it up (pg_advisory_unlock_all, DISCARD ALL, also inside a function or DO block): take that out',
      },
    );
  if (error.server?.code === HISTORY_TOUCHED)
    return new MigrateError('failed', `${name}: ${error.message}; it was rolled back`, {
      cause: error,
      place: { file: name },
      hint: "take that out, and run migrate again; a loop over all tables (pg_tables) has to leave out the table migrations. The history is this program's own: `localrag-migrate repair` and `baseline` correct it",
    });
  const offset = sent && offsetOf(error, sent, text, completed, countsBytes);
  return new MigrateError(error.kind, `${name}: ${error.message}`, {
    cause: error,
    means: error.means,
    hint: [error.hint, error.kind === 'failed' ? remedy(steps) : undefined].filter(Boolean).join('; ') || undefined,
    server: error.server,
    place: offset === undefined ? { file: name } : { file: name, ...locate(text, offset) },
    excerpt: offset === undefined ? undefined : excerpt(text, offset),
  });
}

/** By the server's position where it gives one, else in the body of a function, else by how many statements it had completed. */
function offsetOf(
  error: MigrateError,
  { span, before, statementsBefore }: Sent,
  text: string,
  completed: number,
  countsBytes: boolean,
): number | undefined {
  const cause = rootCause(error) as PostgresError;
  if (cause.position !== undefined) {
    const sent = text.slice(span.start, span.end);
    const count = Number(cause.position) - 1 - before;
    const offset = countsBytes ? offsetOfByte(sent, count) : offsetOfCodePoint(sent, count);
    return offset < sent.length ? span.start + offset : undefined;
  }
  const { statements } = readSql(text.slice(0, span.end));
  const first = statements.findIndex(({ start }) => start >= span.start);
  const at = first < 0 ? statements.length : first + completed - statementsBefore;
  const failed = statements[at];
  return offsetInBody(cause, text, statements.slice(0, at + 1), failed, countsBytes) ?? failed?.start;
}

/** What there is to do about any statement that the server refuses. */
function remedy(steps: Migration['steps']): string {
  return steps[0]?.kind === 'sql-file'
    ? 'the whole file was rolled back: mend it (what was never applied may change), and run migrate again'
    : 'the steps before it stay: mend this one (what was never applied may change), and run migrate again, which goes on here';
}
