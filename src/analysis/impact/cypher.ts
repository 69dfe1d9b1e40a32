import { cypherKind, cypherName, cypherTokens, keyword } from '../../core/cypher.ts';
import { parseSchema } from '../../core/cypher-schema.ts';
import type { Token } from '../../core/lexer.ts';
import type { Span } from '../../core/migration.ts';

/** A label or a relationship type. */
export interface GraphName {
  readonly kind: 'label' | 'relationship';
  readonly name: string;
}

/** What a Cypher statement does, as far as its text tells. */
export interface GraphImpact {
  /** `CREATE INDEX`, `MATCH … SET`, …: its clauses. */
  readonly what: string;
  /** schema: locks its labels for a moment, or longer; writes: nodes and relationships until the commit; reads: nothing. */
  readonly does: 'schema' | 'writes' | 'reads';
  /** Those that it names. */
  readonly names: readonly GraphName[];
  /** Of a schema statement. */
  readonly object?: {
    readonly action: 'create' | 'drop';
    readonly kind: 'index' | 'constraint';
    readonly name: string;
  };
  /** It calls a procedure, which may lock more than is said here. */
  readonly opaque: boolean;
  readonly notes: readonly string[];
}

const BUILDS = 'the index is built in the background after the commit; readers and writers go on meanwhile';
const CHECKS =
  'waits for the transactions that have written the label; its index is built and every node checked before it commits';

export function impactOfCypher(text: string, span: Span): GraphImpact {
  const statement = text.slice(span.start, span.end);
  const kind = cypherKind(text, span);
  const names = namesIn([...cypherTokens(text, span)]);
  if (kind === 'schema') {
    const change = parseSchema(statement);
    const isConstraint = change?.kind === 'constraint' || /\bCONSTRAINT\b/i.test(statement);
    const action = change?.action ?? (/^\s*DROP/i.test(statement) ? 'drop' : 'create');
    return {
      what: `${action.toUpperCase()} ${isConstraint ? 'CONSTRAINT' : 'INDEX'}`,
      does: 'schema',
      names,
      ...(change && { object: { action: change.action, kind: change.kind, name: change.name } }),
      opaque: false,
      notes: action === 'drop' ? [] : [isConstraint ? CHECKS : BUILDS],
    };
  }
  const clauses = clausesOf([...cypherTokens(text, span)]);
  const calls = clauses.includes('CALL') && !/\bCALL\s*[({]/i.test(statement);
  const writes = clauses.some((clause) => WRITING.has(clause));
  return {
    what: clauses.filter((clause, index) => clause !== clauses[index - 1]).join(' … '),
    does: writes ? 'writes' : 'reads',
    names,
    opaque: calls,
    notes: [
      ...(kind === 'auto' ? ['commits batch by batch: what is done stays'] : []),
      ...(calls ? ['what a procedure does is not looked into'] : []),
    ],
  };
}

const WRITING = new Set(['CREATE', 'MERGE', 'SET', 'REMOVE', 'DELETE', 'FOREACH']);
const CLAUSES = new Set([...WRITING, 'MATCH', 'UNWIND', 'CALL', 'LOAD']);

/** ON CREATE SET is a SET; words in patterns and maps are names. */
function clausesOf(tokens: readonly Token[]): readonly string[] {
  const found: string[] = [];
  let before = '';
  for (const token of tokens) {
    const word = keyword(token);
    if (CLAUSES.has(word) && !['ON', '.', ':', '|', '('].includes(before)) found.push(word);
    before = word;
  }
  return found;
}

/** Labels stand behind a colon in ( ), or behind one outside of brackets (SET n:Label); types in [ ]; in { } they are keys. */
function namesIn(tokens: readonly Token[]): readonly GraphName[] {
  const opened: string[] = [];
  const found = new Map<string, GraphName>();
  let before = '';
  let follows = false;
  let wasName = false;
  for (const token of tokens) {
    const word = keyword(token);
    const name = cypherName(token);
    const isName: boolean = follows && name !== undefined;
    if (follows && name !== undefined) {
      const kind = opened.at(-1) === '[' ? 'relationship' : 'label';
      found.set(`${kind}:${name}`, { kind, name });
      follows = false;
    } else if ('([{'.includes(word) && word !== '') {
      // A subquery's braces hold clauses, a map's hold keys.
      const isMap = word === '{' && !['CALL', ')', 'EXISTS', 'COUNT', 'COLLECT'].includes(before);
      opened.push(word === '{' && !isMap ? '' : word);
    } else if (')]}'.includes(word) && word !== '') {
      opened.pop();
      follows = false;
    } else if (word === ':') follows = opened.at(-1) !== '{';
    else if (word === '|' || word === '&') follows = wasName;
    else follows = false;
    wasName = isName;
    before = word;
  }
  return [...found.values()];
}
