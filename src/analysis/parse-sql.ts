import type { Node } from 'libpg-query';
import type { Span } from '../core/migration.ts';

/** One statement as PostgreSQL's own parser sees it. */
export interface ParsedStatement {
  /** For example `{ CreateStmt: { … } }`. */
  readonly node: Node;
  /** Where it stands in the text: from its first token to its last, without the semicolon. */
  readonly span: Span;
}

/**
 * A SQL text's statements, by PostgreSQL 18's own parser. It is loaded here alone, and only when somebody asks: 30 ms and
 * 140 MB, which have no place on the way of `migrate`.
 *
 * @throws {SqlError} of libpg-query where the text does not parse; `sqlDetails.cursorPosition` counts code points from 0
 */
export async function parseSql(text: string): Promise<readonly ParsedStatement[]> {
  // CommonJS: names of its own are found in it by Node, but not in the bundle.
  const { default: parser } = await import('libpg-query');
  await parser.loadModule();
  const { stmts = [] } = parser.parseSync(text) as { stmts?: readonly RawStatement[] };
  const toOffset = utf16Offsets(text);
  return stmts.flatMap(({ stmt, stmt_location = 0, stmt_len }) => {
    if (stmt === undefined) return [];
    const start = toOffset(stmt_location);
    const end = stmt_len ? toOffset(stmt_location + stmt_len) : text.length;
    return [{ node: stmt, span: trimmed(text, { start, end }) }];
  });
}

/** Offsets in bytes of UTF-8; without a length it goes to the end of the text. */
interface RawStatement {
  readonly stmt?: Node;
  readonly stmt_location?: number;
  readonly stmt_len?: number;
}

/** The parser counts bytes of UTF-8, we count UTF-16 units. */
function utf16Offsets(text: string): (bytes: number) => number {
  const encoded = Buffer.from(text, 'utf8');
  return encoded.length === text.length
    ? (bytes) => bytes
    : (bytes) => encoded.subarray(0, bytes).toString('utf8').length;
}

/** Without the white space and comments that stand before the statement, and the white space after it. */
function trimmed(text: string, { start, end }: Span): Span {
  const leading = /^(?:\s+|--[^\n]*(?:\n|$)|\/\*(?:[^*]|\*(?!\/))*\*\/)*/.exec(text.slice(start, end))?.[0].length ?? 0;
  return { start: start + leading, end: start + text.slice(start, end).trimEnd().length };
}
