import { cp, mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { incompletePackages } from '../../../scripts/release/packages.ts';
import { HELMS, helmProgram } from '../../chart/helm-installation.ts';
import { EXISTING } from '../../chart/values.ts';
import { ROOT, read } from '../../docs/documents.ts';
import { execute } from '../../execute.ts';
import { removeAtExit } from '../../servers/lifetime.ts';
import { type Registry, startRegistry } from '../registry.ts';
import { hasGo } from './prerequisites.ts';

/* The charts on their way from a checkout through a registry into a parent chart, as the release workflow and users do it. */

const { version } = JSON.parse(read('package.json')) as { version: string };
const CHARTS = ['localrag-migrate-lib', 'localrag-migrate'] as const;

describe.skipIf(!(await hasGo('the charts as OCI artifacts'))).each(HELMS)('Helm %s', (major) => {
  let registry: Registry;
  let home: string;
  const at = (path: string) => join(home, path);

  /** Both streams: Helm prints the digest of a push to stderr. */
  async function helm(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await execute(await helmProgram(major), args, {
      env: { PATH: process.env.PATH, HOME: home },
    });
    if (code !== 0) throw new Error(stderr);
    return `${stdout}${stderr}`;
  }

  const rendered = (chart: string, ...flags: readonly string[]) =>
    helm('template', 'r', chart, '-f', at('values.json'), ...flags);

  beforeAll(async () => {
    registry = await startRegistry();
    home = await mkdtemp(join(tmpdir(), 'localrag-migrate-charts-'));
    removeAtExit(home);
    for (const part of ['charts', 'examples']) await cp(join(ROOT, part), at(part), { recursive: true });
    await writeFile(at('values.json'), JSON.stringify(EXISTING));
    await mkdir(at('pulled'));
    for (const chart of CHARTS) {
      await helm('dependency', 'build', at(`charts/${chart}`));
      await helm('package', at(`charts/${chart}`), '--destination', at('packages/charts'));
    }
  });

  afterAll(() => registry?.stop());

  test('packages are complete', async () => {
    expect(await incompletePackages(at('packages'), version)).toEqual([
      `npm/localrag-migrate-${version}.tgz: missing, or not an archive`,
    ]);
  });

  test('push prints the digest that the release workflow signs', async () => {
    for (const chart of CHARTS) {
      const file = at(`packages/charts/${chart}-${version}.tgz`);
      const output = await helm('push', file, `oci://${registry.address}/charts`, '--plain-http');
      expect(output.match(/^Digest: .*$/gm)).toEqual([expect.stringMatching(/^Digest: sha256:[0-9a-f]{64}$/)]);
    }
  });

  test('pull gives the same package', async () => {
    for (const chart of CHARTS) {
      const source = `oci://${registry.address}/charts/${chart}`;
      await helm('pull', source, '--version', version, '--plain-http', '--destination', at('pulled'));
    }
    for (const file of await readdir(at('pulled')))
      expect(await readFile(at(`pulled/${file}`)), file).toEqual(await readFile(at(`packages/charts/${file}`)));
    expect(await readdir(at('pulled'))).toHaveLength(CHARTS.length);
  });

  test('the pulled chart renders as the one in the checkout', async () => {
    const source = `oci://${registry.address}/charts/localrag-migrate`;
    const output = await rendered(source, '--version', version, '--plain-http');
    expect(output).toContain('kind: CronJob');
    expect(withoutDownload(output)).toBe(await rendered(at('charts/localrag-migrate')));
  });

  test.each([
    ['umbrella', 'localrag-migrate'],
    ['app', 'localrag-migrate-lib'],
  ])('a parent chart like examples/%s gets %s from the registry', async (example, chart) => {
    await cp(at(`examples/${example}`), at(example), { recursive: true });
    await helm('dependency', 'build', at(`examples/${example}`));
    const manifest = await readFile(at(`${example}/Chart.yaml`), 'utf8');
    const published = manifest.replace(/repository: file:.*/, `repository: oci://${registry.address}/charts`);
    expect(published).not.toBe(manifest);
    await writeFile(at(`${example}/Chart.yaml`), published);
    await helm('dependency', 'build', at(example), '--plain-http');
    expect(await readdir(at(`${example}/charts`))).toEqual([`${chart}-${version}.tgz`]);
    const own = await helm('template', 'r', at(example));
    expect(own).toContain('initContainers:');
    expect(own).toBe(await helm('template', 'r', at(`examples/${example}`)));
  });
});

function withoutDownload(output: string): string {
  return output.replace(/^(Pulled|Digest): .*\n/gm, '');
}
