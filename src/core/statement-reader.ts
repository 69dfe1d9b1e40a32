import type { Token } from './lexer.ts';

/** The tokens of a statement by their places: a keyword in upper case, a symbol as it is, '' for everything in quotes. */
export class StatementReader {
  readonly #tokens: readonly Token[];
  readonly #words: readonly string[];

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
    this.#words = tokens.map(({ kind, text }) =>
      kind === 'word' ? text.toUpperCase() : kind === 'symbol' ? text : '',
    );
  }

  get length(): number {
    return this.#words.length;
  }

  word(at: number): string {
    return this.#words[at] ?? '';
  }

  /** The first place from `from` on with another word than these. */
  past(from: number, words: readonly string[], ...more: readonly string[]): number {
    let at = from;
    while (words.includes(this.word(at)) || more.includes(this.word(at))) at += 1;
    return at;
  }

  /** The first place of a word outside of parentheses that open after `from`; -1 if there is none. */
  find(word: string, from: number): number {
    for (let at = from; at < this.length; at += 1) {
      if (this.word(at) === word) return at;
      if (this.word(at) === '(') at = this.closing(at);
    }
    return -1;
  }

  /** The place of the parenthesis that closes the one at `opening`. */
  closing(opening: number): number {
    let depth = 0;
    for (let at = opening; at < this.length; at += 1) {
      if (this.word(at) === '(') depth += 1;
      if (this.word(at) === ')') depth -= 1;
      if (depth === 0) return at;
    }
    return this.length;
  }

  /** The last part of the name at a place: behind IF [NOT] EXISTS, ONLY and the schema. */
  #name(from: number): number {
    let at = this.past(from, ['IF', 'NOT', 'EXISTS']);
    if (this.word(at) === 'ONLY') at = this.past(at + 1, ['(']);
    while (this.word(at + 1) === '.') at += 2;
    return at;
  }

  afterName(from: number): number {
    return this.past(this.#name(from) + 1, ['*', ')']);
  }

  /** The last part of the name at a place. */
  nameAt(from: number): Token | undefined {
    return this.#tokens[this.#name(from)];
  }

  /** The last parts of the names of a list. */
  *namesFrom(from: number): Generator<Token | undefined> {
    for (let at = from; ; at += 1) {
      yield this.nameAt(at);
      at = this.afterName(at);
      if (this.word(at) !== ',') return;
    }
  }
}
