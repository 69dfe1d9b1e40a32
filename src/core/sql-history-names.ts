import type { Token } from './lexer.ts';
import { identifier } from './sql.ts';

/** The table that keeps PostgreSQL's history, in whatever schema. */
export const HISTORY = 'migrations';

/** A text without a match names the history nowhere, not even in an escaped identifier: most need no closer look. */
export const MAY_NAME_HISTORY = /migrations|u&"/i;

/** changes: it writes to the history or alters it; takes: it gives the history's name to another object. */
export interface HistoryUse {
  readonly token: Token;
  readonly use: 'changes' | 'takes';
}

/** The place where a statement changes the history table, or creates or renames something under its name. */
export function historyUse(tokens: readonly Token[]): HistoryUse | undefined {
  const reader = new Reader(tokens);
  const found = [...changedRows(reader), ...definitions(reader)].filter(({ token }) => identifierOf(token) === HISTORY);
  return found.toSorted((a, b) => a.token.start - b.token.start)[0];
}

/** INSERT, UPDATE, DELETE and MERGE also occur in WITH, in EXPLAIN, in rules and in the bodies of functions. */
function* changedRows(reader: Reader): Generator<HistoryUse> {
  const importing = reader.word(0) === 'IMPORT';
  for (let at = 0; at < reader.length; at += 1) {
    const word = reader.word(at);
    const previous = reader.word(at - 1);
    const isColumn = previous === '.' || previous === ',' || previous === 'SELECT';
    if (word === 'UPDATE' && !isColumn) yield* reader.used('changes', at + 1);
    if (word === 'DELETE' && !isColumn && reader.word(at + 1) === 'FROM') yield* reader.used('changes', at + 2);
    // IMPORT FOREIGN SCHEMA … INTO names a schema.
    if (word !== 'INTO' || importing) continue;
    if (previous === 'INSERT' || previous === 'MERGE') yield* reader.used('changes', at + 1);
    else yield* reader.used('takes', reader.past(at + 1, PERSISTENCE, 'TABLE'));
  }
}

const PERSISTENCE = ['GLOBAL', 'LOCAL', 'TEMP', 'TEMPORARY', 'UNLOGGED'] as const;
/** Objects that share the names of tables, or of the types that tables have. */
const NAMED = new Set(['TABLE', 'VIEW', 'SEQUENCE', 'INDEX', 'TYPE', 'DOMAIN']);
/** Objects that belong to a table, which their commands name after ON (for a rule's creation: after TO). */
const OF_TABLE = new Set(['TRIGGER', 'POLICY', 'RULE']);

function* definitions(reader: Reader): Generator<HistoryUse> {
  const start = statementStart(reader);
  const verb = reader.word(start);
  if (verb === 'CREATE' && reader.word(start + 1) === 'SCHEMA') {
    // The elements of a schema are commands without a semicolon between them.
    for (let at = reader.find('CREATE', start + 2); at >= 0; at = reader.find('CREATE', at + 1))
      yield* created(reader, at);
  } else if (verb === 'CREATE') yield* created(reader, start);
  else if (verb === 'ALTER') yield* altered(reader, start);
  else if (verb === 'DROP') yield* dropped(reader, start);
  else if (verb === 'TRUNCATE' || verb === 'LOCK') yield* reader.list(reader.past(start + 1, ['TABLE']));
  else if (verb === 'COPY') {
    const name = reader.past(start + 1, ['BINARY']);
    if (reader.word(name) !== '(' && reader.find('FROM', name) >= 0) yield* reader.used('changes', name);
  } else if (verb === 'IMPORT') {
    const limit = reader.find('LIMIT', start);
    if (limit >= 0 && reader.word(limit + 1) === 'TO') yield* reader.list(limit + 3, 'takes');
  }
}

/** EXPLAIN takes statements that create tables. */
function statementStart(reader: Reader): number {
  if (reader.word(0) !== 'EXPLAIN') return 0;
  if (reader.word(1) === '(') return reader.closing(1) + 1;
  return reader.past(1, ['ANALYZE', 'ANALYSE', 'VERBOSE']);
}

