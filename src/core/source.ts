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
export interface Location {
  readonly line: number;
  readonly column: number;
}

/**
 * The lines of a text, each found once and not before an offset needs it. Offsets that come in ascending order are found in one
 * pass over the text, however many they are and however long its lines.
 */
export class SourceLines {
  readonly text: string;
  /** Offsets at which the lines found so far begin. */
  readonly #starts = [0];
  #isComplete = false;
  /** Where `locate` counted columns to. */
  #counted = { line: 1, offset: 0, column: 1 };

  constructor(text: string) {
    this.text = text;
  }

  locate(offset: number): Location {
    const line = this.#lineOf(offset);
    const start = this.#starts[line - 1] ?? 0;
    const { line: lastLine, offset: last } = this.#counted;
    const known = lastLine === line && last <= offset ? this.#counted : { offset: start, column: 1 };
    const column = known.column + codePoints(this.text, known.offset, offset);
    this.#counted = { line, offset, column };
    return { line, column };
  }

  /** The line of an offset with a caret under its character, after two lines of context; each with its number. */
  excerpt(offset: number): string {
    const line = this.#lineOf(offset);
    const width = String(line).length;
    const gutter = (number: string) => `${number.padStart(width)} | `;
    const shown = cut(this.#lineAt(line), offset - (this.#starts[line - 1] ?? 0));
    const lines = [gutter(String(line)) + shown.text, `${gutter('')}${padding(shown.text.slice(0, shown.caret))}^`];
    for (let above = line - 1; above >= Math.max(1, line - CONTEXT); above -= 1)
      lines.unshift(gutter(String(above)) + cut(this.#lineAt(above), 0).text);
    return lines.map((each) => each.trimEnd()).join('\n');
  }

  #lineOf(offset: number): number {
    while ((this.#starts.at(-1) ?? 0) < offset && this.#findNext());
    let [low, high] = [0, this.#starts.length];
    while (low + 1 < high) {
      const middle = (low + high) >> 1;
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  }

  #lineAt(line: number): string {
    if (this.#starts.length === line) this.#findNext();
    const next = this.#starts[line];
    return this.text.slice(this.#starts[line - 1], next === undefined ? undefined : next - 1);
  }

  /** False if the last line is found already. */
  #findNext(): boolean {
    const end = this.#isComplete ? -1 : this.text.indexOf('\n', this.#starts.at(-1));
    if (end >= 0) this.#starts.push(end + 1);
    else this.#isComplete = true;
    return end >= 0;
  }
}

export function locate(text: string, offset: number): Location {
  return new SourceLines(text).locate(offset);
}

export function excerpt(text: string, offset: number): string {
  return new SourceLines(text).excerpt(offset);
}

/** The UTF-16 offset of a code point, counted from 0 (PostgreSQL's `position` counts from 1). */
export function offsetOfCodePoint(text: string, count: number): number {
  let offset = 0;
  for (let left = count; left > 0 && offset < text.length; left -= 1) offset += isPair(text, offset) ? 2 : 1;
  return offset;
}

/** UTF-16 offsets of the bytes of a text in UTF-8. Bytes that come in ascending order are found in one pass over the text. */
export class ByteOffsets {
  readonly #text: string;
  #bytes = 0;
  #offset = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Counted from 0. */
  at(byte: number): number {
    if (byte < this.#bytes) [this.#bytes, this.#offset] = [0, 0];
    while (this.#bytes < byte && this.#offset < this.#text.length) {
      const code = this.#text.codePointAt(this.#offset) ?? 0;
      this.#bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
      this.#offset += code > 0xffff ? 2 : 1;
    }
    return this.#offset;
  }
}

export function offsetOfByte(text: string, byte: number): number {
  return new ByteOffsets(text).at(byte);
}

export function toProblem(file: string, lines: SourceLines, { offset, message, hint }: Fault): Problem {
  const place: Place = offset === undefined ? { file } : { file, ...lines.locate(offset) };
  return {
    message,
    place,
    ...(hint === undefined ? {} : { hint }),
    ...(offset === undefined ? {} : { excerpt: lines.excerpt(offset) }),
  };
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
