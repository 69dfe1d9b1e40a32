import { CypherLexer } from './cypher-lexer.ts';
import type { Script, Token } from './lexer.ts';
import type { Span } from './migration.ts';

/** schema: CREATE and DROP of indexes and constraints; auto: opens transactions of its own (CALL … IN TRANSACTIONS). */
export type CypherKind = 'schema' | 'data' | 'auto';

/** Splits a script at its semicolons. A line that begins with a colon where a statement may begin is a command of cypher-shell. */
export function readCypher(text: string): Script {
  const lexer = new CypherLexer(text);
  const statements: Span[] = [];
  const clientCommands: Span[] = [];
  let start = -1;
  let end = 0;
  while (lexer.next()) {
    if (start < 0 && lexer.isSymbol(':')) {
      const line = text.indexOf('\n', lexer.start);
      lexer.end = line < 0 ? text.length : line;
      clientCommands.push({ start: lexer.start, end: lexer.end });
    } else if (lexer.isSymbol(';') && !lexer.isInterpolating) {
      if (start >= 0) statements.push({ start, end });
      start = -1;
    } else {
      if (start < 0) start = lexer.start;
      end = lexer.end;
    }
  }
  if (start >= 0 && lexer.unterminated === undefined) statements.push({ start, end });
  const { markers, invisible, unterminated } = lexer;
  return { statements, clientCommands, markers, foreignMarks: [], invisible, unterminated };
}

export function* cypherTokens(text: string, span: Span): Generator<Token> {
  const lexer = new CypherLexer(text, span);
  while (lexer.next()) yield lexer.token();
}

/** A keyword's or an identifier's spelling in upper case; symbols as they are; '' for everything in quotes. */
export function keyword(token: Token | undefined): string {
  if (token === undefined || token.kind === 'string' || token.kind === 'name') return '';
  return token.text.toUpperCase();
}

/** The value of a name, without its backticks. */
export function cypherName(token: Token | undefined): string | undefined {
  if (token?.kind === 'word') return token.text;
  if (token?.kind === 'name') return token.text.slice(1, -1).replaceAll('``', '`');
  return undefined;
}

/** A statement's tokens without the prefix `CYPHER 25 runtime=slotted`, and without EXPLAIN or PROFILE. */
export interface Unprefixed {
  readonly tokens: readonly Token[];
  readonly explained: boolean;
}

/** `most`: how many tokens are wanted; a few are enough to tell what a statement is. */
export function unprefixed(text: string, statement: Span, most = Number.POSITIVE_INFINITY): Unprefixed {
  const lexer = new CypherLexer(text, statement);
  const tokens: Token[] = [];
  let explained = false;
  let inPrefix = true;
  while (tokens.length < most && lexer.next()) {
    tokens.push(lexer.token());
    while (inPrefix && tokens.length > 2) {
      const length = prefixLength(tokens);
      if (length === 0) inPrefix = false;
      else if (tokens.splice(0, length).some((token) => EXPLAINING.has(keyword(token)))) explained = true;
    }
  }
  return { tokens, explained };
}

const EXPLAINING = new Set(['EXPLAIN', 'PROFILE']);

/** How many of the first three tokens are a piece of the prefix: a word, a version or an option. */
function prefixLength([first, second]: readonly Token[]): number {
  if (['CYPHER', 'EXPLAIN', 'PROFILE'].includes(keyword(first))) return 1;
  if (first?.kind === 'number') return 1;
  return second?.text === '=' ? 3 : 0;
}

/** As many tokens as it takes to tell what a statement is. */
const HEAD = 6;
const SCHEMA_TYPES = new Set(['RANGE', 'TEXT', 'POINT', 'FULLTEXT', 'VECTOR', 'LOOKUP', 'BTREE']);

export function cypherHead(text: string, statement: Span): Unprefixed {
  return unprefixed(text, statement, HEAD);
}

export function cypherKind(text: string, statement: Span, head = cypherHead(text, statement)): CypherKind {
  const { tokens, explained } = head;
  if (explained) return 'data';
  if (isSchema(tokens)) return 'schema';
  // Reading a statement's every token takes time that most need not spend.
  const mentions = /\bTRANSACTIONS\b/i.test(text.slice(statement.start, statement.end));
  return mentions && opensTransactions(text, statement) ? 'auto' : 'data';
}

function isSchema(tokens: readonly Token[]): boolean {
  const [verb, ...rest] = tokens.map(keyword);
  if (verb !== 'CREATE' && verb !== 'DROP') return false;
  if (verb === 'CREATE' && rest[0] === 'OR' && rest[1] === 'REPLACE') rest.splice(0, 2);
  if (verb === 'CREATE' && SCHEMA_TYPES.has(rest[0] ?? '') && rest[1] === 'INDEX') return true;
  // CREATE index = (a)-[…]->(b) is a path with a name, and data.
  return (rest[0] === 'INDEX' || rest[0] === 'CONSTRAINT') && rest[1] !== '=';
}

/** Whether IN follows the braces of a CALL { … } or CALL (…) { … }: nothing but IN … TRANSACTIONS can stand there. */
function opensTransactions(text: string, statement: Span): boolean {
  const opened: boolean[] = [];
  let previous = '';
  let closedCall = false;
  for (const token of cypherTokens(text, statement)) {
    const word = keyword(token);
    if (word === 'IN' && previous === '}' && closedCall) return true;
    if (word === '(') opened.push(previous === 'CALL');
    else if (word === '{') opened.push(previous === 'CALL' || (previous === ')' && closedCall));
    else if (word === ')' || word === '}') closedCall = opened.pop() ?? false;
    previous = word;
  }
  return false;
}
