import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { ROOT } from '../docs/documents.ts';
import { removeAtExit } from '../servers/lifetime.ts';
import { type Helm, helmProgram } from './helm-installation.ts';
import type { KubernetesObject } from './kubernetes.ts';

const execute = promisify(execFile);

/** Charts of this repository, by path from its root. */
export type Chart =
  | 'charts/localrag-migrate'
  | 'charts/localrag-migrate-lib'
  | 'examples/app'
  | 'examples/umbrella'
  | ParentChart;

/** One that a test has made. */
export type ParentChart = `parents/${string}`;

export type Values = Readonly<Record<string, unknown>>;

export interface Release {
  readonly chart?: Chart;
  readonly name?: string;
  readonly upgrade?: boolean;
  /** Of the cluster, beside those that Helm assumes. */
  readonly apiVersions?: readonly string[];
}

export interface Output {
  readonly failed: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs Helm on this machine alone: no cluster, no configuration of whoever runs the tests. */
async function helm(version: Helm, args: readonly string[], input = ''): Promise<Output> {
  const [program, { home }] = await Promise.all([helmProgram(version), workspace()]);
  const env = { PATH: process.env.PATH, HOME: home, KUBECONFIG: join(home, 'none') };
  const running = execute(program, [...args], { env, cwd: home, maxBuffer: 64 * 1024 * 1024 });
  running.child.stdin?.end(input);
  return running.then(
    ({ stdout, stderr }) => ({ failed: false, stdout, stderr }),
    ({ stdout = '', stderr = '' }) => ({ failed: true, stdout, stderr }),
  );
}

let made: Promise<{ home: string }> | undefined;

/** A copy of the charts with their dependencies inside: building these writes into a chart's directory. */
function workspace(): Promise<{ home: string }> {
  made ??= (async () => {
    const home = await mkdtemp(join(tmpdir(), 'localrag-migrate-chart-'));
    removeAtExit(home);
    for (const part of ['charts', 'examples']) await cp(join(ROOT, part), join(home, part), { recursive: true });
    return { home };
  })();
  return made;
}

/** The umbrella example with some of its files replaced. */
export async function parentChart(files: Readonly<Record<string, string>>): Promise<ParentChart> {
  const { home } = await workspace();
  await mkdir(join(home, 'parents'), { recursive: true });
  const directory = await mkdtemp(join(home, 'parents', 'p'));
  await cp(join(ROOT, 'examples/umbrella'), directory, { recursive: true });
  for (const [path, text] of Object.entries(files)) await writeFile(join(directory, path), text);
  return `parents/${basename(directory)}`;
}

const built = new Map<Chart, Promise<void>>();

/** The chart's directory in the copy, with what it depends on. */
async function chartDirectory(chart: Chart): Promise<string> {
  const directory = join((await workspace()).home, chart);
  if (chart === 'examples/umbrella' || chart.startsWith('parents/')) await chartDirectory('charts/localrag-migrate');
  let building = built.get(chart);
  if (building === undefined) {
    building = buildDependencies(directory);
    built.set(chart, building);
  }
  await building;
  return directory;
}

async function buildDependencies(directory: string): Promise<void> {
  const { failed, stderr } = await helm('4', ['dependency', 'build', directory]);
  if (failed) throw new Error(stderr);
}

/** What `helm lint --strict` says. */
export async function lint(version: Helm, chart: Chart, values: Values): Promise<Output> {
  return helm(version, ['lint', '--strict', await chartDirectory(chart), '-f', '-'], JSON.stringify(values));
}

/** The text that `helm template` gives, or its refusal. */
export async function template(version: Helm, values: Values, release: Release = {}): Promise<Output> {
  const directory = await chartDirectory(release.chart ?? 'charts/localrag-migrate');
  const cluster = (release.apiVersions ?? []).flatMap((version) => ['--api-versions', version]);
  const flags = ['--namespace', 'rag', ...(release.upgrade ? ['--is-upgrade'] : []), ...cluster, '-f', '-'];
  return helm(version, ['template', release.name ?? 'r', directory, ...flags], JSON.stringify(values));
}

/**
 * The objects that a chart renders; what was rendered before is not rendered again.
 * @throws Error with Helm's words where it refuses, and where a document is no YAML or says a key twice.
 */
export function render(version: Helm, values: Values, release: Release = {}): Promise<readonly KubernetesObject[]> {
  const key = JSON.stringify([version, values, release]);
  const known = rendered.get(key) ?? template(version, values, release).then(objectsOf);
  rendered.set(key, known);
  return known;
}

const rendered = new Map<string, Promise<readonly KubernetesObject[]>>();

function objectsOf({ failed, stdout, stderr }: Output): readonly KubernetesObject[] {
  if (failed) throw new Error(stderr);
  // Kubernetes reads YAML 1.1, where `on` and 0444 are not what they are in 1.2.
  return parseAllDocuments(stdout, { version: '1.1', strict: true, uniqueKeys: true }).flatMap((document) => {
    if (document.errors.length > 0) throw new Error(`${document.errors[0]?.message}\n${document.toString()}`);
    const object = document.toJS() as KubernetesObject | null;
    return object === null ? [] : [object];
  });
}

/** What Helm says to values that it must refuse, without its own preface. */
export async function refusal(version: Helm, values: Values, release: Release = {}): Promise<string> {
  const { failed, stdout, stderr } = await template(version, values, release);
  if (!failed) throw new Error(`was not refused:\n${stdout.slice(0, 1000)}`);
  return stderr;
}

/** What Helm tells whoever installs the chart. */
export async function notes(version: Helm, values: Values): Promise<string> {
  const directory = await chartDirectory('charts/localrag-migrate');
  const flags = ['--dry-run=client', '--namespace', 'rag', '-f', '-'];
  const { failed, stdout, stderr } = await helm(version, ['install', 'r', directory, ...flags], JSON.stringify(values));
  if (failed) throw new Error(stderr);
  return stdout.split('\nNOTES:\n')[1] ?? '';
}
