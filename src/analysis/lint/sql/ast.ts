import type { AlterTableCmd, ColumnDef, Constraint, Node, RangeVar, TypeName } from 'libpg-query';

/** The texts of a list of names, as PostgreSQL's parser gives them. */
export function strings(nodes: readonly Node[] = []): readonly string[] {
  return nodes.flatMap((node) => ('String' in node ? [node.String.sval ?? ''] : []));
}

/** A table's name; the schema stands before it unless it is public or left out, which are taken for the same. */
export function tableName({ schemaname, relname = '' }: RangeVar): string {
  return schemaname === undefined || schemaname === 'public' ? relname : `${schemaname}.${relname}`;
}

/** The same of a name that comes as a list of its parts. */
export function nameOf(parts: readonly Node[] | undefined): string {
  const names = strings(parts);
  return (names[0] === 'public' ? names.slice(1) : names).join('.');
}

/** What a DROP names, one text each. */
export function droppedNames(objects: readonly Node[] = []): readonly string[] {
  return objects.flatMap((node) =>
    'List' in node ? [nameOf(node.List.items)] : 'TypeName' in node ? [nameOf(node.TypeName.names)] : [],
  );
}

/** What ALTER TABLE does, one by one, each with its number. */
export function alterations(
  node: Node,
): readonly { readonly table: RangeVar; readonly command: AlterTableCmd; readonly index: number }[] {
  if (!('AlterTableStmt' in node) || node.AlterTableStmt.objtype !== 'OBJECT_TABLE') return [];
  const { relation, cmds = [] } = node.AlterTableStmt;
  if (relation === undefined) return [];
  return cmds.flatMap((command, index) =>
    'AlterTableCmd' in command ? [{ table: relation, command: command.AlterTableCmd, index }] : [],
  );
}

/** Every node of a tree, from the root on: what it is, and its fields. */
export function* walk(tree: unknown): Generator<readonly [kind: string, fields: Record<string, unknown>]> {
  if (Array.isArray(tree)) {
    for (const each of tree) yield* walk(each);
  } else if (typeof tree === 'object' && tree !== null) {
    for (const [key, value] of Object.entries(tree)) {
      if (/^[A-Z]/.test(key) && typeof value === 'object' && value !== null)
        yield [key, value as Record<string, unknown>];
      yield* walk(value);
    }
  }
}

/** A column's type where a statement says it. */
export interface TypedColumn {
  readonly table: RangeVar;
  readonly name: string;
  readonly type: TypeName;
}

/** The columns that CREATE TABLE and ALTER TABLE give a type. */
export function typedColumns(node: Node): readonly TypedColumn[] {
  const created = 'CreateStmt' in node ? node.CreateStmt : undefined;
  const definitions = [
    ...(created?.tableElts ?? []).map((element) => ({ table: created?.relation, name: undefined, element })),
    ...alterations(node).map(({ table, command: { def, name } }) => ({ table, name, element: def })),
  ];
  return definitions.flatMap(({ table, name, element }) => {
    if (table === undefined || element === undefined || !('ColumnDef' in element)) return [];
    const { colname = name ?? '', typeName } = element.ColumnDef;
    return typeName === undefined ? [] : [{ table, name: colname, type: typeName }];
  });
}

/** A column that ALTER TABLE adds to a table that stands. */
export function addedColumns(node: Node): readonly {
  readonly table: RangeVar;
  readonly name: string;
  readonly column: ColumnDef;
  readonly constraints: readonly Constraint[];
}[] {
  return alterations(node).flatMap(({ table, command: { subtype, def } }) => {
    if (subtype !== 'AT_AddColumn' || def === undefined || !('ColumnDef' in def)) return [];
    const { colname = '', constraints = [] } = def.ColumnDef;
    const own = constraints.flatMap((each) => ('Constraint' in each ? [each.Constraint] : []));
    return [{ table, name: colname, column: def.ColumnDef, constraints: own }];
  });
}

/** A constraint that ALTER TABLE adds to a table that stands: in an action of its own, or with a column. */
export function addedConstraints(
  node: Node,
): readonly { readonly table: RangeVar; readonly constraint: Constraint; readonly withColumn: boolean }[] {
  return [
    ...alterations(node).flatMap(({ table, command: { subtype, def } }) =>
      subtype === 'AT_AddConstraint' && def !== undefined && 'Constraint' in def
        ? [{ table, constraint: def.Constraint, withColumn: false }]
        : [],
    ),
    ...addedColumns(node).flatMap(({ table, constraints }) =>
      constraints.map((constraint) => ({ table, constraint, withColumn: true })),
    ),
  ];
}
