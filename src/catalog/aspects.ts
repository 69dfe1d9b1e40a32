import { canonicalDefault } from './default-expression.ts';
import type { CatalogObject } from './model.ts';

/** One way in which an object is another one. */
interface Deviation {
  /** For people: `has the type text instead of uuid`. */
  readonly says: string;
  /** Whatever works with the expected object works with this one. */
  readonly harmless: boolean;
}

/** One thing that is compared: what it is called in a sentence, and its value as text. */
type Aspect = readonly [what: string, value: string | undefined];

/** In which ways an object of the same kind and name is another one; empty where it is not. */
export function deviationsOf(expected: CatalogObject, found: CatalogObject): readonly Deviation[] {
  const theirs = aspects(found);
  return aspects(expected).flatMap(([what, value], index) => {
    const other = theirs[index]?.[1];
    if (comparable(expected, what, value) === comparable(found, what, other)) return [];
    // What the application writes into a stricter column fits the reference, too.
    return [{ says: contrast(what, value, other), harmless: what === 'NOT NULL' && value === undefined }];
  });
}

function aspects(object: CatalogObject): readonly Aspect[] {
  switch (object.kind) {
    case 'extension':
      return [];
    case 'type':
      return [['labels', object.labels.join(', ')]];
    case 'sequence':
      return [
        ['type', object.type],
        ['owner', object.owner && `${object.owner.table}.${object.owner.column}`],
      ];
    case 'table':
      return [['partition key', object.partition]];
    case 'column':
      return [
        ['type', object.type],
        ['NOT NULL', object.required ? 'NOT NULL' : undefined],
        [object.generated === undefined ? 'default' : 'expression', object.default],
        ['identity', object.identity],
        ['generation', object.generated],
      ];
    case 'constraint':
    case 'index':
    case 'trigger':
      return [['definition', object.definition]];
    case 'function':
      return [
        ['arguments', object.arguments],
        ['result', object.result],
        ['body', object.definition],
      ];
    case 'view':
      return [
        ['kind', object.materialized ? 'materialized' : 'plain'],
        ['columns', object.columns.join(', ')],
        ['definition', object.definition],
      ];
    default:
      return [
        ['type', object.type],
        ['target', graphTarget(object)],
        ['properties', object.properties.join(', ')],
        ['options', 'options' in object ? JSON.stringify(object.options) : undefined],
        ['property type', 'propertyType' in object ? object.propertyType : undefined],
      ];
  }
}

function graphTarget({ entity, labels }: { readonly entity: string; readonly labels: readonly string[] }): string {
  const names = [...labels].sort().join('|');
  return entity === 'NODE' ? `(:${names})` : `[:${names}]`;
}

/** A text in quotes stays as it is, whatever else is taken out around it. */
const TEXT = "('(?:[^']|'')*')";
const TEXT_CASTS = new RegExp(`${TEXT}|::(?:text|character varying(?:\\(\\d+\\))?)(?:\\[\\])?`, 'g');
const QUALIFIERS = new RegExp(`${TEXT}|\\b[a-z_][\\w$]*\\.(?=[a-z_"])`, 'g');

/**
 * The server writes one expression in several ways. Made anew from what it wrote (by pg_dump, for example) it casts texts in
 * other places; and before 16 a view's columns have their table's name also where there is one table to choose from.
 * The bodies of functions stay as they were given.
 */
function comparable(object: CatalogObject, what: string, value: string | undefined): string | undefined {
  if (object.kind === 'function') return value;
  const same = object.kind === 'column' && what === 'default' ? canonicalDefault(value, object.type) : value;
  const plain = same?.replace(TEXT_CASTS, '$1');
  return object.kind === 'view' ? plain?.replace(QUALIFIERS, '$1').replace(/\s+/g, ' ').trim() : plain;
}

function contrast(what: string, expected: string | undefined, found: string | undefined): string {
  if (what === 'NOT NULL')
    return expected === undefined ? 'is NOT NULL, which no migration makes it' : 'is not NOT NULL';
  if (expected === undefined) return `has the ${what} ${short(found)} instead of none`;
  if (found === undefined) return `has no ${what} instead of ${short(expected)}`;
  const [wanted, there] = firstDifference(expected, found);
  return `has another ${what}: ${short(there)} instead of ${short(wanted)}`;
}

/** The first lines that differ, of texts of several lines. */
function firstDifference(expected: string, found: string): readonly [string, string] {
  const [wanted, there] = [expected.split('\n'), found.split('\n')];
  if (wanted.length === 1 && there.length === 1) return [expected, found];
  const at = wanted.findIndex((line, index) => line !== there[index]);
  return [wanted[at] ?? '(nothing more)', there[at === -1 ? wanted.length : at] ?? '(nothing more)'];
}

function short(text: string | undefined): string {
  const line = (text ?? '').replace(/\s+/g, ' ').trim();
  return line.length > 80 ? `${line.slice(0, 79)}…` : line || '(nothing)';
}
