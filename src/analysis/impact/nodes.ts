import type { Node, RangeVar, TypeName } from 'libpg-query';
import type { ColumnType } from '../column-type.ts';
import type { RelationName } from './effect.ts';

/** What is in a node, by the name of its kind. */
export type Body<Kind extends string> = Node extends infer Each
  ? Each extends Record<Kind, infer Inside>
    ? Inside
    : never
  : never;

/** The inside of a node that is of this kind. */
export function bodyOf<Kind extends string>(node: Node | undefined, kind: Kind): Body<Kind> | undefined {
  return (node as Partial<Record<string, Body<Kind>>> | undefined)?.[kind];
}

/** The insides of those nodes of a list that are of this kind. */
export function bodiesOf<Kind extends string>(nodes: readonly Node[] | undefined, kind: Kind): readonly Body<Kind>[] {
  return (nodes ?? []).flatMap((node) => {
    const body = bodyOf(node, kind);
    return body === undefined ? [] : [body];
  });
}

/** `public` is where names without a schema are taken to be. */
function named(schema: string | undefined, name: string): RelationName {
  return schema === undefined || schema === 'public' ? { name } : { schema, name };
}

export function relationOf(range: RangeVar | undefined): RelationName {
  return named(range?.schemaname, range?.relname ?? '');
}

export function relationsOf(ranges: readonly Node[] | undefined): readonly RelationName[] {
  return bodiesOf(ranges, 'RangeVar').map(relationOf);
}

/** The words of a name in a list: `a.t` is two of them. */
export function wordsOf(node: Node | undefined): readonly string[] {
  const items = bodyOf(node, 'List')?.items ?? (node === undefined ? [] : [node]);
  return bodiesOf(items, 'String').map(({ sval = '' }) => sval);
}

export function typeOf({ names = [], typmods, arrayBounds }: TypeName): ColumnType {
  return {
    name: wordsOf({ List: { items: names } }).at(-1) ?? '',
    modifiers: bodiesOf(typmods, 'A_Const').map(({ ival }) => ival?.ival ?? 0),
    isArray: arrayBounds !== undefined,
  };
}

/** From words: the last one is the name. */
export function relationNamed(words: readonly string[]): RelationName {
  return named(words.at(-2), words.at(-1) ?? '');
}

/** Every node below, the node itself first. */
export function* within(value: unknown): Generator<Readonly<Record<string, unknown>>> {
  if (Array.isArray(value)) for (const each of value) yield* within(each);
  else if (typeof value === 'object' && value !== null) {
    yield value as Readonly<Record<string, unknown>>;
    for (const each of Object.values(value)) yield* within(each);
  }
}
