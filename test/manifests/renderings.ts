import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type Output, type Release, template, type Values } from '../chart/helm.ts';
import { HELMS } from '../chart/helm-installation.ts';
import { read } from '../docs/documents.ts';
import { DATABASES, SWITCHES, TENANTS } from './switches.ts';

/** Manifests that users get from equal values, in a file. */
export interface Rendering {
  readonly name: string;
  readonly file: string;
}

interface Variant {
  readonly name: string;
  readonly values: Values;
  readonly release: Release;
}

/** Renderings of which the chart must accept at least one: not every switch belongs to every mode. */
type Case = readonly Variant[];

/** The modes, from the schema of the chart's values. */
const { mode } = JSON.parse(read('charts/localrag-migrate/values.schema.json')).properties;
const MODES: readonly string[] = mode.enum;

/** What a mode cannot do without. */
const requiredIn = (mode: string): Values => (mode === 'fleet' ? TENANTS : DATABASES);

/** The longest name that Helm gives a release: names of objects and labels are made of it. */
const LONGEST = 'a'.repeat(53);

const inMode = (mode: string, name: string, values: Values = {}, release: Release = {}): Variant => ({
  name: `mode ${mode}, ${name}`,
  values: { mode, ...requiredIn(mode), ...values },
  release,
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
export async function renderAll(directory: string): Promise<readonly Rendering[]> {
  const names = new Map([[read('examples/job.yaml'), 'examples/job.yaml']]);
  for (const variants of CASES) {
    const refusals: string[] = [];
    let accepted = false;
    for (const { name, values, release } of variants) {
      for (const [index, output] of (await templateWithEach(values, release)).entries()) {
        const label = `${name} (Helm ${HELMS[index]})`;
        accepted ||= !output.failed;
        if (output.failed) refusals.push(`${label}: ${output.stderr}`);
        else if (!names.has(output.stdout)) names.set(output.stdout, label);
      }
    }
    if (!accepted) throw new Error(`the chart refuses:\n${refusals.join('\n')}`);
  }
  return Promise.all([...names].map(([text, name], index) => store(join(directory, `${index}.yaml`), name, text)));
}

function templateWithEach(values: Values, release: Release): Promise<readonly Output[]> {
  return Promise.all(HELMS.map((helm) => template(helm, values, release)));
}

async function store(file: string, name: string, text: string): Promise<Rendering> {
  await writeFile(file, text);
  return { name, file };
}

/** Values of the chart that no case sets, by their paths. */
export function valuesWithoutCase(): readonly string[] {
  const set = Object.values(SWITCHES).flatMap((values) => leavesOf({ mode: '', ...DATABASES, ...TENANTS, ...values }));
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
