import type { Token } from './lexer.ts';
import { identifier } from './sql.ts';
import { StatementReader } from './statement-reader.ts';

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
  const reader = new StatementReader(tokens);
  const found = [...changedRows(reader), ...definitions(reader)].filter(({ token }) => identifierOf(token) === HISTORY);
  return found.toSorted((a, b) => a.token.start - b.token.start)[0];
}

/** INSERT, UPDATE, DELETE and MERGE also occur in WITH, in EXPLAIN, in rules and in the bodies of functions. */
function* changedRows(reader: StatementReader): Generator<HistoryUse> {
  const importing = reader.word(0) === 'IMPORT';
  for (let at = 0; at < reader.length; at += 1) {
    const word = reader.word(at);
    const previous = reader.word(at - 1);
    const isColumn = previous === '.' || previous === ',' || previous === 'SELECT';
    if (word === 'UPDATE' && !isColumn) yield* used(reader, 'changes', at + 1);
    if (word === 'DELETE' && !isColumn && reader.word(at + 1) === 'FROM') yield* used(reader, 'changes', at + 2);
    // IMPORT FOREIGN SCHEMA … INTO names a schema.
    if (word !== 'INTO' || importing) continue;
    if (previous === 'INSERT' || previous === 'MERGE') yield* used(reader, 'changes', at + 1);
    else yield* used(reader, 'takes', reader.past(at + 1, PERSISTENCE, 'TABLE'));
  }
}

const PERSISTENCE = ['GLOBAL', 'LOCAL', 'TEMP', 'TEMPORARY', 'UNLOGGED'] as const;
/** Objects that share the names of tables, or of the types that tables have. */
const NAMED = new Set(['TABLE', 'VIEW', 'SEQUENCE', 'INDEX', 'TYPE', 'DOMAIN']);
/** Objects that belong to a table, which their commands name after ON (for a rule's creation: after TO). */
const OF_TABLE = new Set(['TRIGGER', 'POLICY', 'RULE']);

function* definitions(reader: StatementReader): Generator<HistoryUse> {
  const start = statementStart(reader);
  const verb = reader.word(start);
  if (verb === 'CREATE' && reader.word(start + 1) === 'SCHEMA') {
    // The elements of a schema are commands without a semicolon between them.
    for (let at = reader.find('CREATE', start + 2); at >= 0; at = reader.find('CREATE', at + 1))
      yield* created(reader, at);
  } else if (verb === 'CREATE') yield* created(reader, start);
  else if (verb === 'ALTER') yield* altered(reader, start);
  else if (verb === 'DROP') yield* dropped(reader, start);
  else if (verb === 'TRUNCATE' || verb === 'LOCK') yield* list(reader, reader.past(start + 1, ['TABLE']));
  else if (verb === 'COPY') {
    const name = reader.past(start + 1, ['BINARY']);
    if (reader.word(name) !== '(' && reader.find('FROM', name) >= 0) yield* used(reader, 'changes', name);
  } else if (verb === 'IMPORT') {
    const limit = reader.find('LIMIT', start);
    if (limit >= 0 && reader.word(limit + 1) === 'TO') yield* list(reader, limit + 3, 'takes');
  }
}

/** EXPLAIN takes statements that create tables. */
function statementStart(reader: StatementReader): number {
  if (reader.word(0) !== 'EXPLAIN') return 0;
  if (reader.word(1) === '(') return reader.closing(1) + 1;
  return reader.past(1, ['ANALYZE', 'ANALYSE', 'VERBOSE']);
}

