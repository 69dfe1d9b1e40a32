import { cypherName, keyword, unprefixed } from './cypher.ts';
import { aliases, changedBy, isItem, namesOf } from './cypher-items.ts';
import { type PathPattern, patternsOf } from './cypher-patterns.ts';
import type { Token } from './lexer.ts';
import type { Span } from './migration.ts';

/**
 * Whether a statement may meet the nodes of the history, which no file may name. `none`: every node that it can get hold of has
 * a label of its own, or is connected with one that has. `certain`: it deletes or changes every node of the graph.
 */
export type Reach = 'none' | 'possible' | 'certain';

/** What brings in nodes that exist: clauses, procedures, and comprehensions of patterns. Comments may stand in between. */
const SOURCE = /\b(?:MATCH|MERGE|CALL)\b|\[(?:\s|\/\*[\s\S]*?\*\/|\/\/.*)*(?:[\w`]+\s*=\s*)?\(|\\/i;

export function historyReach(text: string, statement: Span): Reach {
  // Most statements of large files are of CREATE alone: reading their every token takes time.
  if (!SOURCE.test(text.slice(statement.start, statement.end))) return 'none';
  return new Walk(unprefixed(text, statement).tokens).reach();
}

/** The variables of a query or a subquery. What is bound there was brought in by a pattern that was looked at already. */
interface Scope {
  bound: Set<string>;
  /** What the items of a WITH or RETURN see, up to the last token of it. */
  projected: { readonly names: ReadonlySet<string>; readonly until: number };
  /** What every part of a UNION begins with. */
  readonly base: ReadonlySet<string>;
  /** Variables that stand for every node of the graph. */
  all: Set<string>;
  /** `call`: gives what it returns to the query around it. */
  readonly kind: 'call' | 'query' | 'foreach';
  /** How many brackets are open around it. */
  readonly depth: number;
  /** Names that the last RETURN gives to the query around it. */
  returned: readonly string[];
}

const PROJECTIONS = new Set(['WITH', 'RETURN']);
const CLAUSES = new Set(
  'MATCH MERGE CREATE INSERT DELETE SET REMOVE WITH RETURN WHERE UNWIND CALL FOREACH LIMIT ORDER SKIP OFFSET LOAD YIELD UNION ON USING FINISH LET FILTER NEXT DETACH NODETACH OPTIONAL'.split(
    ' ',
  ),
);

class Walk {
  readonly #tokens: readonly Token[];
  readonly #words: readonly string[];
  #at = 0;
  #found: Reach = 'none';
  readonly #scopes: Scope[] = [scope(new Set(), new Set(), 0)];
  readonly #brackets: string[] = [];
  /** FOREACH was read, and not yet its bracket. */
  #pending = false;
  /** What CALL (…) imports, until its brace. */
  #imports: [bound: Set<string>, all: Set<string>] | undefined;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
    this.#words = tokens.map(keyword);
  }

  reach(): Reach {
    for (; this.#at < this.#tokens.length; this.#at++) {
      const word = this.#words[this.#at] ?? '';
      // Cypher 5 reads \u004D as a letter of a keyword.
      if (word === '\\') this.#possible();
      if ('([{'.includes(word) && word !== '') this.#open(word);
      else if (')]}'.includes(word) && word !== '') this.#close();
      else if (this.#isClause()) this.#clause(word);
    }
    return this.#found;
  }

  get #scope(): Scope {
    return this.#scopes.at(-1) as Scope;
  }

  #possible(): void {
    if (this.#found === 'none') this.#found = 'possible';
  }

  /** Names of properties and labels, and keys of maps, may be spelled like clauses. */
  #isClause(at = this.#at): boolean {
    const [before, after] = [this.#words[at - 1] ?? '', this.#words[at + 1] ?? ''];
    if (!CLAUSES.has(this.#words[at] ?? '') || ['.', ':', '&', '$'].includes(before)) return false;
    if (before === '|') return this.#scope.kind === 'foreach' && this.#brackets.length === this.#scope.depth;
    return ![':', '.', '='].includes(after);
  }

  /** The tokens from here to the next clause, or to the bracket that closes the query. */
  #body(): readonly Token[] {
    const start = this.#at + 1;
    let depth = 0;
    let end = start;
    for (; end < this.#tokens.length; end++) {
      const word = this.#words[end] ?? '';
      if (word !== '' && '([{'.includes(word)) depth++;
      if (word !== '' && ')]}'.includes(word) && --depth < 0) break;
      if (depth === 0 && this.#isClause(end)) break;
    }
    return this.#tokens.slice(start, end);
  }

  #clause(word: string): void {
    const body = this.#body();
    if (word === 'MATCH' || word === 'MERGE') this.#patterns(word, patternsOf(body), body.length);
    else if (word === 'CREATE' || word === 'INSERT') this.#bindPatterns(patternsOf(body));
    else if (word === 'CALL') this.#call();
    else if (word === 'UNION') this.#scope.bound = new Set(this.#scope.base);
    else if (PROJECTIONS.has(word)) this.#project(word, body);
    else if (word === 'UNWIND' || word === 'YIELD') this.#bind(aliases(body));
    else if (word === 'FOREACH') this.#pending = true;
    else if (word === 'WHERE' || word === 'LIMIT' || word === 'SKIP' || word === 'OFFSET' || word === 'FILTER')
      this.#scope.all = new Set();
    else if (word === 'DELETE' || word === 'SET' || word === 'REMOVE') this.#change(word, body);
  }

  #bind(names: readonly string[]): void {
    for (const name of names) {
      this.#scope.bound.add(name);
      this.#scope.all.delete(name);
    }
  }

  /** Patterns of one clause hold together: what is connected with a node that cannot be ours is not ours. */
  #patterns(word: string, patterns: readonly PathPattern[], length: number): void {
    if (patterns.length === 0 && length > 0) this.#possible();
    // A second MATCH may find nothing.
    if (word === 'MATCH' && this.#words[this.#at - 1] !== 'OPTIONAL') this.#scope.all = new Set();
    const known = new Set(this.#scope.bound);
    let open = [...patterns];
    for (;;) {
      const safe = open.filter(({ isKnown, variables }) => isKnown || variables.some((name) => known.has(name)));
      if (safe.length === 0) break;
      for (const name of safe.flatMap(({ variables }) => variables)) known.add(name);
      open = open.filter((each) => !safe.includes(each));
    }
    if (open.length > 0) this.#possible();
    const every = patterns.length === 1 && word === 'MATCH' ? open[0]?.alone : undefined;
    this.#bindPatterns(patterns);
    if (every !== undefined) this.#scope.all.add(every);
  }

  #bindPatterns(patterns: readonly PathPattern[]): void {
    for (const { variables, lists } of patterns)
      for (const name of [...variables, ...lists]) this.#scope.bound.add(name);
  }

  #change(word: string, body: readonly Token[]): void {
    const changed = word === 'DELETE' ? namesOf(body) : changedBy(body);
    if (changed.some((name) => this.#scope.all.has(name))) this.#found = 'certain';
  }

  /** A procedure may give any node. */
  #call(): void {
    const next = this.#words[this.#at + 1] ?? '';
    if (next !== '{' && next !== '(') this.#possible();
  }

  #project(word: string, body: readonly Token[]): void {
    const scope = this.#scope;
    const items = body[0] && keyword(body[0]) === 'DISTINCT' ? body.slice(1) : body;
    const given = aliases(items, true);
    if (word === 'RETURN') scope.returned = given;
    const everything = items[0]?.text === '*';
    scope.projected = { names: scope.bound, until: this.#at + body.length };
    scope.bound = new Set([...(everything ? scope.bound : []), ...given]);
    // Only the very variable that is passed on is still every node.
    scope.all = new Set([...scope.all].filter((name) => everything || isItem(items, name)));
  }

  #open(bracket: string): void {
    const { bound, all } = this.#scope;
    const [before, beforeThat] = [this.#words[this.#at - 1] ?? '', this.#words[this.#at - 2] ?? ''];
    this.#brackets.push(bracket);
    const depth = this.#brackets.length;
    if (bracket === '(' && this.#pending) {
      this.#pending = false;
      const variable = cypherName(this.#tokens[this.#at + 1]);
      const inner = scope(
        new Set([...bound, ...(variable === undefined ? [] : [variable])]),
        new Set(all),
        depth,
        'foreach',
      );
      this.#scopes.push(inner);
    } else if (bracket === '{') {
      if (before === 'CALL') this.#scopes.push(this.#importing(depth));
      else if (before === ')' && this.#imports !== undefined) this.#scopes.push(scope(...this.#imports, depth, 'call'));
      else if (['EXISTS', 'COUNT', 'COLLECT'].includes(before) && beforeThat !== '.')
        this.#scopes.push(scope(this.#visible(), new Set(), depth));
      // A map, or a block whose variables are not known.
      else this.#scopes.push(scope(new Set(), new Set(), depth));
    } else if (bracket === '[') this.#comprehension();
    if (bracket === '(' && before === 'CALL') this.#imports = this.#importList();
    else if (bracket === '{') this.#imports = undefined;
  }

  /** CALL (a, b) { … } and CALL (*) { … } */
  #importList(): [Set<string>, Set<string>] {
    const { bound, all } = this.#scope;
    const listed: string[] = [];
    for (let at = this.#at + 1; at < this.#tokens.length && this.#words[at] !== ')'; at++) {
      if (this.#words[at] === '*') return [new Set(bound), new Set(all)];
      const name = cypherName(this.#tokens[at]);
      if (name !== undefined) listed.push(name);
    }
    return [new Set(listed), new Set(listed.filter((name) => all.has(name)))];
  }

  /** CALL { WITH a, b … } */
  #importing(depth: number): Scope {
    if (this.#words[this.#at + 1] !== 'WITH') return scope(new Set(), new Set(), depth, 'call');
    return scope(new Set(this.#scope.bound), new Set(this.#scope.all), depth, 'call', new Set());
  }

  #close(): void {
    const inner = this.#scope;
    if (this.#scopes.length > 1 && inner.depth === this.#brackets.length) {
      this.#scopes.pop();
      if (inner.kind === 'call') this.#bind(inner.returned);
    }
    this.#brackets.pop();
  }

  #visible({ bound, projected } = this.#scope): Set<string> {
    return new Set([...bound, ...(this.#at <= projected.until ? projected.names : [])]);
  }

  /** [(a)-->(b) | b] */
  #comprehension(): void {
    const next = this.#words[this.#at + 1] ?? '';
    const named = this.#words[this.#at + 2] === '=' && this.#words[this.#at + 3] === '(';
    if (next !== '(' && !named) return;
    const inside: Token[] = [];
    let depth = 0;
    for (let at = this.#at + 1; at < this.#tokens.length; at++) {
      const word = this.#words[at] ?? '';
      if (word !== '' && '([{'.includes(word)) depth++;
      if (word !== '' && ')]}'.includes(word)) depth--;
      if (depth < 0 || (depth === 0 && (word === '|' || word === 'WHERE'))) break;
      inside.push(this.#tokens[at] as Token);
    }
    const bound = this.#visible();
    const patterns = patternsOf(inside);
    const isKnown = ({ isKnown, variables }: PathPattern) => isKnown || variables.some((name) => bound.has(name));
    if (patterns.length === 0 || !patterns.every(isKnown)) this.#possible();
  }
}

function scope(
  bound: Set<string>,
  all: Set<string>,
  depth: number,
  kind: Scope['kind'] = 'query',
  base: ReadonlySet<string> = new Set(bound),
): Scope {
  return { bound, projected: { names: bound, until: 0 }, base, all, kind, depth, returned: [] };
}
