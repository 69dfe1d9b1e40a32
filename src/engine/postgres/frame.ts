import { type Migration, type Span, textOf } from '../../core/migration.ts';
import type { Sent } from './place.ts';

/** A message, and what of it is the file's. */
export interface Framed {
  readonly parts: readonly string[];
  readonly sent?: Sent;
  /** An error leaves the session inside of a transaction. */
  readonly transaction: boolean;
}

/** A message of our own statements alone, which are one transaction. */
export function ownTransaction(statements: readonly string[]): Framed {
  return { parts: [statements.join(';')], transaction: true };
}

/** A statement of the file, alone in its message. */
export function bare(migration: Migration, span: Span): Framed {
  return {
    parts: [textOf(migration, span)],
    sent: { span, before: 0, statementsBefore: 0 },
    transaction: false,
  };
}

/** A part of the file between statements of ours. The line break ends a comment that the part may end with. */
export function framed(
  migration: Migration,
  span: Span,
  opening: readonly string[],
  closing: readonly string[],
): Framed {
  const head = `${opening.join(';')};\n`;
  return {
    parts: [head, textOf(migration, span), `\n;${closing.join(';')}`],
    sent: { span, before: head.length, statementsBefore: opening.length },
    transaction: true,
  };
}
