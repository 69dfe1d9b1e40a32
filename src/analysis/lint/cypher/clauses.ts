import { cypherName, keyword } from '../../../core/cypher.ts';
import { closing } from '../../../core/cypher-patterns.ts';
import type { Token } from '../../../core/lexer.ts';

/** A clause of a data statement: its keyword, and the tokens up to the next one. */
export interface Clause {
  /** MATCH, WHERE, DELETE, …; OPTIONAL and DETACH are left out. */
  readonly word: string;
  readonly start: number;
  readonly tokens: readonly Token[];
}

const WORDS = new Set(
  'MATCH MERGE CREATE DELETE SET REMOVE WITH RETURN WHERE UNWIND CALL FOREACH LIMIT ORDER SKIP LOAD YIELD UNION ON'.split(
    ' ',
  ),
);

/** Clauses of subqueries stand between those of the query. Property names and labels that are spelled like keywords begin none. */
export function clausesOf(tokens: readonly Token[]): readonly Clause[] {
  const starts = tokens.flatMap((token, at) =>
    token.kind === 'word' &&
    WORDS.has(keyword(token)) &&
    !['.', ':', '|', '&'].includes(tokens[at - 1]?.text ?? '') &&
    ![':', '.', '='].includes(tokens[at + 1]?.text ?? '')
      ? [at]
      : [],
  );
  return starts.map((at, index) => ({
    word: keyword(tokens[at]),
    start: tokens[at]?.start ?? 0,
    tokens: tokens.slice(at + 1, starts[index + 1]),
  }));
}

/** (variable:Label {key: …}) */
export interface NodePattern {
  readonly start: number;
  readonly variable: string | undefined;
  readonly labels: readonly string[];
  readonly keys: readonly string[];
  /** Which of the patterns with commas between them it belongs to. */
  readonly part: number;
}

/** The nodes of a pattern: what stands in parentheses that are no function's. */
export function nodesOf({ tokens }: Clause): readonly NodePattern[] {
  const nodes: NodePattern[] = [];
  let part = 0;
  let depth = 0;
  for (let at = 0; at < tokens.length; at += 1) {
    const word = tokens[at]?.text ?? '';
    if (word === ',' && depth === 0) part += 1;
    if ((word === '(' || word === '[' || word === '{') && depth === 0 && (word !== '(' || beginsNode(tokens, at))) {
      const end = closing(tokens, at);
      if (word === '(') nodes.push({ ...node(tokens.slice(at + 1, end)), start: tokens[at]?.start ?? 0, part });
      at = end;
    } else if (word === '(') depth += 1;
    else if (word === ')') depth -= 1;
  }
  return nodes;
}

/** After a name it is a function's call, as in shortestPath((a)-[*]-(b)). */
function beginsNode(tokens: readonly Token[], at: number): boolean {
  const before = tokens[at - 1];
  return before === undefined || before.kind === 'symbol' || /^(SHORTEST|ALL|ANY|PATHS?|OPTIONAL)$/i.test(before.text);
}

function node(tokens: readonly Token[]): Pick<NodePattern, 'variable' | 'labels' | 'keys'> {
  const brace = tokens.findIndex(({ text }) => text === '{');
  const head = brace < 0 ? tokens : tokens.slice(0, brace);
  const where = head.findIndex((token) => keyword(token) === 'WHERE');
  const names = where < 0 ? head : head.slice(0, where);
  const variable = names[0]?.text === ':' ? undefined : cypherName(names[0]);
  const labels = names.slice(variable === undefined ? 0 : 1).flatMap((token) => cypherName(token) ?? []);
  return {
    variable,
    labels,
    keys: [...(brace < 0 ? [] : mapKeys(tokens.slice(brace))), ...(where < 0 ? [] : ['WHERE'])],
  };
}

/** The keys of a map that begins with the first token. */
function mapKeys(tokens: readonly Token[]): readonly string[] {
  const keys: string[] = [];
  let depth = 0;
  for (const [at, token] of tokens.entries()) {
    if (token.kind === 'symbol' && '([{'.includes(token.text)) depth += 1;
    if (token.kind === 'symbol' && ')]}'.includes(token.text)) depth -= 1;
    const name = cypherName(token);
    if (depth === 1 && name !== undefined && tokens[at + 1]?.text === ':') keys.push(name);
  }
  return keys;
}
