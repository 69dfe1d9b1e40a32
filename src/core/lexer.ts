import { isInvisible } from './characters.ts';
import type { Span } from './migration.ts';

/**
 * word: a keyword or an identifier without quotes; name: an identifier in quotes or backticks; client: a command of psql.
 * Comments and white space are no tokens.
 */
export type TokenKind = 'word' | 'name' | 'string' | 'number' | 'symbol' | 'client';

export interface Token extends Span {
  readonly kind: TokenKind;
  /** As it stands in the file. */
  readonly text: string;
}

/** Something that opens and never closes, and where it opens. */
export interface Unterminated {
  readonly what: string;
  readonly offset: number;
}

/** The statements of a script, and what stands there besides statements. */
export interface Script {
  /** Without comments or white space around them, and without the semicolon. */
  readonly statements: readonly Span[];
  /** Commands of the database's own shell (psql, cypher-shell), each to the end of its line. */
  readonly clientCommands: readonly Span[];
  /** Where comments begin that speak to this program. */
  readonly markers: readonly number[];
  /** Where line comments begin that may be marks of another tool. */
  readonly foreignMarks: readonly number[];
  /** Words with a character that is not shown. */
  readonly invisible: readonly Span[];
  /** What opens and never closes; nothing after it was read. */
  readonly unterminated?: Unterminated | undefined;
}

/**
 * Walks over a text token by token, without building anything: files of 50 MB are read in about a second.
 * The fields describe the token that `next` found last.
 */
export abstract class Lexer implements Span {
  readonly text: string;
  readonly limit: number;
  kind: TokenKind = 'symbol';
  start: number;
  end: number;
  unterminated: Unterminated | undefined;
  /** Where line comments begin that speak to this program: `migrate:` and `Rollback:`. */
  readonly markers: number[] = [];
  /** Words with a character that is not shown. */
  readonly invisible: Span[] = [];
  readonly #marker: RegExp;

  /** `marker` matches, at the beginning of a line comment, one that speaks to this program; a sticky expression. */
  constructor(text: string, span: Span, marker: RegExp) {
    this.text = text;
    this.start = span.start;
    this.end = span.start;
    this.limit = span.end;
    this.#marker = marker;
  }

  /** Goes to the next token; false at the end, or where something is unterminated. */
  abstract next(): boolean;

  token(): Token {
    return { kind: this.kind, start: this.start, end: this.end, text: this.text.slice(this.start, this.end) };
  }

  isWord(upperCase: string): boolean {
    return (
      this.kind === 'word' &&
      this.end - this.start === upperCase.length &&
      this.text.slice(this.start, this.end).toUpperCase() === upperCase
    );
  }

  isSymbol(character: string): boolean {
    return this.kind === 'symbol' && this.text.charCodeAt(this.start) === character.charCodeAt(0);
  }

  protected found(kind: TokenKind, end: number): true {
    this.kind = kind;
    this.end = end;
    return true;
  }

  /** A word, or a symbol, whose characters may be ones that are not shown. */
  protected foundUnclear(kind: TokenKind, end: number): true {
    for (const character of this.text.slice(this.start, end))
      if (isInvisible(character)) {
        this.invisible.push({ start: this.start, end });
        break;
      }
    return this.found(kind, end);
  }

  /** Ends the walk. */
  protected never(what: string, offset: number): false {
    this.unterminated ??= { what, offset };
    this.end = this.limit;
    return false;
  }

  protected lineComment(at: number): number {
    this.#marker.lastIndex = at;
    if (this.#marker.test(this.text)) this.markers.push(at);
    const end = this.text.indexOf('\n', at);
    return end < 0 ? this.limit : end;
  }

  /** The end of a quotation in which the quote is written twice to mean itself; -1 where there is none. */
  protected doubled(quote: string, from: number): number {
    let at = this.text.indexOf(quote, from);
    while (at >= 0 && this.text[at + 1] === quote) at = this.text.indexOf(quote, at + 2);
    return at < 0 ? -1 : at + 1;
  }
}
