import type { Token } from './lexer.ts';
import type { Span } from './migration.ts';
import { identifier, sqlTokens } from './sql.ts';

/** The body of a function, a procedure or a DO block, which stands in a file as a string (or behind BEGIN ATOMIC). */
export interface SqlBody {
  /** The last part of the routine's name; undefined for a DO block. */
  readonly name: string | undefined;
  /** Its parameters as they are written: what tells functions of one name apart. */
  readonly parameters: string;
  /** As the server has it: without the quotes around it and those that are doubled in it. */
  readonly text: string;
  /** The offset in the file of an offset in `text`. */
  offsetOf(at: number): number;
}

/** The body that a statement has; undefined where it has none, or one in E'…' with backslashes. */
export function bodyOf(text: string, statement: Span): SqlBody | undefined {
  if (!/^(?:do|create)\b/i.test(text.slice(statement.start, statement.start + 7))) return undefined;
  const tokens = [...sqlTokens(text, statement)];
  const words = tokens.map(({ kind, text }) => (kind === 'word' ? text.toUpperCase() : text));
  if (words[0] === 'DO') {
    const block = tokens.find(({ kind }, at) => kind === 'string' && words[at - 1] !== 'LANGUAGE');
    return block && fromString({ name: undefined, parameters: '' }, block);
  }
  const routine = words.findIndex((word) => word === 'FUNCTION' || word === 'PROCEDURE');
  if (routine < 1 || routine > 3) return undefined;
  const at = routine + (words[routine + 2] === '.' ? 3 : 1);
  const head = { name: identifier(tokens[at]), parameters: inParentheses(words, at + 1) };
  const as = words.lastIndexOf('AS');
  const body = tokens[as + 1];
  if (as >= 0 && body?.kind === 'string') return fromString(head, body);
  const atomic = tokens[words.indexOf('ATOMIC')];
  if (atomic === undefined) return undefined;
  return { ...head, text: text.slice(atomic.end, statement.end), offsetOf: (at) => atomic.end + at };
}

/** From an opening parenthesis to the one that closes it. */
function inParentheses(words: readonly string[], from: number): string {
  let depth = 0;
  const end = words.findIndex((word, at) => {
    if (at < from) return false;
    depth += word === '(' ? 1 : word === ')' ? -1 : 0;
    return depth === 0;
  });
  return words.slice(from, end + 1).join(' ');
}

function fromString(head: Pick<SqlBody, 'name' | 'parameters'>, token: Token): SqlBody | undefined {
  const opening = /^(?:\$[^$]*\$|[eE]?')/.exec(token.text)?.[0];
  if (opening === undefined) return undefined;
  const first = token.start + opening.length;
  if (opening.startsWith('$'))
    return { ...head, text: token.text.slice(opening.length, -opening.length), offsetOf: (at) => first + at };
  const quoted = token.text.slice(opening.length, -1);
  if (opening.length === 2 && quoted.includes('\\')) return undefined;
  return {
    ...head,
    text: quoted.replaceAll("''", "'"),
    offsetOf: (at) => {
      let offset = 0;
      for (let left = at; left > 0; left -= 1) offset += quoted.startsWith("''", offset) ? 2 : 1;
      return first + offset;
    },
  };
}

/**
 * Where in a body a statement or an expression begins that the server quotes, from an offset on; -1 where it is not there.
 * PL/pgSQL has spaces where INTO stood, and SELECT where PERFORM stood: there the offset is the one from which those of the rest count.
 */
export function findQuoted(body: string, quoted: string, from: number): number {
  const at = find(body, quoted, from);
  if (at >= 0 || !quoted.startsWith('SELECT ')) return at;
  const performed = find(body, quoted.slice('SELECT '.length), from);
  const begin = performed - 'SELECT '.length;
  return /perform $/i.test(body.slice(0, Math.max(0, performed))) ? begin : -1;
}

function find(body: string, quoted: string, from: number): number {
  const [word = ''] = quoted.split(' ', 1);
  for (let at = body.indexOf(word, from); at >= 0; at = body.indexOf(word, at + 1))
    if (at + quoted.length <= body.length && isSame(body, at, quoted)) return at;
  return -1;
}

function isSame(body: string, at: number, quoted: string): boolean {
  for (let index = 0; index < quoted.length; index += 1)
    if (quoted[index] !== ' ' && quoted[index] !== body[at + index]) return false;
  return true;
}

/** The beginning of a line, counted from 1; undefined behind the last one. */
export function lineStart(text: string, line: number): number | undefined {
  let start = 0;
  for (let left = line; left > 1; left -= 1) {
    const end = text.indexOf('\n', start);
    if (end < 0) return undefined;
    start = end + 1;
  }
  return start;
}
