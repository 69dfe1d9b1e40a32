import type { Node, RangeVar } from 'libpg-query';
import type { Migration, Span } from '../../../core/migration.ts';
import { ByteOffsets, offsetOfCodePoint } from '../../../core/source.ts';
import { outline, readSql, sqlTokens } from '../../../core/sql.ts';
import { parseStatement } from '../../parse-sql.ts';
import type { EarlierStatements } from './earlier.ts';
import type { Made, SqlSchema } from './schema.ts';

/** One statement of a file as PostgreSQL's parser sees it. */
export interface SqlStatement {
  readonly file: Migration;
  readonly node: Node;
  /** Where a location of the tree is in the file's text; without one, where the statement begins. */
  readonly offset: (location?: number) => number;
  /** Where the n-th action of an ALTER TABLE begins in the file's text. */
  readonly action: (index: number) => number;
}

/** What a statement meets: what earlier ones made, and which of it is old. */
export interface SqlSetting {
  /** As it is right before the statement. */
  readonly schema: SqlSchema;
  /** What the statements that stand before it in its file have done. */
  readonly earlier: EarlierStatements;
  /** Whether they share a transaction with it. */
  readonly inTransaction: boolean;
  /**
   * Whether a table stood before the files that are taken together with this one, so that it may hold rows and somebody may
   * be using it. Also where no file made it.
   */
  readonly isOld: (table: RangeVar | string) => boolean;
  /** Whether such a table may hold rows: the file has not emptied it in the same transaction. */
  readonly holdsRows: (table: RangeVar | string) => boolean;
  /** Whether something that the schema knows stood before them. */
  readonly wasMadeBefore: (made: Made) => boolean;
}

/** A statement that does not parse. */
export interface SyntaxFault {
  readonly offset: number;
  readonly message: string;
}

/**
 * Rules have little to say about data, and a file may hold 50 MB of it, whose trees would take more time and memory than there
 * is: of data, no longer statements are parsed, and no more of them.
 */
const LONGEST_DATA = 32 * 1024;
const MOST_DATA = 1000;
const DATA = /^(INSERT|COPY|SELECT|VALUES) /;

/**
 * A file's statements in order, each parsed for itself, so that one that does not parse hides no other, and not before it is
 * asked for: the trees of a large file take more memory than there is, so none is kept.
 */
export async function* sqlStatements(file: Migration): AsyncGenerator<SqlStatement | SyntaxFault> {
  let data = 0;
  for (const span of readSql(file.text).statements) {
    if (DATA.test(outline(file.text, span, 2))) {
      data += 1;
      if (data > MOST_DATA || span.end - span.start > LONGEST_DATA) continue;
    }
    const text = file.text.slice(span.start, span.end);
    try {
      const node = await parseStatement(text);
      if (node !== undefined) yield statementOf(file, node, span, text);
    } catch (error) {
      const details = (error as { sqlDetails?: { cursorPosition?: number } }).sqlDetails;
      if (details === undefined) throw error;
      yield {
        offset: span.start + offsetOfCodePoint(text, Math.max(0, details.cursorPosition ?? 0)),
        message: (error as Error).message,
      };
    }
  }
}

function statementOf(file: Migration, node: Node, span: Span, text: string): SqlStatement {
  // The tree counts bytes of UTF-8.
  const bytes = new ByteOffsets(text);
  let starts: readonly number[] | undefined;
  return {
    file,
    node,
    offset: (location = 0) => span.start + bytes.at(location),
    action: (index) => {
      starts ??= actionStarts(text);
      return span.start + (starts[index] ?? 0);
    },
  };
}

/** Where the actions of an ALTER TABLE begin: after the table's name, and after each comma outside of parentheses. */
function actionStarts(text: string): readonly number[] {
  const tokens = [...sqlTokens(text, { start: 0, end: text.length })];
  let at = 2;
  while (['IF', 'EXISTS', 'ONLY'].includes(tokens[at]?.text.toUpperCase() ?? '')) at += 1;
  while (tokens[at + 1]?.text === '.') at += 2;
  at += tokens[at + 1]?.text === '*' ? 2 : 1;
  const starts: number[] = [];
  let depth = 0;
  let begins = true;
  for (const { text: word, start } of tokens.slice(at)) {
    if (begins) starts.push(start);
    begins = word === ',' && depth === 0;
    if (word === '(') depth += 1;
    if (word === ')') depth -= 1;
  }
  return starts;
}
