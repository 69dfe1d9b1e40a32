import type { CatalogObject, Column, Connections, Constraint, GraphConstraint, GraphIndex, Index } from './model.ts';

/** A database's schema as boxes with rows, and lines between them: what the formats have in common. */
export interface Picture {
  readonly boxes: readonly Box[];
  readonly lines: readonly Line[];
}

export interface Box {
  readonly name: string;
  readonly rows: readonly Row[];
}

interface Row {
  readonly name: string;
  readonly type: string;
  readonly keys: readonly ('PK' | 'FK' | 'UK')[];
  /** NOT NULL, and the indexes that the column or property is in. */
  readonly remarks: readonly string[];
}

export interface Line {
  readonly from: string;
  readonly to: string;
  readonly label: string;
  /** How many rows of `from` one of `to` may have, and the other way round. */
  readonly ends: readonly ['many' | 'one', 'many' | 'one' | 'maybe one'];
}

export interface Drawn {
  readonly objects: readonly CatalogObject[];
  readonly connections: Connections;
}

/** Tables with columns, keys, indexes and foreign keys; labels and relationship types with their indexes, and how they connect. */
export function pictureOf({ objects, connections }: Drawn): Picture {
  const pictures = [tables(objects), graph(objects, connections)];
  return { boxes: pictures.flatMap(({ boxes }) => boxes), lines: pictures.flatMap(({ lines }) => lines) };
}

function tables(objects: readonly CatalogObject[]): Picture {
  const ofKind = <Kind extends CatalogObject['kind']>(kind: Kind) =>
    objects.filter((object): object is Extract<CatalogObject, { kind: Kind }> => object.kind === kind);
  const [columns, constraints, indexes] = [ofKind('column'), ofKind('constraint'), ofKind('index')];
  const boxes = ofKind('table').map(({ name }) => ({
    name: unquoted(name),
    rows: columns.filter(({ table }) => table === name).map((column) => columnRow(column, constraints, indexes)),
  }));
  const lines = constraints.flatMap((constraint): readonly Line[] => {
    const { type, table, references, columns: names } = constraint;
    if (type !== 'foreign key' || references === undefined) return [];
    const own = columns.filter((column) => column.table === table && names.includes(column.name));
    const unique = constraints.some(
      (other) =>
        ['primary key', 'unique'].includes(other.type) && other.table === table && `${other.columns}` === `${names}`,
    );
    const must = own.every(({ required }) => required);
    return [
      {
        from: unquoted(table),
        to: unquoted(references),
        label: names.map(unquoted).join(', '),
        ends: [unique ? 'one' : 'many', must ? 'one' : 'maybe one'],
      },
    ];
  });
  return { boxes: boxes.sort(byName), lines: lines.sort(byText) };
}

function columnRow(column: Column, constraints: readonly Constraint[], indexes: readonly Index[]): Row {
  const on = (each: { readonly table: string; readonly columns: readonly string[] }) =>
    each.table === column.table && each.columns.includes(column.name);
  const keyed = (type: Constraint['type']) => constraints.some((each) => each.type === type && on(each));
  return {
    name: unquoted(column.name),
    type: column.type,
    keys: [
      ...(keyed('primary key') ? (['PK'] as const) : []),
      ...(keyed('foreign key') ? (['FK'] as const) : []),
      ...(keyed('unique') ? (['UK'] as const) : []),
    ],
    remarks: [...(column.required ? ['NOT NULL'] : []), ...indexes.filter(on).map(indexRemark).sort()],
  };
}

function indexRemark({ name, definition }: Index): string {
  const method = / USING (\w+) /.exec(definition)?.[1] ?? 'btree';
  return method === 'btree' ? unquoted(name) : `${unquoted(name)} ${method}`;
}

/** As it is called, not as SQL has to write it. */
function unquoted(name: string): string {
  return name.replace(/^"(.*)"$/s, '$1').replaceAll('""', '"');
}

function graph(objects: readonly CatalogObject[], { labels, links }: Connections): Picture {
  const schema = objects.filter(
    (object): object is GraphIndex | GraphConstraint =>
      object.kind === 'graph index' || object.kind === 'graph constraint',
  );
  const names = new Set([
    ...schema.flatMap((object) => object.labels.map((label) => boxName(object.entity, label))),
    ...labels.map((label) => boxName('NODE', label)),
  ]);
  const boxes = [...names].map((name) => ({ name, rows: propertyRows(name, schema) }));
  const lines = links.map(({ from, to, type }) => ({
    from: boxName('NODE', from),
    to: boxName('NODE', to),
    label: type,
    ends: ['many', 'many'] as const,
  }));
  return { boxes: boxes.sort(byName), lines: lines.sort(byText) };
}

function propertyRows(name: string, schema: readonly (GraphIndex | GraphConstraint)[]): readonly Row[] {
  const on = schema.filter(({ entity, labels }) => labels.some((label) => boxName(entity, label) === name));
  const properties = [...new Set(on.flatMap((object) => object.properties))].sort();
  return properties.map((property) => {
    const touching = on.filter((object) => object.properties.includes(property));
    const unique = touching.some(
      (object) => object.kind === 'graph constraint' && ['UNIQUENESS', 'KEY'].includes(object.type),
    );
    const types = touching.map((object) => (object.kind === 'graph index' ? object.type.toLowerCase() : 'range'));
    return {
      name: property,
      type: [...new Set(types)].sort().join('-'),
      keys: unique ? ['UK'] : [],
      remarks: touching.map((object) => object.name).sort(),
    };
  });
}

/** As Cypher writes them, so that a label is not taken for a table. */
function boxName(entity: 'NODE' | 'RELATIONSHIP', label: string): string {
  return entity === 'NODE' ? `(:${label})` : `[:${label}]`;
}

function byName(one: Box, other: Box): number {
  return one.name < other.name ? -1 : 1;
}

function byText(one: Line, other: Line): number {
  return `${one.from} ${one.to} ${one.label}` < `${other.from} ${other.to} ${other.label}` ? -1 : 1;
}
