import { parseSync } from 'libpg-query';
import type { Script } from '../../src/core/lexer.ts';
import type { Span } from '../../src/core/migration.ts';
import { outline, readSql } from '../../src/core/sql.ts';

export interface SqlSplit {
  /** Statements that the parser accepts. */
  readonly compared: number;
  /** One reason for each statement that the parser does not accept. */
  readonly refused: readonly string[];
  readonly clientCommands: number;
  /** Where the bounds differ. */
  readonly difference?: string;
}

/**
 * Compares the bounds of our lexer's statements with those of PostgreSQL's parser. The parser accepts a file as a whole or not
 * at all, so a statement that it does not accept is blanked out, and the rest is parsed again.
 */
export function compareSplit(text: string, script: Script = readSql(text)): SqlSplit {
  const { statements, clientCommands, unterminated } = script;
  const refused: string[] = [];
  const accepted = [...statements];
  let sql = clientCommands.reduce(blank, text);
  for (const data of inlineData(sql, statements)) sql = blank(sql, data);
  const result = { clientCommands: clientCommands.length, refused };

  if (unterminated !== undefined) {
    const rest = { start: statements.at(-1)?.end ?? 0, end: text.length };
    const error = parse(sql.slice(rest.start));
    if (!(error instanceof Refusal)) return { ...result, compared: 0, difference: `${unterminated.what} never ends` };
    refused.push(error.reason);
    sql = blank(sql, rest);
  }
  for (;;) {
    const parsed = parse(sql);
    if (!(parsed instanceof Refusal)) return { ...result, compared: parsed.length, ...compare(text, accepted, parsed) };
    const { offset, reason } = parsed;
    const index = accepted.findLastIndex(({ start }) => start <= offset);
    const statement = accepted[index];
    // The parser complains about text that is in no statement of ours.
    if (statement === undefined) return { ...result, compared: 0, difference: `${reason}, ${lineOf(text, offset)}` };
    refused.push(reason);
    accepted.splice(index, 1);
    sql = blank(sql, statement);
  }
}

function compare(text: string, ours: readonly Span[], theirs: readonly Span[]): { readonly difference?: string } {
  for (const [index, mine] of ours.entries()) {
    const other = theirs[index];
    const equal =
      other !== undefined &&
      isEmpty(text, { start: other.start, end: mine.start }) &&
      isEmpty(text, { start: mine.end, end: other.end });
    if (!equal) return { difference: `statement at ${lineOf(text, mine.start)}` };
  }
  const more = theirs[ours.length];
  return more === undefined ? {} : { difference: `statement that we do not see at ${lineOf(text, more.start)}` };
}

/** The parser counts white space and comments to a statement. */
function isEmpty(text: string, gap: Span): boolean {
  return gap.start <= gap.end && outline(text, gap, 1) === '';
}

class Refusal extends Error {
  readonly reason: string;
  readonly offset: number;

  constructor(reason: string, offset: number) {
    super(reason);
    this.reason = reason;
    this.offset = offset;
  }
}

function parse(sql: string): readonly Span[] | Refusal {
  // The parser refuses to parse an empty text.
  if (sql.trim() === '') return [];
  try {
    const { stmts = [] } = parseSync(sql) as { stmts?: { stmt_location?: number; stmt_len?: number }[] };
    const toOffset = offsetsOf(sql);
    return stmts.map(({ stmt_location: from = 0, stmt_len: length }) => ({
      start: toOffset(from),
      end: length ? toOffset(from + length) : sql.length,
    }));
  } catch (error) {
    const { message, sqlDetails } = error as Error & { sqlDetails?: { cursorPosition: number } };
    // The parser counts code points.
    const characters = Math.max(sqlDetails?.cursorPosition ?? 0, 0);
    return new Refusal(message.replace(/ at or near .*/s, ''), [...sql].slice(0, characters).join('').length);
  }
}

/** From bytes of UTF-8, which the parser counts, to UTF-16 units. The offsets must not become smaller from call to call. */
function offsetsOf(sql: string): (bytes: number) => number {
  const encoded = Buffer.from(sql);
  if (encoded.length === sql.length) return (bytes) => bytes;
  let [seen, offset] = [0, 0];
  return (bytes) => {
    offset += encoded.toString('utf8', seen, bytes).length;
    seen = bytes;
    return offset;
  };
}

/** The data between COPY … FROM STDIN and the line `\.`, found without our lexer. */
function inlineData(sql: string, statements: readonly Span[]): readonly Span[] {
  return statements.flatMap((statement) => {
    if (!/^COPY .* FROM STDIN( |$)/.test(outline(sql, statement, Number.POSITIVE_INFINITY))) return [];
    const start = sql.indexOf('\n', statement.end);
    const end = start < 0 ? null : /^\\\.\r?$/m.exec(sql.slice(start));
    // Without such a line the server is expected to refuse the COPY, and the next statement follows.
    return end === null ? [] : [{ start, end: start + end.index + end[0].length }];
  });
}

/** Spaces in place of everything but line breaks; all offsets stay the same. */
function blank(text: string, { start, end }: Span): string {
  return text.slice(0, start) + text.slice(start, end).replace(/[^\n]/g, ' ') + text.slice(end);
}

function lineOf(text: string, offset: number): string {
  const line = text.slice(0, offset).split('\n').length;
  return `line ${line}: ${text.slice(offset, offset + 60).split('\n')[0]}`;
}
