import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { removeAtExit } from '../servers/lifetime.ts';
import { type Check, conformance, kustomization, type Report, serverSideApply, validation } from './checks.ts';
import { storeDefects } from './defects.ts';
import { hasGo } from './go-program.ts';
import { KUBERNETES } from './kubernetes-module.ts';
import { deviations } from './manifest.ts';
import { postRendering } from './post-rendering.ts';
import { renderAll, valuesWithoutCase } from './renderings.ts';

/**
 * Every manifest that the charts and examples render, checked with Kubernetes' own code and without a cluster.
 *
 *   npm run test:manifests -- --kubernetes 1.34.4
 *
 * The first run builds one program for each version of Kubernetes, which takes minutes and needs Go.
 */
const { values: options } = parseArgs({
  options: {
    kubernetes: { type: 'string', multiple: true, default: [...KUBERNETES] },
    // Exit with 0 if there is no Go on this machine.
    'skip-without-go': { type: 'boolean', default: false },
  },
});

if (await hasGo()) {
  process.exitCode = (await checkAll()) ? 0 : 1;
} else {
  say(
    'Left out: the checks of manifests with Kubernetes, kubeconform, kustomize and Helm, because go is not installed',
  );
  process.exitCode = options['skip-without-go'] ? 0 : 1;
}

async function checkAll(): Promise<boolean> {
  const directory = await mkdtemp(join(tmpdir(), 'localrag-migrate-manifests-'));
  removeAtExit(directory);
  const renderings = await renderAll(directory);
  const manifests = [...renderings, ...(await storeDefects(directory))];
  const uncovered = valuesWithoutCase().map((path) => `no rendering sets the value ${path}: add it to switches.ts`);
  for (const line of uncovered) say(line);
  let [passed, failed] = uncovered.length === 0 ? [1, 0] : [0, 1];
  for (const check of checks(options.kubernetes)) {
    const report = await check.examine(manifests.map(({ file }) => file));
    const wrong = manifests.map((manifest) => deviations(check, report, manifest)).filter((lines) => lines.length > 0);
    for (const line of wrong.flat()) say(line);
    passed += manifests.length - wrong.length;
    failed += wrong.length;
    say(`${check.name}: ${manifests.length} manifests, ${wrong.length} failed${leftOut(report)}`);
  }
  say(`${passed} passed, ${failed} failed`);
  return failed === 0;
}

function checks(versions: readonly string[]): readonly Check[] {
  const ofAll = [kustomization(), postRendering(), serverSideApply()];
  return [...ofAll, ...versions.flatMap((version) => [validation(version), conformance(version)])];
}

function leftOut({ unchecked }: Report): string {
  const kinds = new Set(unchecked.map((object) => object.split('/')[0]));
  return kinds.size === 0 ? '' : `; not checked: ${unchecked.length} custom resources (${[...kinds].join(', ')})`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
