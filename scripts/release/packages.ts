import { join } from 'node:path';
import { run } from '../../test/servers/command.ts';

/** The entries that each package must have. A chart without its library installs nowhere. */
const required = (version: string): Readonly<Record<string, readonly string[]>> => ({
  [`charts/localrag-migrate-lib-${version}.tgz`]: ['localrag-migrate-lib/Chart.yaml'],
  [`charts/localrag-migrate-${version}.tgz`]: [
    'localrag-migrate/Chart.yaml',
    'localrag-migrate/charts/localrag-migrate-lib/Chart.yaml',
  ],
  [`npm/localrag-migrate-${version}.tgz`]: ['package/package.json', 'package/dist/bin.js', 'package/dist/program.js'],
});

/** What the packages lack that `helm package` and `npm pack` have written. */
export async function incompletePackages(directory: string, version: string): Promise<readonly string[]> {
  const problems = Object.entries(required(version)).map(async ([file, paths]) => {
    const entries = await run('tar', ['-tzf', join(directory, file)]).catch(() => undefined);
    if (entries === undefined) return [`${file}: missing, or not an archive`];
    const present = new Set(entries.split('\n'));
    return paths.filter((path) => !present.has(path)).map((path) => `${file}: has no ${path}`);
  });
  return (await Promise.all(problems)).flat();
}