function* created(reader: StatementReader, create: number): Generator<HistoryUse> {
  const at = reader.past(
    create + 1,
    PERSISTENCE,
    ...['OR', 'REPLACE', 'RECURSIVE', 'MATERIALIZED', 'FOREIGN', 'UNIQUE', 'CONSTRAINT'],
  );
  const kind = reader.word(at);
  if (OF_TABLE.has(kind)) {
    const on = reader.find(kind === 'RULE' ? 'TO' : 'ON', at + 2);
    if (on >= 0) yield* used(reader, 'changes', on + 1);
  }
  if (!NAMED.has(kind)) return;
  if (kind === 'INDEX') {
    const name = reader.past(at + 1, ['CONCURRENTLY', 'IF', 'NOT', 'EXISTS']);
    const on = reader.find('ON', name);
    if (on > name) yield* used(reader, 'takes', name);
    yield* used(reader, 'changes', on + 1);
    return;
  }
  yield* used(reader, kind === 'TABLE' ? 'changes' : 'takes', at + 1);
  if (kind === 'TABLE') yield* constraints(reader, at);
  // The rows of a child are rows of its parent too.
  for (let word = at; word < reader.length; word += 1)
    if (reader.word(word) === 'INHERITS' && reader.word(word + 1) === '(') yield* list(reader, word + 2);
}

function* altered(reader: StatementReader, alter: number): Generator<HistoryUse> {
  const at = reader.past(alter + 1, ['MATERIALIZED', 'FOREIGN']);
  const kind = reader.word(at);
  if (OF_TABLE.has(kind)) {
    const on = reader.find('ON', at + 2);
    if (on >= 0) yield* used(reader, 'changes', on + 1);
  }
  if (kind === 'EXTENSION' && ['ADD', 'DROP'].includes(reader.word(at + 2)))
    yield* used(reader, 'changes', reader.past(at + 3, ['MATERIALIZED', 'FOREIGN', ...NAMED]));
  if (!NAMED.has(kind)) return;
  yield* used(reader, 'changes', at + 1);
  yield* constraints(reader, at);
  const name = reader.afterName(at + 1);
  for (let word = name; word < reader.length; word += 1) {
    const [action, object] = [reader.word(word), reader.word(word + 1)];
    if (action === 'RENAME' && object === 'TO') yield* used(reader, 'takes', word + 2);
    // A unique constraint's index goes by its name.
    if (action === 'RENAME' && object === 'CONSTRAINT') yield* used(reader, 'takes', word + 4);
    if (action === 'INHERIT') yield* used(reader, 'changes', word + 1);
    if ((action === 'ATTACH' || action === 'DETACH') && object === 'PARTITION')
      yield* used(reader, 'changes', word + 2);
  }
}

function* dropped(reader: StatementReader, drop: number): Generator<HistoryUse> {
  const at = reader.past(drop + 1, ['MATERIALIZED', 'FOREIGN']);
  const kind = reader.word(at);
  if (OF_TABLE.has(kind)) {
    const on = reader.find('ON', at + 2);
    if (on >= 0) yield* used(reader, 'changes', on + 1);
  }
  if (NAMED.has(kind)) yield* list(reader, reader.past(at + 1, ['CONCURRENTLY']));
}

/** Constraints that bring an index of their name, and the sequence of an identity column. */
function* constraints(reader: StatementReader, from: number): Generator<HistoryUse> {
  for (let at = from; at < reader.length; at += 1) {
    if (reader.word(at) === 'CONSTRAINT' && ['UNIQUE', 'PRIMARY', 'EXCLUDE'].includes(reader.word(at + 2)))
      yield* used(reader, 'takes', at + 1);
    if (reader.word(at) === 'SEQUENCE' && reader.word(at + 1) === 'NAME') yield* used(reader, 'takes', at + 2);
  }
}

function* used(reader: StatementReader, use: HistoryUse['use'], at: number): Generator<HistoryUse> {
  const token = reader.nameAt(at);
  if (token !== undefined) yield { token, use };
}

function* list(reader: StatementReader, from: number, use: HistoryUse['use'] = 'changes'): Generator<HistoryUse> {
  for (const token of reader.namesFrom(from)) if (token !== undefined) yield { token, use };
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
