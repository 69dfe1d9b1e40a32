import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from '../servers/cache.ts';

/** As much of an OpenAPI definition as the conversion looks at; it is a JSON schema but for a few conventions. */
interface Definition {
  readonly properties?: Readonly<Record<string, Definition>>;
  readonly additionalProperties?: Definition | boolean;
  readonly 'x-kubernetes-group-version-kind'?: readonly { group: string; version: string; kind: string }[];
}

/** The API server reads these as text or number; the description calls them strings. */
const SCALARS: Readonly<Record<string, object>> = {
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': { type: ['string', 'integer'] },
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { type: ['string', 'number'] },
};

/**
 * A directory with a JSON schema for each kind of a Kubernetes version, named as kubeconform asks for them. They refuse
 * unknown fields.
 */
export async function schemas(version: string, openapi: string): Promise<string> {
  return cached(`manifests-schemas-${version}`, async (directory) => {
    const { definitions } = JSON.parse(await readFile(openapi, 'utf8')) as { definitions: Record<string, Definition> };
    const write = (file: string, schema: object) => writeFile(join(directory, file), JSON.stringify(schema));
    await write('definitions.json', { definitions: mapValues(definitions, (it, name) => SCALARS[name] ?? closed(it)) });
    for (const [name, definition] of Object.entries(definitions)) {
      // Options of requests are kinds of every group.
      const [kind, ...others] = definition['x-kubernetes-group-version-kind'] ?? [];
      if (kind === undefined || others.length > 0) continue;
      const group = kind.group.split('.')[0];
      const file = [kind.kind, ...(group ? [group] : []), kind.version].join('-').toLowerCase();
      await write(`${file}.json`, { $ref: `definitions.json#/definitions/${name}` });
    }
  });
}

/** Without the fields that it does not name. Fields of a definition are references, or lists and maps of them. */
function closed(definition: Definition): object {
  return definition.properties ? { additionalProperties: false, ...definition } : definition;
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, map: (value: T, key: string) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));
}
