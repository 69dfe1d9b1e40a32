import type { Node, RangeVar } from 'libpg-query';
import { tableName, walk } from './ast.ts';

/** The tables that a file has emptied as a whole, and not filled again, before its next statement. */
export class EmptiedTables {
  readonly #names = new Set<string>();

  has(table: RangeVar | string): boolean {
    return this.#names.has(typeof table === 'string' ? table : tableName(table));
  }

  /** Takes up what a statement does to rows. */
  apply(node: Node): void {
    // A block or a procedure may insert; what it does is not read.
    if ('DoStmt' in node || 'CallStmt' in node) this.#names.clear();
    if ('TruncateStmt' in node)
      for (const each of node.TruncateStmt.relations ?? []) if ('RangeVar' in each) this.#empty(each.RangeVar);
    for (const table of unfiltered(node, 'DeleteStmt')) this.#empty(table);
    if ('CopyStmt' in node && node.CopyStmt.is_from) this.#fill(node.CopyStmt.relation);
    if (isStored(node)) return;
    for (const [kind, fields] of walk(node))
      if (kind === 'InsertStmt' || kind === 'MergeStmt') this.#fill(fields.relation as RangeVar | undefined);
  }

  /** ONLY leaves the rows of the tables that inherit from it, which columns and constraints concern as well. */
  #empty(table: RangeVar): void {
    if (table.inh) this.#names.add(tableName(table));
  }

  #fill(table: RangeVar | undefined): void {
    if (table !== undefined) this.#names.delete(tableName(table));
  }
}

/** The tables of which a statement, or a WITH of it, deletes or updates every row. */
export function* unfiltered(node: Node, kind: 'DeleteStmt' | 'UpdateStmt'): Generator<RangeVar> {
  if (isStored(node)) return;
  for (const [found, fields] of walk(node)) {
    if (found !== kind || !isAlways(fields.whereClause) || fields.usingClause !== undefined) continue;
    if (fields.fromClause === undefined && fields.relation !== undefined) yield fields.relation as RangeVar;
  }
}

/** What a rule, a function or PREPARE says runs later, and what is explained not at all. */
function isStored(node: Node): boolean {
  if ('ExplainStmt' in node)
    return !node.ExplainStmt.options?.some((each) => 'DefElem' in each && each.DefElem.defname === 'analyze');
  return 'CreateFunctionStmt' in node || 'RuleStmt' in node || 'PrepareStmt' in node;
}

/** No condition, or WHERE true. */
function isAlways(condition: unknown): boolean {
  if (condition === undefined) return true;
  const constant = (condition as { A_Const?: { boolval?: { boolval?: boolean } } }).A_Const;
  return constant?.boolval?.boolval === true;
}
