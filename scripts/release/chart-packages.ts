import { join } from 'node:path';
import { run } from '../../test/servers/command.ts';

/** The entries that a package must have, by the name of the chart. */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  'localrag-migrate-lib': ['localrag-migrate-lib/Chart.yaml'],
  'localrag-migrate': ['localrag-migrate/Chart.yaml', 'localrag-migrate/charts/localrag-migrate-lib/Chart.yaml'],
};

/** What the packages that `helm package` has written lack. A chart without its library installs nowhere. */
export async function incompletePackages(directory: string, version: string): Promise<readonly string[]> {
  const problems = Object.entries(REQUIRED).map(async ([chart, required]) => {
    const file = `${chart}-${version}.tgz`;
    const entries = await run('tar', ['-tzf', join(directory, file)]).catch(() => undefined);
    if (entries === undefined) return [`${file}: missing, or not an archive`];
    const present = new Set(entries.split('\n'));
    return required.flatMap((path) => (present.has(path) ? [] : [`${file}: has no ${path.split('/').at(-2)}`]));
  });
  return (await Promise.all(problems)).flat();
}
