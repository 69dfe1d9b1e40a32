import type { Place, Problem } from '../errors.ts';
import { isInvisible, UNSAFE } from './characters.ts';
import { columnsOf } from './width.ts';

/** Something wrong in a migration's text, at a UTF-16 offset; without one it concerns the file. */
export interface Fault {
  readonly offset?: number;
  readonly message: string;
  readonly hint?: string;
}

/** Columns of an excerpt's line that are shown at most; what lies further from the caret is cut. */
const WIDTH = 120;
const CONTEXT = 2;

/** Line and column of a UTF-16 offset, counted from 1; columns count code points, as PostgreSQL and editors do. */
export function locate(text: string, offset: number): { readonly line: number; readonly column: number } {
  let line = 1;
  let start = 0;
  for (let end = text.indexOf('\n'); end >= 0 && end < offset; end = text.indexOf('\n', start)) {
    line += 1;
    start = end + 1;
  }
  return { line, column: codePoints(text, start, offset) + 1 };
}

/** The line of an offset with a caret under its character, after two lines of context; each with its number. */
export function excerpt(text: string, offset: number): string {
  const { line } = locate(text, offset);
  const lines: string[] = [];
  let start = offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1;
  const width = String(line).length;
  const gutter = (number: string) => `${number.padStart(width)} | `;
  const shown = cut(lineAt(text, start), offset - start);
  lines.push(gutter(String(line)) + shown.text);
  lines.push(`${gutter('')}${padding(shown.text.slice(0, shown.caret))}^`);
  for (let above = 1; above <= CONTEXT && start > 0; above += 1) {
    start = start === 1 ? 0 : text.lastIndexOf('\n', start - 2) + 1;
    lines.unshift(gutter(String(line - above)) + cut(lineAt(text, start), 0).text);
  }
  return lines.map((each) => each.trimEnd()).join('\n');
}

/** The UTF-16 offset of a code point, counted from 0 (PostgreSQL's `position` counts from 1). */
export function offsetOfCodePoint(text: string, count: number): number {
  let offset = 0;
  for (let left = count; left > 0 && offset < text.length; left -= 1) offset += isPair(text, offset) ? 2 : 1;
  return offset;
}

/** The UTF-16 offset of a byte of the text in UTF-8, counted from 0. */
export function offsetOfByte(text: string, count: number): number {
  let offset = 0;
  for (let left = count; left > 0 && offset < text.length; ) {
    const code = text.codePointAt(offset) ?? 0;
    left -= code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    offset += code > 0xffff ? 2 : 1;
  }
  return offset;
}

export function toProblem(file: string, text: string, { offset, message, hint }: Fault): Problem {
  const place: Place = offset === undefined ? { file } : { file, ...locate(text, offset) };
  return {
    message,
    place,
    ...(hint === undefined ? {} : { hint }),
    ...(offset === undefined ? {} : { excerpt: excerpt(text, offset) }),
  };
}

function lineAt(text: string, start: number): string {
  const end = text.indexOf('\n', start);
  return text.slice(start, end < 0 ? undefined : end);
}

/** As much of a line as is shown, and where in it the character at `caret` is; both are UTF-16 offsets. */
function cut(line: string, caret: number): { readonly text: string; readonly caret: number } {
  let begin = caret;
  for (let room = WIDTH / 2; begin > 0; ) {
    const previous = characterBefore(line, begin);
    room -= Math.max(1, columnsOf(previous));
    if (room < 0) break;
    begin -= previous.length;
  }
  // What is drawn over a character is not shown without it.
  while (begin > 0 && begin < caret && columnsOf(characterAt(line, begin)) === 0)
    begin += characterAt(line, begin).length;
  let end = begin;
  for (let room = WIDTH; end < line.length; ) {
    const next = characterAt(line, end);
    room -= Math.max(1, columnsOf(next));
    if (room < 0) break;
    end += next.length;
  }
  const before = begin > 0 ? '…' : '';
  const after = end < line.length ? '…' : '';
  // A space at the caret that is none to the database has to look like something.
  const at = characterAt(line, caret);
  const marked = isInvisible(at)
    ? `${line.slice(begin, caret)}\uFFFD${line.slice(caret + at.length, end)}`
    : line.slice(begin, end);
  const text = `${before}${marked.replace(UNSAFE, '\uFFFD')}${after}`;
  return { text, caret: before.length + caret - begin };
}

/** As wide as the text in front of a caret. It repeats the text's tabs, so that it fits however wide a terminal shows them. */
function padding(text: string): string {
  return [...text].map((character) => (character === '\t' ? '\t' : ' '.repeat(columnsOf(character)))).join('');
}

function characterAt(text: string, at: number): string {
  return text.slice(at, at + (isPair(text, at) ? 2 : 1));
}

function characterBefore(text: string, at: number): string {
  return text.slice(at - (at > 1 && isPair(text, at - 2) ? 2 : 1), at);
}

function codePoints(text: string, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at += isPair(text, at) ? 2 : 1) count += 1;
  return count;
}

function isPair(text: string, at: number): boolean {
  return (text.codePointAt(at) ?? 0) > 0xffff;
}
