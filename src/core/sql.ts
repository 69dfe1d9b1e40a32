import type { Script, Token } from './lexer.ts';
import type { Span } from './migration.ts';
import { SqlLexer } from './sql-lexer.ts';

/**
 * Splits a script at the semicolons that end statements: not those in strings and comments, nor those in parentheses
 * (CREATE RULE … DO (a; b)) and in the bodies of SQL-standard functions (BEGIN ATOMIC a; b; END).
 */
export function readSql(text: string): Script {
  const lexer = new SqlLexer(text);
  const statements: Span[] = [];
  const clientCommands: Span[] = [];
  const shape = new Shape();
  let start = -1;
  let end = 0;
  while (lexer.next()) {
    if (lexer.kind === 'client') {
      clientCommands.push({ start: lexer.start, end: lexer.end });
    } else if (lexer.isSymbol(';') && !shape.isOpen) {
      if (start >= 0) statements.push({ start, end });
      if (shape.takesInlineData) lexer.skipInlineData();
      shape.reset();
      start = -1;
    } else {
      shape.add(lexer);
      if (start < 0) start = lexer.start;
      end = lexer.end;
    }
  }
  const unterminated = lexer.unterminated ?? shape.unterminated;
  if (start >= 0 && unterminated === undefined) statements.push({ start, end });
  const { markers, foreignMarks, invisible } = lexer;
  return { statements, clientCommands, markers, foreignMarks, invisible, unterminated };
}

type Form = 'new' | 'create' | 'routine' | 'begin' | 'body' | 'copy' | 'copy from' | 'copy from stdin' | 'other';

/** As much of a statement's grammar as it takes to know whether a semicolon ends it. */
class Shape {
  #form: Form = 'new';
  #parentheses = 0;
  /** The body's END is the one that follows a semicolon or ATOMIC: every other END (of CASE, a label) stands inside a statement. */
  #mayEnd = false;
  #opened = 0;

  get isOpen(): boolean {
    return this.#parentheses > 0 || this.#form === 'body';
  }

  get takesInlineData(): boolean {
    return this.#form === 'copy from stdin';
  }

  get unterminated(): Script['unterminated'] {
    if (!this.isOpen) return undefined;
    return { what: this.#form === 'body' ? 'BEGIN ATOMIC' : 'parenthesis', offset: this.#opened };
  }

  reset(): void {
    this.#form = 'new';
    this.#parentheses = 0;
  }

  add(token: SqlLexer): void {
    if (token.kind === 'symbol') this.#addSymbol(token);
    if (this.#form === 'other') return;
    this.#form = this.#formAfter(token);
  }

  #addSymbol(token: SqlLexer): void {
    if (token.isSymbol('(')) {
      if (this.#parentheses === 0 && this.#form !== 'body') this.#opened = token.start;
      this.#parentheses += 1;
    } else if (token.isSymbol(')') && this.#parentheses > 0) {
      this.#parentheses -= 1;
    }
  }

  #formAfter(token: SqlLexer): Form {
    switch (this.#form) {
      case 'new':
        return token.isWord('CREATE') ? 'create' : token.isWord('COPY') ? 'copy' : 'other';
      case 'create':
        if (token.isWord('OR') || token.isWord('REPLACE')) return 'create';
        return token.isWord('FUNCTION') || token.isWord('PROCEDURE') ? 'routine' : 'other';
      case 'routine':
        if (this.#parentheses > 0 || !token.isWord('BEGIN')) return 'routine';
        this.#opened = token.start;
        return 'begin';
      case 'begin':
        this.#mayEnd = true;
        return token.isWord('ATOMIC') ? 'body' : 'routine';
      case 'body':
        if (this.#mayEnd && token.isWord('END')) return 'other';
        this.#mayEnd = token.isSymbol(';') && this.#parentheses === 0;
        return 'body';
      case 'copy':
        return this.#parentheses === 0 && token.isWord('FROM') ? 'copy from' : 'copy';
      case 'copy from':
        return token.isWord('STDIN') ? 'copy from stdin' : 'other';
      default:
        return this.#form;
    }
  }
}

export function* sqlTokens(text: string, span: Span): Generator<Token> {
  const lexer = new SqlLexer(text, span);
  while (lexer.next()) yield lexer.token();
}

/**
 * The first tokens of a statement in one spelling, a space between any two: words in upper case, `"` for a name in quotes, `'`
 * for a string, `0` for a number. What PostgreSQL makes of a statement can be told from it by regular expressions.
 */
export function outline(text: string, span: Span, most = 40): string {
  const lexer = new SqlLexer(text, span);
  const words: string[] = [];
  while (words.length < most && lexer.next()) words.push(spell(lexer.token()));
  return words.join(' ');
}

function spell({ kind, text }: Token): string {
  switch (kind) {
    case 'word':
      return text.toUpperCase();
    case 'name':
      return '"';
    case 'string':
      return "'";
    case 'number':
      return '0';
    default:
      return text;
  }
}

/** An identifier's value: unquoted, or folded as PostgreSQL folds it (ASCII letters only). */
export function identifier(token: Token | undefined): string | undefined {
  if (token?.kind === 'word') return token.text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
  if (token?.kind === 'name' && token.text.startsWith('"')) return token.text.slice(1, -1).replaceAll('""', '"');
  return undefined;
}
