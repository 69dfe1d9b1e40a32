import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isMap, isScalar, parseDocument, type YAMLMap } from 'yaml';

// What is made from the values of charts/localrag-migrate, which alone are written by hand: the tables in the
// documentation, and the values and the schema of the library, which knows a part of them.

const CHART = fileURLToPath(new URL('../charts/localrag-migrate', import.meta.url));

/** What an init container in somebody else's pod needs; that pod's own settings are not its business. */
const IN_LIBRARY = [
  'global',
  'enabled',
  'scope',
  'args',
  'image',
  'postgres',
  'neo4j',
  'redis',
  'migrations',
  'timeouts',
  'log',
  'securityContext',
  'resources',
  'extraEnv',
  'extraEnvFrom',
  'extraVolumes',
  'extraVolumeMounts',
];

/** The library makes no Secret and no ConfigMap, so it takes nothing that would have to go into one. */
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

/** Every value in the text of a values.yaml, in its order; of a map that has a comment the whole map. */
export function valuesIn(text: string): readonly Value[] {
  const { contents } = parseDocument(text);
  return isMap(contents) ? rowsOf(withOwnComments(contents), []) : [];
}

function rowsOf(map: YAMLMap, parents: readonly string[]): readonly Value[] {
  return map.items.flatMap(({ key, value }) => {
    const path = [...parents, String(key)];
    const comment = isScalar(key) ? key.commentBefore : undefined;
    if (comment === undefined && isMap(value)) return rowsOf(value, path);
    // The file's own heading stands apart from the comment of its first value.
    const meaning = (comment?.split(/\n\s*\n/).at(-1) ?? '').replace(/\s*\n\s*/g, ' ').trim();
    const fallback = JSON.stringify((value as { toJSON(): unknown } | null)?.toJSON() ?? null);
    return [{ path: path.join('.'), fallback, meaning }];
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
  definitions?: Record<string, Schema>;
  [keyword: string]: unknown;
}

/** The text of the library's values.schema.json. */
export function librarySchema(): string {
  const schema = JSON.parse(readFileSync(`${CHART}/values.schema.json`, 'utf8')) as Schema;
  const properties = schema.properties ?? {};
  schema.title = 'Values of localrag-migrate-lib';
  schema.properties = Object.fromEntries(IN_LIBRARY.map((key) => [key, properties[key] ?? {}]));
  for (const [key = '', inner = ''] of NOT_IN_LIBRARY) delete schema.properties[key]?.properties?.[inner];
  const used = (name: string) => JSON.stringify(schema).includes(`"#/definitions/${name}"`);
  schema.definitions = Object.fromEntries(Object.entries(schema.definitions ?? {}).filter(([name]) => used(name)));
  return `${oneLineArrays(JSON.stringify(schema, null, 2))}\n`;
}

/** As the formatter wants them. */
function oneLineArrays(json: string): string {
  return json.replace(/\[\n\s+([^[\]{}]*?)\n\s+\]/g, (_whole, items: string) => `[${items.replace(/\n\s+/g, ' ')}]`);
}
