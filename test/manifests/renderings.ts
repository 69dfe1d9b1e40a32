import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type Release, template, type Values } from '../chart/helm.ts';
import { HELMS } from '../chart/helm-installation.ts';
import { EXISTING, FLEET } from '../chart/values.ts';
import { read } from '../docs/documents.ts';
import type { Expectation, Manifest } from './manifest.ts';
import { REFUSED_BY_HELM } from './post-rendering.ts';
import { SWITCHES } from './switches.ts';

interface Variant {
  readonly name: string;
  readonly values: Values;
  readonly release: Release;
  readonly reportedBy?: readonly Expectation[];
}

/** Renderings of which the chart must accept at least one: not every switch belongs to every mode. */
type Case = readonly Variant[];

/** The modes, from the schema of the chart's values. */
const { mode } = JSON.parse(read('charts/localrag-migrate/values.schema.json')).properties;
const MODES: readonly string[] = mode.enum;

/** What a mode cannot do without. */
const requiredIn = (mode: string): Values => (mode === FLEET.mode ? FLEET : EXISTING);

/** The longest name that Helm gives a release: names of objects and labels are made of it. */
const LONGEST = 'a'.repeat(53);

const inMode = (mode: string, name: string, values: Values = {}, release: Release = {}): Variant => ({
  name: `mode ${mode}, ${name}`,
  values: { mode, ...requiredIn(mode), ...values },
  release,
});
/** The objects of the hook are rendered a second time, for their deletion after `helm uninstall`. */
const withDuplicates = (mode: string): Variant => ({
  ...inMode(mode, 'hook.cleanup', { hook: { cleanup: true } }),
  reportedBy: [['kustomize', /already registered id/], REFUSED_BY_HELM],
});
const app = (initContainer: string): Variant => ({
  name: `examples/app, ${initContainer}`,
  values: { initContainer },
  release: { chart: 'examples/app' },
});
const umbrella = (name: string, schema: Values): Variant => ({
  name: `examples/umbrella, ${name}`,
  values: { schema },
  release: { chart: 'examples/umbrella' },
});

const CASES: readonly Case[] = [
  ...MODES.map((mode) => [inMode(mode, 'the least values')]),
  ...MODES.map((mode) => [inMode(mode, 'an upgrade', {}, { upgrade: true })]),
  ...MODES.map((mode) => [inMode(mode, 'a long name', SWITCHES['all objects'], { name: LONGEST })]),
  ...Object.entries(SWITCHES).map(([name, values]) => MODES.map((mode) => inMode(mode, name, values))),
  [withDuplicates('hook')],
  [withDuplicates('fleet')],
  [app('wait')],
  [app('migrate')],
  MODES.map((mode) => umbrella(`mode ${mode}`, { mode })),
  [umbrella('as it is', {})],
  [umbrella('without the chart', { enabled: false })],
];

/**
 * Renders every case with each Helm into `directory`; equal texts share a file.
 * @throws Error for a case of which the chart refuses every variant
 */
export async function renderAll(directory: string): Promise<readonly Manifest[]> {
  const rendered = new Map<string, Omit<Manifest, 'file'>>([
    [read('examples/job.yaml'), { name: 'examples/job.yaml', reportedBy: [] }],
  ]);
  for (const variants of CASES) {
    const refusals: string[] = [];
    let accepted = false;
    for (const { name, values, release, reportedBy = [] } of variants) {
      const outputs = await Promise.all(HELMS.map((helm) => template(helm, values, release)));
      const isOne = outputs.every(({ stdout }) => stdout === outputs[0]?.stdout);
      for (const [index, { failed, stdout, stderr }] of outputs.entries()) {
        const label = isOne ? name : `${name}, Helm ${HELMS[index]}`;
        accepted ||= !failed;
        if (failed) refusals.push(`${label}: ${stderr}`);
        else if (!rendered.has(stdout)) rendered.set(stdout, { name: label, reportedBy });
      }
    }
    if (!accepted) throw new Error(`the chart refuses:\n${refusals.join('\n')}`);
  }
  return Promise.all(
    [...rendered].map(async ([text, described], index) => {
      const file = join(directory, `${index}.yaml`);
      await writeFile(file, text);
      return { ...described, file };
    }),
  );
}

/** Values of the chart that no case sets, by their paths. */
export function valuesWithoutCase(): readonly string[] {
  const set = CASES.flat().flatMap(({ values, release }) => (release.chart ? [] : leavesOf(values)));
  const isSet = (path: string) => set.some((it) => it === path || it.startsWith(`${path}.`));
  return leavesOf(parse(read('charts/localrag-migrate/values.yaml'))).filter((path) => !isSet(path));
}

function leavesOf(values: Values): readonly string[] {
  return Object.entries(values).flatMap(([key, value]) => {
    const isGroup = typeof value === 'object' && value !== null && !Array.isArray(value);
    const inside = isGroup ? leavesOf(value as Values) : [];
    return inside.length > 0 ? inside.map((path) => `${key}.${path}`) : [key];
  });
}