function* created(reader: Reader, create: number): Generator<HistoryUse> {
  const at = reader.past(
    create + 1,
    PERSISTENCE,
    ...['OR', 'REPLACE', 'RECURSIVE', 'MATERIALIZED', 'FOREIGN', 'UNIQUE', 'CONSTRAINT'],
  );
  const kind = reader.word(at);
  if (OF_TABLE.has(kind)) {
    const on = reader.find(kind === 'RULE' ? 'TO' : 'ON', at + 2);
    if (on >= 0) yield* reader.used('changes', on + 1);
  }
  if (!NAMED.has(kind)) return;
  if (kind === 'INDEX') {
    const name = reader.past(at + 1, ['CONCURRENTLY', 'IF', 'NOT', 'EXISTS']);
    const on = reader.find('ON', name);
    if (on > name) yield* reader.used('takes', name);
    yield* reader.used('changes', on + 1);
    return;
  }
  yield* reader.used(kind === 'TABLE' ? 'changes' : 'takes', at + 1);
  if (kind === 'TABLE') yield* constraints(reader, at);
  // The rows of a child are rows of its parent too.
  for (let word = at; word < reader.length; word += 1)
    if (reader.word(word) === 'INHERITS' && reader.word(word + 1) === '(') yield* reader.list(word + 2);
}

function* altered(reader: Reader, alter: number): Generator<HistoryUse> {
  const at = reader.past(alter + 1, ['MATERIALIZED', 'FOREIGN']);
  const kind = reader.word(at);
  if (OF_TABLE.has(kind)) {
    const on = reader.find('ON', at + 2);
    if (on >= 0) yield* reader.used('changes', on + 1);
  }
  if (kind === 'EXTENSION' && ['ADD', 'DROP'].includes(reader.word(at + 2)))
    yield* reader.used('changes', reader.past(at + 3, ['MATERIALIZED', 'FOREIGN', ...NAMED]));
  if (!NAMED.has(kind)) return;
  yield* reader.used('changes', at + 1);
  yield* constraints(reader, at);
  const name = reader.afterName(at + 1);
  for (let word = name; word < reader.length; word += 1) {
    const [action, object] = [reader.word(word), reader.word(word + 1)];
    if (action === 'RENAME' && object === 'TO') yield* reader.used('takes', word + 2);
    // A unique constraint's index goes by its name.
    if (action === 'RENAME' && object === 'CONSTRAINT') yield* reader.used('takes', word + 4);
    if (action === 'INHERIT') yield* reader.used('changes', word + 1);
    if ((action === 'ATTACH' || action === 'DETACH') && object === 'PARTITION') yield* reader.used('changes', word + 2);
  }
}

function* dropped(reader: Reader, drop: number): Generator<HistoryUse> {
  const at = reader.past(drop + 1, ['MATERIALIZED', 'FOREIGN']);
  const kind = reader.word(at);
  if (OF_TABLE.has(kind)) {
    const on = reader.find('ON', at + 2);
    if (on >= 0) yield* reader.used('changes', on + 1);
  }
  if (NAMED.has(kind)) yield* reader.list(reader.past(at + 1, ['CONCURRENTLY']));
}

/** Constraints that bring an index of their name, and the sequence of an identity column. */
function* constraints(reader: Reader, from: number): Generator<HistoryUse> {
  for (let at = from; at < reader.length; at += 1) {
    if (reader.word(at) === 'CONSTRAINT' && ['UNIQUE', 'PRIMARY', 'EXCLUDE'].includes(reader.word(at + 2)))
      yield* reader.used('takes', at + 1);
    if (reader.word(at) === 'SEQUENCE' && reader.word(at + 1) === 'NAME') yield* reader.used('takes', at + 2);
  }
}

/** The tokens of a statement by their places: a keyword in upper case, a symbol as it is, '' for everything in quotes. */
class Reader {
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

  *used(use: HistoryUse['use'], from: number): Generator<HistoryUse> {
    const token = this.#tokens[this.#name(from)];
    if (token !== undefined) yield { token, use };
  }

  /** The names of a list. */
  *list(from: number, use: HistoryUse['use'] = 'changes'): Generator<HistoryUse> {
    for (let at = from; ; at += 1) {
      yield* this.used(use, at);
      at = this.afterName(at);
      if (this.word(at) !== ',') return;
    }
  }
}

/** As PostgreSQL reads it, U&"…" with its escapes too. */
function identifierOf(token: Token): string | undefined {
  if (token.kind !== 'name' || !/^u&/i.test(token.text)) return identifier(token);
  return identifier({ ...token, text: token.text.slice(2) })?.replace(
    /\\(?:\+([0-9a-f]{6})|([0-9a-f]{4}))/gi,
    (whole, long?: string, short?: string) => {
      const code = Number.parseInt(long ?? short ?? '', 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}
