import { Lexer } from './lexer.ts';
import type { Span } from './migration.ts';

/** White space beyond ASCII, as the lexer of Neo4j's Cypher 25 lists it. */
const WIDE_SPACES = '\\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const WIDE_SPACE = new RegExp(`[${WIDE_SPACES}]`);

const MARKER = /\/\/[ \t]*(?:migrate|rollback)[ \t]*:/iy;
const NUMBER = /[0-9][0-9A-Za-z_.]*/y;
/** All that is neither ASCII punctuation nor white space; one class, for a group that repeats overflows the stack on long words. */
const WORD = new RegExp(`[^\\x00-/:-@[-^\`{-\\x7f${WIDE_SPACES}]*`, 'y');

const BACKSLASH = 92;
const OPENING_BRACE = 123;

/** An interpolated string whose expression is being read. */
interface Interpolation {
  readonly start: number;
  readonly quote: string;
  /** Braces open within the expression. */
  braces: number;
}

/**
 * Cypher 5 and 25. The expressions in interpolated strings, s'…{expression}…', give tokens of their own; the pieces of text
 * around them are tokens of the kind string. Line ends are LF.
 */
export class CypherLexer extends Lexer {
  readonly #interpolations: Interpolation[] = [];

  constructor(text: string, span: Span = { start: 0, end: text.length }) {
    super(text, span, MARKER);
  }

  get isInterpolating(): boolean {
    return this.#interpolations.length > 0;
  }

  next(): boolean {
    const at = this.#skip();
    if (at < 0) return false;
    const { text } = this;
    this.start = at;
    if (at >= this.limit) {
      this.end = this.limit;
      const [outermost] = this.#interpolations;
      return outermost !== undefined && this.never('interpolated string', outermost.start);
    }
    const character = text[at] ?? '';
    if (character === "'" || character === '"') return this.#string(at, character);
    if (character === '`') {
      const end = this.doubled('`', at + 1);
      return end < 0 ? this.never('name in backticks', at) : this.found('name', end);
    }
    if (character >= '0' && character <= '9') return this.#number(at);
    WORD.lastIndex = at;
    WORD.test(text);
    return WORD.lastIndex > at ? this.#word(at, WORD.lastIndex) : this.#symbol(at, character);
  }

  /** The place of the next token; -1 where a comment never ends. */
  #skip(): number {
    const { text, limit } = this;
    let at = this.end;
    while (at < limit) {
      const code = text.charCodeAt(at);
      if (code <= 32 || (code > 127 && WIDE_SPACE.test(text[at] ?? ''))) at += 1;
      else if (text.startsWith('//', at)) at = this.lineComment(at);
      else if (text.startsWith('/*', at)) {
        const close = text.indexOf('*/', at + 2);
        if (close < 0) {
          this.start = at;
          this.never('comment', at);
          return -1;
        }
        at = close + 2;
      } else break;
    }
    return at;
  }

  #word(start: number, end: number): boolean {
    const quote = this.text[end];
    const isPrefix = end === start + 1 && (this.text[start] === 's' || this.text[start] === 'S');
    if (isPrefix && (quote === "'" || quote === '"')) {
      return this.#interpolated({ start, quote, braces: 0 }, end + 1);
    }
    for (let at = start; at < end; at += 1) if (this.text.charCodeAt(at) > 127) return this.foundUnclear('word', end);
    return this.found('word', end);
  }

  #number(start: number): boolean {
    NUMBER.lastIndex = start;
    NUMBER.test(this.text);
    return this.found('number', NUMBER.lastIndex);
  }

  #symbol(at: number, character: string): boolean {
    const interpolation = this.#interpolations.at(-1);
    if (interpolation !== undefined) {
      if (character === '{') interpolation.braces += 1;
      if (character === '}' && interpolation.braces > 0) interpolation.braces -= 1;
      else if (character === '}') {
        this.#interpolations.pop();
        return this.#interpolated(interpolation, at + 1);
      }
    }
    return this.found('symbol', at + 1);
  }

  #string(start: number, quote: string): boolean {
    const end = this.#textEnd(start + 1, quote, false);
    return end < 0 ? this.never('string', start) : this.found('string', end);
  }

  /** A piece of an interpolated string's text: to the closing quote, or to the brace that opens an expression. */
  #interpolated(interpolation: Interpolation, from: number): boolean {
    const end = this.#textEnd(from, interpolation.quote, true);
    if (end < 0) return this.never('interpolated string', interpolation.start);
    if (this.text[end - 1] === '{') this.#interpolations.push({ ...interpolation, braces: 0 });
    return this.found('string', end);
  }

  /** In strings a backslash takes the next character's meaning away, whatever it is. */
  #textEnd(from: number, quote: string, braces: boolean): number {
    const { text, limit } = this;
    const closing = quote.charCodeAt(0);
    for (let at = from; at < limit; at += 1) {
      const code = text.charCodeAt(at);
      if (code === BACKSLASH) at += 1;
      else if (code === closing || (braces && code === OPENING_BRACE)) return at + 1;
    }
    return -1;
  }
}
