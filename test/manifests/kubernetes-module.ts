import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { downloadedModule, type GoProgram } from './go-program.ts';

/** The oldest version that the charts accept (`kubeVersion` in Chart.yaml), and later ones up to the newest that builds. */
export const KUBERNETES = ['1.29.6', '1.31.14', '1.33.13', '1.34.4'] as const;

const MODULE = 'k8s.io/kubernetes';

/** The OpenAPI description of all kinds, as a path. */
export async function openapiOf(version: string): Promise<string> {
  const { Dir } = await downloadedModule(MODULE, `v${version}`);
  return join(Dir, 'api', 'openapi-spec', 'swagger.json');
}

/**
 * The program that validates with the code of one Kubernetes version. The released module points its parts at
 * ./staging, which is not part of it; they are modules of their own, with 0 as the major version.
 */
export async function validateProgram(version: string): Promise<GoProgram> {
  const { GoMod } = await downloadedModule(MODULE, `v${version}`);
  const lines = (await readFile(GoMod, 'utf8')).split('\n');
  const part = version.replace(/^1\./, 'v0.');
  const replaced = lines.flatMap((line) => line.match(/^\t(k8s\.io\/[a-z-]+) => \.\/staging\//)?.[1] ?? []);
  const module = [
    'module validate',
    ...lines.filter((line) => /^(go|godebug) /.test(line)),
    `require ${MODULE} v${version}`,
    ...replaced.map((path) => `replace ${path} => ${path} ${part}`),
    '',
  ];
  return { name: 'validate', version, module: module.join('\n') };
}
