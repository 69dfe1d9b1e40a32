import { cypherName, cypherTokens, keyword } from './cypher.ts';
import type { Token } from './lexer.ts';
import type { Span } from './migration.ts';

/** Whether a statement can write to nodes that it does not name by label: the history's own are among those. */
export type Reach = 'none' | 'possible' | 'certain';

const CLAUSES = new Set(
  'MATCH OPTIONAL MERGE CREATE INSERT WHERE WITH RETURN SET DELETE DETACH NODETACH REMOVE UNWIND FOREACH CALL UNION ON USING ORDER SKIP OFFSET LIMIT LOAD FINISH YIELD'.split(
    ' ',
  ),
);
const WRITES = new Set(['SET', 'DELETE', 'REMOVE', 'FOREACH', 'MERGE']);

/**
 * By the statement's tokens, and on the safe side: `none` only where every pattern that is matched has a node with a label or a
 * relationship with a type, or a variable of such a pattern. The history's nodes are connected with each other only, by a type that no
 * migration may name, so a path with one other label or type cannot contain them. A procedure may write anything.
 */
export function historyReach(text: string, statement: Span): Reach {
  const tokens = [...cypherTokens(text, statement)];
  const reader = new PatternReader(tokens);
  for (let at = 0; at < tokens.length; at++) {
    const clause = clauseAt(tokens, at);
    if (clause === 'CALL') reader.call(at);
    if (clause === 'MATCH' || clause === 'MERGE') at = reader.pattern(at + 1, false) - 1;
    if (clause === 'CREATE' || clause === 'INSERT') at = reader.pattern(at + 1, true) - 1;
  }
  return reader.reach();
}

/** The clause that a token begins; '' for one in a property, a label or an expression. */
function clauseAt(tokens: readonly Token[], at: number): string {
  const word = keyword(tokens[at]);
  const before = tokens[at - 1]?.text ?? '';
  return CLAUSES.has(word) && !['.', ':', '$', '|', '&'].includes(before) ? word : '';
}

interface Part {
  readonly variable: string | undefined;
  /** Has a label or a type that is not negated. */
  readonly named: boolean;
  readonly bare: boolean;
  readonly end: number;
}

class PatternReader {
  readonly #tokens: readonly Token[];
  /** Variables of paths that name a label or a type. */
  readonly #safe = new Set<string>();
  readonly #loose = new Set<string>();
  /** Variables that stand alone in MATCH (n), without a condition. */
  readonly #everything = new Set<string>();
  #callsProcedure = false;
  #anyLoose = false;
  #createsOnLoose = false;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  reach(): Reach {
    const writes = this.#tokens.some((_, at) => WRITES.has(clauseAt(this.#tokens, at)));
    if (this.#callsProcedure) return 'possible';
    if (!this.#anyLoose || !(writes || this.#createsOnLoose)) return 'none';
    const narrowed = this.#tokens.some((_, at) => ['WHERE', 'LIMIT'].includes(clauseAt(this.#tokens, at)));
    return !narrowed && [...this.#everything].some((variable) => this.#isWritten(variable)) ? 'certain' : 'possible';
  }

  /** A subquery is read with the statement. */
  call(at: number): void {
    const next = this.#tokens[at + 1];
    if (cypherName(next) !== undefined && keyword(next) !== 'IN') this.#callsProcedure = true;
  }

  /** Reads the patterns of a clause; returns the place of the clause behind them. */
  pattern(from: number, creates: boolean): number {
    let at = from;
    let path: Part[] = [];
    for (; at < this.#tokens.length && clauseAt(this.#tokens, at) === ''; ) {
      const symbol = this.#tokens[at]?.text;
      const opens = symbol === '(' && this.#tokens[at + 1]?.text !== '(';
      if (symbol === '}') break;
      if (symbol === ',') {
        this.#finish(path, creates);
        path = [];
        at += 1;
      } else if (opens || symbol === '[') {
        const part = this.#part(at);
        path.push(part);
        at = part.end;
      } else at += 1;
    }
    this.#finish(path, creates);
    return at;
  }

  #part(open: number): Part {
    const closing = this.#tokens[open]?.text === '(' ? ')' : ']';
    let at = open + 1;
    const first = this.#tokens[at];
    const variable = keyword(first) === 'WHERE' || keyword(first) === 'IS' ? undefined : cypherName(first);
    if (variable !== undefined) at += 1;
    const labelled = this.#tokens[at]?.text === ':' || keyword(this.#tokens[at]) === 'IS';
    const bare = this.#tokens[at]?.text === closing;
    let negated = false;
    if (labelled) {
      negated = cypherName(this.#tokens[at + 1]) === undefined;
      for (at += 1; at < this.#tokens.length && !['{', '*', closing].includes(this.#tokens[at]?.text ?? ''); at++) {
        if (keyword(this.#tokens[at]) === 'WHERE') break;
        if (['!', '%', '$'].includes(this.#tokens[at]?.text ?? '')) negated = true;
      }
    }
    let depth = 1;
    for (at = open + 1; at < this.#tokens.length && depth > 0; at++) {
      const symbol = this.#tokens[at]?.kind === 'symbol' ? this.#tokens[at]?.text : '';
      if (symbol === '(' || symbol === '[' || symbol === '{') depth += 1;
      if (symbol === ')' || symbol === ']' || symbol === '}') depth -= 1;
    }
    return { variable, named: labelled && !negated, bare, end: at };
  }

  #finish(path: readonly Part[], creates: boolean): void {
    if (path.length === 0) return;
    const variables = path.flatMap(({ variable }) => variable ?? []);
    if (creates) {
      this.#createsOnLoose ||= path.some(
        ({ variable, named }) => variable !== undefined && !named && !this.#safe.has(variable),
      );
      for (const variable of variables) if (!this.#loose.has(variable)) this.#safe.add(variable);
      return;
    }
    const safe = path.some(({ variable, named }) => named || (variable !== undefined && this.#safe.has(variable)));
    for (const variable of variables) if (!this.#loose.has(variable) && safe) this.#safe.add(variable);
    if (safe) return;
    this.#anyLoose = true;
    for (const variable of variables) this.#loose.add(variable);
    const [only] = path;
    if (path.length === 1 && only?.bare && only.variable !== undefined) this.#everything.add(only.variable);
  }

  /** DELETE n, SET n.p = …, SET n:Label, REMOVE n.p: also as one of several. */
  #isWritten(variable: string): boolean {
    let writing = '';
    return this.#tokens.some((token, at) => {
      const clause = clauseAt(this.#tokens, at);
      if (clause !== '') writing = ['SET', 'DELETE', 'REMOVE'].includes(clause) ? clause : '';
      const begins = [',', ''].includes(this.#tokens[at - 1]?.text ?? '') || clauseAt(this.#tokens, at - 1) !== '';
      return writing !== '' && clause === '' && begins && cypherName(token) === variable;
    });
  }
}
