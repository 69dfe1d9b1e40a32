import { cypherName, keyword } from './cypher.ts';
import type { Token } from './lexer.ts';

/** One of the patterns between the commas of a MATCH, MERGE or CREATE: nodes that are connected with each other. */
export interface PathPattern {
  /** Whether it has a node with a label or a relationship with a type that the history does not use. */
  readonly isKnown: boolean;
  /** Of nodes and relationships. */
  readonly variables: readonly string[];
  /** Of the path, and of groups that repeat. */
  readonly lists: readonly string[];
  /** The variable of a pattern that is one node without any condition. */
  readonly alone?: string;
}

/** What the program's own nodes and relationships are called: a pattern that names them reaches them. */
const OWN = /^_Migration|^_MIGRATION_OF$|\\/;

const SEARCHES = new Set(['SHORTESTPATH', 'ALLSHORTESTPATHS']);

interface Path {
  isKnown: boolean;
  readonly variables: string[];
  readonly lists: string[];
  nodes: number;
  conditions: number;
}

/** Empty where the tokens are no pattern. What is not understood counts as a condition of a pattern that is not known. */
export function patternsOf(tokens: readonly Token[]): readonly PathPattern[] {
  return pathsOf(tokens)
    .filter(({ nodes }) => nodes > 0)
    .map(({ isKnown, variables, lists, nodes, conditions }) => {
      const [variable] = variables;
      const alone = nodes === 1 && conditions === 0 && variables.length === 1 && variable !== undefined;
      return { isKnown, variables, lists, ...(alone && { alone: variable }) };
    });
}

function pathsOf(tokens: readonly Token[]): readonly Path[] {
  const paths: Path[] = [emptyPath()];
  for (let at = 0; at < tokens.length; at++) {
    const path = paths.at(-1) as Path;
    const { kind, text } = tokens[at] as Token;
    const end = kind === 'symbol' && '([{'.includes(text) ? closing(tokens, at) : at;
    const inside = tokens.slice(at + 1, end);
    if (kind === 'symbol' && text === ',') paths.push(emptyPath());
    else if (kind === 'symbol' && text === '(' && isGroup(tokens, at)) takeGroup(path, inside, tokens[at - 1]);
    else if (kind === 'symbol' && text === '(') takeNode(path, inside);
    else if (kind === 'symbol' && text === '[') takeRelationship(path, inside, tokens, end);
    else if (tokens[at + 1]?.text === '=') path.lists.push(cypherName(tokens[at]) ?? '');
    else path.conditions += 1;
    at = end;
  }
  return paths;
}

function emptyPath(): Path {
  return { isKnown: false, variables: [], lists: [], nodes: 0, conditions: 0 };
}

/** ((a)-->(b))+, (p = (a)-->(b)) and shortestPath((a)-->(b)) */
function isGroup(tokens: readonly Token[], at: number): boolean {
  return (
    SEARCHES.has(keyword(tokens[at - 1])) ||
    tokens[at + 1]?.text === '(' ||
    (tokens[at + 2]?.text === '=' && tokens[at + 3]?.text === '(')
  );
}

/** A group may repeat zero times: what is in it then says nothing about the nodes around it. */
function takeGroup(path: Path, inside: readonly Token[], before: Token | undefined): void {
  const searched = SEARCHES.has(keyword(before));
  for (const inner of pathsOf(inside)) {
    if (searched) path.isKnown ||= inner.isKnown;
    (searched ? path.variables : path.lists).push(...inner.variables, ...inner.lists);
    path.nodes += inner.nodes;
  }
  path.conditions += 1;
}

function takeNode(path: Path, inside: readonly Token[]): void {
  const { variable, names, rest } = headOf(inside);
  path.nodes += 1;
  path.isKnown ||= isPositive(names);
  if (variable !== undefined) path.variables.push(variable);
  if (names.length + rest > 0) path.conditions += 1;
}

/** One that repeats may be there zero times. */
function takeRelationship(path: Path, inside: readonly Token[], tokens: readonly Token[], end: number): void {
  const { variable, names } = headOf(inside);
  const after = tokens[end + 2]?.text === '>' ? tokens[end + 3] : tokens[end + 2];
  const repeats = inside.some(({ text }) => text === '*') || '*+{'.includes(after?.text ?? ' ');
  path.isKnown ||= !repeats && isPositive(names);
  path.conditions += 1;
  if (variable !== undefined) (repeats ? path.lists : path.variables).push(variable);
}

/** `name:A&B {…}`, `name IS A WHERE …` and what of it may be left out. */
function headOf(tokens: readonly Token[]) {
  const first = keyword(tokens[0]);
  const unnamed =
    (first === 'IS' && tokens[1]?.text !== ':') || (first === 'WHERE' && tokens.length > 1 && tokens[1]?.text !== ':');
  const variable = unnamed ? undefined : cypherName(tokens[0]);
  const from = variable === undefined ? 0 : 1;
  const isLabelled = tokens[from]?.text === ':' || keyword(tokens[from]) === 'IS';
  const found = tokens.findIndex(
    (token, at) =>
      at >= from &&
      (['{', '$', '*'].includes(token.text) || (keyword(token) === 'WHERE' && tokens[at - 1]?.text !== ':')),
  );
  const end = found < 0 ? tokens.length : found;
  const names = isLabelled ? tokens.slice(from + 1, end) : [];
  return { variable, names, rest: tokens.length - from - names.length };
}

/** Whether only nodes match that have one of these labels: `A`, `A|B`, `A:B`, `(A&B)|C`; not `!A`, `%` or `$(…)`. */
function isPositive(names: readonly Token[]): boolean {
  return (
    names.length > 0 &&
    names.every((token) => {
      const name = cypherName(token);
      return name === undefined ? token.kind === 'symbol' && ':|&()'.includes(token.text) : !OWN.test(name);
    })
  );
}

/** The place of the bracket that closes the one at a place. */
export function closing(tokens: readonly Token[], opening: number): number {
  let depth = 0;
  for (let at = opening; at < tokens.length; at++) {
    const { kind, text } = tokens[at] as Token;
    if (kind !== 'symbol') continue;
    if ('([{'.includes(text)) depth += 1;
    if (')]}'.includes(text)) depth -= 1;
    if (depth === 0) return at;
  }
  return tokens.length;
}
