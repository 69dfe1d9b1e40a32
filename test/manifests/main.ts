import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CommandMissing, run } from '../servers/command.ts';
import { removeAtExit } from '../servers/lifetime.ts';
import { type Check, conformance, kustomization, type Report, validation } from './checks.ts';
import { DEFECTS, type Defect } from './defects.ts';
import { KUBERNETES } from './kubernetes-module.ts';
import { type Rendering, renderAll, valuesWithoutCase } from './renderings.ts';

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

interface Stored extends Defect {
  readonly file: string;
}

if (await hasGo()) {
  process.exitCode = (await checkAll()) ? 0 : 1;
} else {
  say('Manifests were not checked with the validation of Kubernetes, kubeconform and kustomize: this needs Go');
  process.exitCode = options['skip-without-go'] ? 0 : 1;
}

async function hasGo(): Promise<boolean> {
  try {
    await run('go', ['version']);
    return true;
  } catch (error) {
    if (error instanceof CommandMissing) return false;
    throw error;
  }
}

async function checkAll(): Promise<boolean> {
  const directory = await mkdtemp(join(tmpdir(), 'localrag-migrate-manifests-'));
  removeAtExit(directory);
  const renderings = await renderAll(directory);
  const defects = await Promise.all(DEFECTS.map((defect, index) => stored(directory, defect, index)));
  const files = [...renderings, ...defects].map(({ file }) => file);
  say(`${renderings.length} different manifests`);

  const uncovered = valuesWithoutCase().map((path) => `values: ${path} is set by no rendering: add it to switches.ts`);
  for (const line of uncovered) say(line);
  let [passed, failed] = uncovered.length === 0 ? [1, 0] : [0, 1];
  for (const check of checks(options.kubernetes)) {
    const report = await check.examine(files);
    const lines = [...faults(check, report, renderings), ...blindness(check, report, defects)];
    for (const { line } of lines) say(line);
    const wrong = new Set(lines.map(({ file }) => file)).size;
    passed += files.length - wrong;
    failed += wrong;
    say(`${check.name}: ${files.length - wrong} as expected, ${wrong} not${uncheckedText(report)}`);
  }
  say(`${passed} passed, ${failed} failed`);
  return failed === 0;
}

async function stored(directory: string, defect: Defect, index: number): Promise<Stored> {
  const file = join(directory, `defect-${index}.yaml`);
  await writeFile(file, defect.manifest);
  return { ...defect, file };
}

function checks(versions: readonly string[]): readonly Check[] {
  return [kustomization(), ...versions.flatMap((version) => [validation(version), conformance(version)])];
}

interface Line {
  readonly file: string;
  readonly line: string;
}

/** What is wrong with the manifests. */
function faults({ name }: Check, { problems }: Report, renderings: readonly Rendering[]): readonly Line[] {
  const names = new Map(renderings.map((rendering) => [rendering.file, rendering.name]));
  return problems.flatMap(({ file, object, text }) => {
    const rendering = names.get(file);
    return rendering ? [{ file, line: `${name}: ${rendering}: ${[object, text].filter(Boolean).join(': ')}` }] : [];
  });
}

/** Known defects that the check did not report. */
function blindness({ name: check }: Check, { problems }: Report, defects: readonly Stored[]): readonly Line[] {
  return defects.flatMap(({ file, name, reportedBy }) => {
    const texts = problems.filter((problem) => problem.file === file).map(({ text }) => text);
    const missed = reportedBy.filter(([by, text]) => check.startsWith(by) && !texts.some((it) => text.test(it)));
    return missed.map(([, text]) => ({
      file,
      line: `${check}: self-check: did not report ${name} with ${text}, but ${JSON.stringify(texts)}`,
    }));
  });
}

function uncheckedText({ unchecked }: Report): string {
  const kinds = new Set(unchecked.map((object) => object.split('/')[0]));
  return kinds.size === 0 ? '' : `; left out: ${[...kinds].join(', ')} (custom resources, ${unchecked.length} objects)`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
