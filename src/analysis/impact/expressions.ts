import type { Node, RangeVar } from 'libpg-query';
import { mayBeVolatile } from '../volatility.ts';
import { type Effect, nameText } from './effect.ts';
import type { LockMode } from './locks.ts';
import { bodyOf, relationOf, within, wordsOf } from './nodes.ts';

/** The name of a function in an expression that may give each row another value; undefined where there is none. */
export function volatileCall(expression: Node | undefined): string | undefined {
  for (const node of within(expression)) {
    const call = bodyOf(node as unknown as Node, 'FuncCall');
    if (call === undefined) continue;
    const words = wordsOf({ List: { items: call.funcname ?? [] } });
    if (mayBeVolatile(words)) return words.at(-1);
  }
  return undefined;
}

/** Whether an expression calls a function whose body nobody has looked into. */
export function callsFunctions(value: unknown): boolean {
  for (const node of within(value)) if ('FuncCall' in node) return true;
  return false;
}

/** The tables that a query reads, or locks rows of (FOR UPDATE); not the names that WITH has given to queries. */
export function reads(value: unknown, except: readonly RangeVar[] = []): readonly Effect[] {
  const named = new Set<string>();
  const found = new Map<string, Effect>();
  let lock: LockMode = 'ACCESS SHARE';
  const ranges: RangeVar[] = [];
  for (const node of within(value)) {
    const { CommonTableExpr: common, RangeVar: range } = node as Inside;
    if (common?.ctename !== undefined) named.add(common.ctename);
    if (range !== undefined && !except.includes(range)) ranges.push(range);
    if ('lockingClause' in node) lock = 'ROW SHARE';
  }
  for (const range of ranges) {
    if (range.schemaname === undefined && named.has(range.relname ?? '')) continue;
    const relation = relationOf(range);
    found.set(nameText(relation), { relation, lock, work: 'none' });
  }
  return [...found.values()];
}

interface Inside {
  readonly CommonTableExpr?: { readonly ctename?: string };
  readonly RangeVar?: RangeVar;
}

/** The tables that statements in WITH write to; also the statement's own. */
export function writesIn(value: unknown): readonly RangeVar[] {
  const targets: RangeVar[] = [];
  for (const node of within(value))
    for (const kind of ['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt']) {
      const { relation } = (node[kind] ?? {}) as { readonly relation?: RangeVar };
      if (relation !== undefined) targets.push(relation);
    }
  return targets;
}
