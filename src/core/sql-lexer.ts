import { Lexer } from './lexer.ts';
import type { Span } from './migration.ts';

const SPACE = 1;
const WORD = 2;
const DIGIT = 3;

/** Classes of the ASCII characters, as PostgreSQL's scan.l has them; everything above is part of identifiers. */
const CLASSES = new Uint8Array(128);
for (const character of ' \t\n\r\f\v') CLASSES[character.charCodeAt(0)] = SPACE;
for (const character of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_')
  CLASSES[character.charCodeAt(0)] = WORD;
for (const character of '0123456789') CLASSES[character.charCodeAt(0)] = DIGIT;

function classOf(code: number): number | undefined {
  return code < 128 ? CLASSES[code] : WORD;
}

const MARKER = /--[ \t]*(?:migrate|rollback)[ \t]*:/iy;
/** What marks a section in files of other tools; foreign-sections.ts takes a closer look. */
const FOREIGN_MARK = /--[^\n]*(?:up|down|undo|drop below)/iy;
const DOLLAR_QUOTE = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y;
/** Letters behind it are a word of their own, as PostgreSQL 14 has it; later versions refuse them. */
const NUMBER = /\d[\d_.]*(?:[eE]\d+)?/y;
const PARAMETER = /\$\d+/y;
const END_OF_DATA = /\n\\\.\r?(?=\n|$)/g;
const COMMENT_EDGE = /\/\*|\*\//g;
const LINE_FEED = 10;
const DASH = 45;
const SLASH = 47;
const STAR = 42;
const QUOTE = 39;
const DOUBLE_QUOTE = 34;
const DOLLAR = 36;
const AMPERSAND = 38;
const BACKSLASH = 92;
const DELETE = 127;

/** PostgreSQL's SQL, as src/backend/parser/scan.l reads it with standard_conforming_strings = on. Line ends are LF. */
export class SqlLexer extends Lexer {
  /** Where line comments begin that may be marks of another tool. */
  readonly foreignMarks: number[] = [];

  constructor(text: string, span: Span = { start: 0, end: text.length }) {
    super(text, span, MARKER);
  }

  protected override lineComment(at: number): number {
    FOREIGN_MARK.lastIndex = at;
    if (FOREIGN_MARK.test(this.text)) this.foreignMarks.push(at);
    return super.lineComment(at);
  }

  next(): boolean {
    const { text, limit } = this;
    let at = this.end;
    while (at < limit) {
      const code = text.charCodeAt(at);
      const group = classOf(code);
      if (group === SPACE) {
        at += 1;
        continue;
      }
      const following = text.charCodeAt(at + 1);
      if (code === DASH && following === DASH) {
        at = this.lineComment(at);
        continue;
      }
      if (code === SLASH && following === STAR) {
        const end = this.#commentEnd(at);
        if (end < 0) return this.never('comment', at);
        at = end;
        continue;
      }
      this.start = at;
      if (group === WORD) return this.#word(at);
      if (group === DIGIT) return this.found('number', this.#match(NUMBER, at));
      if (code === QUOTE) return this.#string(at, at);
      if (code === DOUBLE_QUOTE) return this.#quotedName(at, at);
      if (code === DOLLAR) return this.#dollar(at);
      if (code === BACKSLASH) return this.found('client', this.#lineEnd(at));
      return code < 32 || code === DELETE ? this.foundUnclear('symbol', at + 1) : this.found('symbol', at + 1);
    }
    this.start = limit;
    this.end = limit;
    return false;
  }

  /** Continues after the data that psql reads from a script after COPY … FROM STDIN, up to a line that is `\.` alone. */
  skipInlineData(): void {
    END_OF_DATA.lastIndex = this.end;
    const end = END_OF_DATA.exec(this.text);
    if (end !== null) this.end = end.index + end[0].length;
  }

  #word(start: number): boolean {
    const { text } = this;
    let at = start + 1;
    let isAscii = text.charCodeAt(start) < 128;
    for (let code = text.charCodeAt(at); at < this.limit; code = text.charCodeAt(++at)) {
      const group = classOf(code);
      if (group !== WORD && group !== DIGIT && code !== DOLLAR) break;
      if (code > 127) isAscii = false;
    }
    if (at === start + 1) {
      const letter = text.charCodeAt(start) | 32;
      const following = text.charCodeAt(at);
      if (letter === 101 && following === QUOTE) return this.#escapeString(start);
      if (letter === 117 && following === AMPERSAND) {
        if (text.charCodeAt(at + 1) === QUOTE) return this.#string(start, at + 1);
        if (text.charCodeAt(at + 1) === DOUBLE_QUOTE) return this.#quotedName(start, at + 1);
      }
    }
    return isAscii ? this.found('word', at) : this.foundUnclear('word', at);
  }

  #string(start: number, quote: number): boolean {
    const end = this.doubled("'", quote + 1);
    return end < 0 ? this.never('string', start) : this.found('string', end);
  }

  #quotedName(start: number, quote: number): boolean {
    const end = this.doubled('"', quote + 1);
    return end < 0 ? this.never('quoted identifier', start) : this.found('name', end);
  }

  /** E'…': a backslash takes the next character's meaning away, in the parts that continue it on further lines too. */
  #escapeString(start: number): boolean {
    const { text, limit } = this;
    for (let at = start + 2; at < limit; at += 1) {
      const code = text.charCodeAt(at);
      if (code === BACKSLASH) at += 1;
      else if (code === QUOTE) {
        const further = text.charCodeAt(at + 1) === QUOTE ? at + 1 : this.#continuation(at + 1);
        if (further < 0) return this.found('string', at + 1);
        at = further;
      }
    }
    return this.never('string', start);
  }

  /** The quote that opens a string constant's next part, after a line break and perhaps comments; -1 where there is none. */
  #continuation(from: number): number {
    let onFurtherLine = false;
    for (let at = from; ; ) {
      const code = this.text.charCodeAt(at);
      if (code === LINE_FEED) onFurtherLine = true;
      if (classOf(code) === SPACE) at += 1;
      else if (code === DASH && this.text.charCodeAt(at + 1) === DASH) at = this.#lineEnd(at);
      else return onFurtherLine && code === QUOTE ? at : -1;
    }
  }

  #dollar(start: number): boolean {
    DOLLAR_QUOTE.lastIndex = start;
    const tag = DOLLAR_QUOTE.exec(this.text)?.[0];
    if (tag === undefined) return this.found('symbol', this.#match(PARAMETER, start));
    const close = this.text.indexOf(tag, start + tag.length);
    return close < 0 ? this.never(`dollar-quoted string (${tag})`, start) : this.found('string', close + tag.length);
  }

  /** The end of a comment, in which others may be nested; -1 where there is none. */
  #commentEnd(start: number): number {
    COMMENT_EDGE.lastIndex = start + 2;
    for (let depth = 1; depth > 0; ) {
      const edge = COMMENT_EDGE.exec(this.text)?.[0];
      if (edge === undefined) return -1;
      depth += edge === '/*' ? 1 : -1;
    }
    return COMMENT_EDGE.lastIndex;
  }

  #lineEnd(at: number): number {
    const end = this.text.indexOf('\n', at);
    return end < 0 ? this.limit : end;
  }

  #match(pattern: RegExp, at: number): number {
    pattern.lastIndex = at;
    return pattern.test(this.text) ? pattern.lastIndex : at + 1;
  }
}
