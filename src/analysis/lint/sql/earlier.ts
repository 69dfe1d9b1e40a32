import type { Node, RangeVar } from 'libpg-query';
import { addedConstraints, alterations, nameOf, tableName } from './ast.ts';
import { EmptiedTables } from './emptied.ts';

/** What the statements of a file have done before its next one, as far as rules ask for it. No tree is kept. */
export class EarlierStatements {
  readonly emptied = new EmptiedTables();
  /** Values that ALTER TYPE added to types that the file did not make. */
  readonly enumValues = new Set<string>();
  /** The existing tables that ALTER TABLE has locked against reads, in the order of their locks. */
  readonly locked = new Set<string>();
  /** Names of constraints that were added NOT VALID. */
  readonly notValid = new Set<string>();
  readonly #madeEnums = new Set<string>();

  /** Takes up what a statement does; `isOld` as of before it. */
  apply(node: Node, isOld: (table: RangeVar) => boolean): void {
    this.emptied.apply(node);
    for (const table of lockedTables(node, isOld)) this.locked.add(tableName(table));
    for (const { constraint } of addedConstraints(node))
      if (constraint.skip_validation && constraint.conname !== undefined) this.notValid.add(constraint.conname);
    if ('CreateEnumStmt' in node) this.#madeEnums.add(nameOf(node.CreateEnumStmt.typeName));
    if (!('AlterEnumStmt' in node)) return;
    const { typeName, newVal, oldVal } = node.AlterEnumStmt;
    if (newVal !== undefined && oldVal === undefined && !this.#madeEnums.has(nameOf(typeName)))
      this.enumValues.add(newVal);
  }
}

/** The existing tables that an ALTER TABLE locks against reads; validating a constraint does not. */
export function lockedTables(node: Node, isOld: (table: RangeVar) => boolean): readonly RangeVar[] {
  return alterations(node)
    .filter(({ command: { subtype } }) => subtype !== 'AT_ValidateConstraint' && subtype !== 'AT_SetStatistics')
    .map(({ table }) => table)
    .filter((table) => isOld(table));
}
