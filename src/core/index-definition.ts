import type { Token } from './lexer.ts';
import { identifier, sqlTokens } from './sql.ts';

/** A column of an index: what is indexed, its operator class and its order as far as they are written. */
interface Column {
  /** undefined for an expression, which PostgreSQL writes in its own words. */
  readonly name: string | undefined;
  readonly operators: string | undefined;
  readonly descending: boolean;
}

/** As much of CREATE INDEX as can be compared with what pg_get_indexdef says of an index. */
export interface IndexDefinition {
  readonly name: string;
  readonly table: string;
  readonly unique: boolean;
  readonly method: string;
  readonly columns: readonly Column[];
  readonly included: readonly string[];
  readonly partial: boolean;
}

/** Undefined for every other statement, and where PostgreSQL chooses the name. */
export function indexDefinition(statement: string): IndexDefinition | undefined {
  const tokens = [...sqlTokens(statement, { start: 0, end: statement.length })];
  const words = tokens.map((token) => (token.kind === 'word' ? token.text.toUpperCase() : token.text));
  const unique = words[1] === 'UNIQUE';
  let at = unique ? 2 : 1;
  if (words[0] !== 'CREATE' || words[at] !== 'INDEX') return undefined;
  at += words[at + 1] === 'CONCURRENTLY' ? 2 : 1;
  if (words[at] === 'IF' && words[at + 1] === 'NOT') at += 3;
  const name = identifier(tokens[at]);
  if (name === undefined || words[at + 1] !== 'ON') return undefined;
  at += words[at + 2] === 'ONLY' ? 3 : 2;
  if (words[at + 1] === '.') at += 2;
  const table = identifier(tokens[at]);
  const usesMethod = words[at + 1] === 'USING';
  const method = usesMethod ? identifier(tokens[at + 2]) : 'btree';
  const opening = at + (usesMethod ? 3 : 1);
  const closing = closingOf(words, opening);
  if (table === undefined || method === undefined || closing < 0) return undefined;
  const include = words.indexOf('INCLUDE', closing);
  return {
    name,
    table,
    unique,
    method,
    columns: listed(tokens.slice(opening + 1, closing)).map(columnOf),
    included:
      include < 0
        ? []
        : listed(tokens.slice(include + 2, closingOf(words, include + 1))).map(([first]) => identifier(first) ?? ''),
    partial: words.includes('WHERE', closing),
  };
}

/** Whether two definitions are certainly of different indexes. An operator class that is not written is the default one. */
export function differs(asked: IndexDefinition, found: IndexDefinition): boolean {
  return (
    asked.table !== found.table ||
    asked.unique !== found.unique ||
    asked.method !== found.method ||
    asked.partial !== found.partial ||
    asked.included.join('\0') !== found.included.join('\0') ||
    asked.columns.length !== found.columns.length ||
    asked.columns.some((column, index) => {
      const other = found.columns[index];
      return (
        column.name !== other?.name ||
        column.descending !== other?.descending ||
        (other?.operators !== undefined && column.operators !== other.operators)
      );
    })
  );
}

function closingOf(words: readonly string[], opening: number): number {
  let depth = 0;
  return words.findIndex((word, at) => {
    if (at < opening) return false;
    depth += word === '(' ? 1 : word === ')' ? -1 : 0;
    return depth === 0;
  });
}

/** The parts between commas that stand in no further parentheses. */
function listed(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const parts: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    depth += token.text === '(' ? 1 : token.text === ')' ? -1 : 0;
    if (token.text === ',' && depth === 0) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}

const ORDER = new Set(['ASC', 'DESC', 'NULLS', 'FIRST', 'LAST', 'COLLATE']);

function columnOf([first, ...rest]: readonly Token[]): Column {
  const words = rest.map(({ text }) => text.toUpperCase());
  const isExpression = words[0] === '(' || first?.text === '(';
  if (isExpression) return { name: undefined, operators: undefined, descending: false };
  // A collation may have a schema, and so may the operator class; only its last part says which one it is.
  const own = words.includes('COLLATE')
    ? undefined
    : rest.findLast((_, at) => words[at - 1] !== 'NULLS' && !ORDER.has(words[at] ?? ''));
  return { name: identifier(first), operators: identifier(own), descending: words.includes('DESC') };
}
