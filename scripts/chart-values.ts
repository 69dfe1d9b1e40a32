import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isMap, isScalar, parseDocument, type YAMLMap } from 'yaml';

// Generated from the values and the schema of charts/localrag-migrate: the tables in the documentation, the descriptions in the
// schema, and the values and the schema of the library, which has a part of them.

const CHART = fileURLToPath(new URL('../charts/localrag-migrate', import.meta.url));

/** The settings of an init container in an application's pod; the pod's own settings are the application's. */
const IN_LIBRARY = [
  'global',
  'enabled',
  'scope',
  'extraArgs',
  'image',
  'postgres',
  'neo4j',
  'redis',
  'migrations',
  'timeouts',
  'log',
  'openshift',
  'securityContext',
  'resources',
  'extraEnv',
  'extraEnvFrom',
  'extraVolumes',
  'extraVolumeMounts',
];

/** The library renders no Secret and no ConfigMap, so it has no settings whose values go into one. */
const NOT_IN_LIBRARY = [
  ['global', 'imagePullSecrets'],
  ['postgres', 'url'],
  ['postgres', 'password'],
  ['neo4j', 'password'],
  ['redis', 'url'],
  ['redis', 'password'],
  ['migrations', 'inline'],
];

/** One value: its path with dots, its default as JSON, and what its comment says. */
export interface Value {
  readonly path: string;
  readonly fallback: string;
  readonly meaning: string;
}

/** Every value in the text of a values.yaml, in its order. A map with a comment is one value; one with a heading (`##`) is not. */
export function valuesIn(text: string): readonly Value[] {
  return entriesIn(text).filter(({ isSection }) => !isSection);
}

interface Entry extends Value {
  readonly isSection: boolean;
}

/** As `valuesIn`, with the sections: maps whose heading is their meaning. */
function entriesIn(text: string): readonly Entry[] {
  const { contents } = parseDocument(text);
  return isMap(contents) ? entriesOf(withOwnComments(contents), []) : [];
}

function entriesOf(map: YAMLMap, parents: readonly string[]): readonly Entry[] {
  return map.items.flatMap(({ key, value }) => {
    const path = [...parents, String(key)];
    // The file's own heading is a paragraph before the comment of its first value.
    const comment = (isScalar(key) && key.commentBefore?.split(/\n\s*\n/).at(-1)) || '';
    const isSection = isMap(value) && (comment === '' || comment.startsWith('#'));
    const meaning = comment
      .replace(/^#/, '')
      .replace(/\s*\n\s*/g, ' ')
      .trim();
    const fallback = JSON.stringify((value as { toJSON(): unknown } | null)?.toJSON() ?? null);
    const entry = { path: path.join('.'), fallback, meaning, isSection };
    return isSection ? [entry, ...entriesOf(value, path)] : [entry];
  });
}

/** The parser gives the comment in front of a map's first key to the map. */
function withOwnComments(map: YAMLMap): YAMLMap {
  const first = map.items[0]?.key;
  if (isScalar(first) && map.commentBefore) {
    first.commentBefore ??= map.commentBefore;
    map.commentBefore = null;
  }
  for (const { value } of map.items) if (isMap(value)) withOwnComments(value);
  return map;
}

/** The text of the chart's values.yaml. */
export function chartValues(): string {
  return readFileSync(`${CHART}/values.yaml`, 'utf8');
}

/** The text of the library's values.yaml. */
export function libraryValues(): string {
  const document = parseDocument(chartValues());
  const contents = document.contents as YAMLMap;
  withOwnComments(contents);
  contents.items = contents.items.filter(({ key }) => IN_LIBRARY.includes(String(key)));
  for (const path of NOT_IN_LIBRARY) document.deleteIn(path);
  const text = document.toString({ lineWidth: 0, flowCollectionPadding: false, singleQuote: true });
  return `# Made by \`npm run docs\` from the values of the chart localrag-migrate.\n\n${text.trimStart()}`;
}

interface Schema {
  properties?: Record<string, Schema>;
  items?: Schema;
  definitions?: Record<string, Schema>;
  [keyword: string]: unknown;
}

/** The text of the chart's values.schema.json: its rules are written by hand, its descriptions are the comments in values.yaml. */
export function chartSchema(): string {
  return textOf(describedSchema());
}

function describedSchema(): Schema {
  const schema = JSON.parse(readFileSync(`${CHART}/values.schema.json`, 'utf8')) as Schema;
  const meanings = new Map(entriesIn(chartValues()).map(({ path, meaning }) => [path, meaning]));
  describe(schema, '', meanings);
  return schema;
}

/** A key that values.yaml does not have is a field of Kubernetes, inside of a value that has a comment. */
function describe(schema: Schema, path: string, meanings: ReadonlyMap<string, string>): void {
  for (const [key, inner] of Object.entries(schema.properties ?? {})) {
    const own = path === '' ? key : `${path}.${key}`;
    const { description: _old, ...rules } = inner;
    const described = { description: meanings.get(own) ?? rules.$comment ?? `Kubernetes' own, in ${path}.`, ...rules };
    if (schema.properties) schema.properties[key] = described;
    describe(described, own, meanings);
  }
  if (schema.items) describe(schema.items, path, meanings);
}

/** The text of the library's values.schema.json. */
export function librarySchema(): string {
  const schema = describedSchema();
  const properties = schema.properties ?? {};
  schema.title = 'Values of localrag-migrate-lib';
  schema.properties = Object.fromEntries(IN_LIBRARY.map((key) => [key, properties[key] ?? {}]));
  for (const [key = '', inner = ''] of NOT_IN_LIBRARY) delete schema.properties[key]?.properties?.[inner];
  const used = (name: string) => JSON.stringify(schema).includes(`"#/definitions/${name}"`);
  schema.definitions = Object.fromEntries(Object.entries(schema.definitions ?? {}).filter(([name]) => used(name)));
  return textOf(schema);
}

/** In the formatter's layout. */
function textOf(schema: Schema): string {
  return `${JSON.stringify(schema, null, 2)}\n`.replace(
    /\[\n\s+([^[\]{}]*?)\n\s+\]/g,
    (_whole, items: string) => `[${items.replace(/\n\s+/g, ' ')}]`,
  );
}
