import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { valuesIn } from '../../scripts/chart-values.ts';
import { read } from '../docs/documents.ts';

interface Schema {
  readonly $ref?: string;
  readonly $comment?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly definitions?: Readonly<Record<string, Schema>>;
}

/** Every schema inside a schema, with its path. */
function* within(schema: Schema, path: string): Generator<readonly [string, Schema]> {
  yield [path, schema];
  for (const group of ['properties', 'patternProperties', 'definitions'] as const) {
    for (const [name, inner] of Object.entries(schema[group] ?? {})) yield* within(inner, `${path}.${name}`);
  }
  if (schema.items) yield* within(schema.items, `${path}[]`);
  if (typeof schema.additionalProperties === 'object') yield* within(schema.additionalProperties, `${path}.*`);
}

/** The paths of a map in values.yaml or in the schema, down to what is no map with named keys. */
function pathsOf(keys: Readonly<Record<string, unknown>>, innerOf: (value: unknown) => unknown, path = ''): string[] {
  return Object.entries(keys).flatMap(([key, value]) => {
    const inner = innerOf(value) as Readonly<Record<string, unknown>> | undefined;
    return inner && Object.keys(inner).length > 0 ? pathsOf(inner, innerOf, `${path}${key}.`) : [`${path}${key}`];
  });
}

const HELMS_OWN = ['global', 'localrag-migrate-lib'];
/** Their keys are Kubernetes', of which the defaults need not say all. */
const KUBERNETES = ['podSecurityContext', 'securityContext', 'resources', 'affinity', 'dnsConfig'];

describe.each(['localrag-migrate', 'localrag-migrate-lib'])('%s', (chart) => {
  const schema = JSON.parse(read(`charts/${chart}/values.schema.json`)) as Schema;
  const values = read(`charts/${chart}/values.yaml`);

  test('every object is closed, or is one of Kubernetes or Helm, or a map of names', () => {
    const open = [...within(schema, '')].filter(
      ([, { type, additionalProperties }]) => type === 'object' && additionalProperties !== false,
    );
    for (const [path, { $comment, additionalProperties }] of open) {
      if (typeof additionalProperties === 'object') continue;
      expect(additionalProperties, path).toBe(true);
      expect($comment, path).toMatch(/Kubernetes|Helm|library/);
    }
    expect([...within(schema, '')].length - open.length).toBeGreaterThan(100);
  });

  test('the schema knows the values that there are, and no others', () => {
    const known = pathsOf(schema.properties ?? {}, (inner) => (inner as Schema).properties);
    const shallow = (paths: readonly string[]) => [
      ...new Set(paths.map((path) => KUBERNETES.find((name) => path.startsWith(`${name}.`)) ?? path)),
    ];
    const there = pathsOf(parse(values), (value) => (isMap(value) ? value : undefined));
    expect(
      shallow(known)
        .filter((path) => !HELMS_OWN.includes(path))
        .sort(),
    ).toEqual(shallow(there).sort());
  });

  test('every value is explained', () => {
    const unexplained = valuesIn(values).filter(({ meaning }) => !/^\S.*\.$/.test(meaning));
    expect(unexplained.map(({ path }) => path)).toEqual([]);
    expect(valuesIn(values).length).toBeGreaterThan(40);
  });
});

function isMap(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

test("the library's values are the chart's, and it has none for which it would have to make a Secret", () => {
  const all = new Map(valuesIn(read('charts/localrag-migrate/values.yaml')).map((value) => [value.path, value]));
  const library = valuesIn(read('charts/localrag-migrate-lib/values.yaml'));
  for (const value of library) expect(value).toEqual(all.get(value.path));
  const paths = library.map(({ path }) => path);
  for (const path of ['postgres.url', 'postgres.password', 'neo4j.password', 'migrations.inline']) {
    expect(all.has(path)).toBe(true);
    expect(paths).not.toContain(path);
  }
});

test.each(['localrag-migrate', 'localrag-migrate-lib'])('Chart.yaml of %s says where it comes from', (chart) => {
  const { home, sources, icon, maintainers } = parse(read(`charts/${chart}/Chart.yaml`));
  expect(home).toMatch(/^https:/);
  expect(sources).toEqual([home]);
  expect(maintainers).toEqual([{ name: expect.any(String), url: home }]);
  const [, image = ''] = /^data:image\/svg\+xml;base64,(.*)$/.exec(icon) ?? [];
  expect(Buffer.from(image, 'base64').toString()).toMatch(/^<svg .*<\/svg>$/s);
});

test("the chart's image is the one that the release workflow pushes", () => {
  const { image } = parse(read('charts/localrag-migrate/values.yaml'));
  const { home } = parse(read('charts/localrag-migrate/Chart.yaml'));
  const workflow = parse(read('.github/workflows/release.yml'));
  const repository = new URL(home).pathname.slice(1);
  const pushed = workflow.env.IMAGE.replace(/\$\{\{.*\}\}/, repository);
  expect(`${image.registry}/${image.repository}`).toBe(pushed);
  expect(read('examples/job.yaml')).toContain(`image: ${pushed}:`);
  const steps = workflow.jobs.charts.steps.map(({ run = '' }) => run).join('\n');
  expect(steps).toMatch(/helm push .*oci:/);
  expect(workflow.jobs.charts.needs).toBe('image');
});

test('the versions of charts, library and program are one', () => {
  const { version } = JSON.parse(read('package.json')) as { version: string };
  const main = parse(read('charts/localrag-migrate/Chart.yaml'));
  const library = parse(read('charts/localrag-migrate-lib/Chart.yaml'));
  expect(main).toMatchObject({ version, appVersion: version, dependencies: [{ version }] });
  expect(parse(main.annotations['artifacthub.io/images'])).toMatchObject([
    { image: `ghcr.io/localrag/localrag-migrate:${version}` },
  ]);
  expect(library).toMatchObject({ version, appVersion: version, type: 'library' });
  expect(read('charts/localrag-migrate-lib/templates/_names.tpl')).toContain(
    `"localrag-migrate.appVersion" -}}${version}{{`,
  );
});
