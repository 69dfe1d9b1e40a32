import { spawnSync } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { read } from '../docs/documents.ts';
import { removeAtExit } from '../servers/lifetime.ts';
import { parentChart, refusal, render, type Values } from './helm.ts';
import { HELMS, type Helm } from './helm-installation.ts';
import {
  type Container,
  environmentOf,
  jobSpecOf,
  type KubernetesObject,
  needsOf,
  only,
  podOf,
  specOf,
} from './kubernetes.ts';
import { EVERYTHING } from './values.ts';

type Example = 'examples/app' | 'examples/umbrella';

async function initContainerOf(helm: Helm, chart: Example, values: Values): Promise<Container> {
  const pod = podOf(only(await render(helm, values, { chart }), 'Deployment'));
  const [container] = pod?.initContainers ?? [];
  if (container === undefined) throw new Error(`${chart} has no init container`);
  return container;
}

/** Answers as for a Job that fails, and does not hang where the real one would. */
const KUBECTL = `#!/bin/sh
case " $* " in
  *' get job '*) echo x >>asked; case $(wc -l <asked) in *1) ;; *2) printf FailureTarget ;; *) printf 'FailureTarget Failed' ;; esac ;;
  *' wait '*' --timeout=0 '*) exit 1 ;;
  *' wait '*) echo hangs; exit 42 ;;
esac
`;

test.each(['examples/job.yaml', 'docs/kubernetes.md'])('the commands in %s end when the Job fails', async (path) => {
  const directory = await mkdtemp(join(tmpdir(), 'localrag-migrate-kubectl-'));
  removeAtExit(directory);
  await writeFile(join(directory, 'kubectl'), KUBECTL, { mode: 0o755 });
  await writeFile(join(directory, 'sleep'), '#!/bin/sh\n', { mode: 0o755 });
  const commands = read(path).match(/(?<=^(# {3}|\$ ))(kubectl|until) .*job.*localrag-migrate.*$/gm) ?? [];
  expect(commands.length).toBeGreaterThan(2);
  const env = { PATH: `${directory}:${process.env.PATH}` };
  const { status, stdout } = spawnSync('sh', ['-ec', commands.join('\n')], { cwd: directory, env, encoding: 'utf8' });
  expect(stdout).toBe('FailureTarget Failed\n');
  expect(status).toBe(1);
});

describe.each(HELMS)('Helm %s', (helm) => {
  test.each([
    ['examples/app', {}, 'migrate-wait', 'wait'],
    ['examples/app', { initContainer: 'migrate' }, 'migrate', 'migrate'],
    ['examples/umbrella', { schema: { mode: 'hook' } }, 'migrate-wait', 'wait'],
    ['examples/umbrella', { schema: { mode: 'job' } }, 'migrate-wait', 'wait'],
    ['examples/umbrella', { schema: { mode: 'initContainer' } }, 'migrate', 'migrate'],
  ] as const)('%s with %o has the init container %s', async (chart, values, name, command) => {
    const container = await initContainerOf(helm, chart, values);
    expect(container).toMatchObject({ name, args: [command] });
  });

  test("an init container is the Job's container with another task", async () => {
    const objects = await render(helm, {}, { chart: 'examples/umbrella' });
    const [container] = jobSpecOf(only(objects, 'Job')).template.spec.containers;
    const init = await initContainerOf(helm, 'examples/umbrella', {});
    expect({ ...init, name: 'migrate', args: ['migrate'] }).toEqual(container);
    // And with the same values, the library alone makes the same one.
    expect(await initContainerOf(helm, 'examples/app', {})).toEqual(init);
  });

  test("an umbrella's pods read the release's Secret, also where the Job is a hook", async () => {
    const schema = {
      mode: 'hook',
      postgres: { host: 'db', existingSecret: null, password: 'p' },
      neo4j: { uri: 'bolt://g', existingSecret: null, password: 'q' },
    };
    const objects = await render(helm, { schema }, { chart: 'examples/umbrella' });
    const sources = podOf(only(objects, 'Deployment'))?.volumes.flatMap(({ projected }) => projected?.sources ?? []);
    expect(new Set(sources?.map(({ secret }) => secret?.name))).toEqual(new Set(['r-schema-migrate']));
    expect(only(objects, 'Secret', /release/).metadata.name).toBe('r-schema-migrate');
  });

  test.each(['job', 'initContainer'])('in mode %s new files make new pods of the application', async (mode) => {
    const podWith = async (text: string) => {
      const schema = { mode, migrations: { inline: { '001_first.sql': text } } };
      const objects = await render(helm, { schema }, { chart: 'examples/umbrella' });
      const pod = podOf(only(objects, 'Deployment'));
      const { name } = only(objects, 'ConfigMap', /release/).metadata;
      expect(pod && needsOf(pod)).toContain(`ConfigMap/${name}`);
      return pod;
    };
    expect(await podWith('SELECT 1;')).toEqual(await podWith('SELECT 1;'));
    expect(await podWith('SELECT 1;')).not.toEqual(await podWith('SELECT 2;'));
  });

  test('without the alias, the names of what the chart makes are not known to a parent chart, and it is refused', async () => {
    const deployment = read('examples/umbrella/templates/deployment.yaml');
    expect(deployment).toContain('"alias" "schema"');
    const schema = { postgres: { host: 'db', existingSecret: null, password: 'p' } };
    const chart = await parentChart({ 'templates/deployment.yaml': deployment.replace(' "alias" "schema"', '') });
    expect(await refusal(helm, { schema }, { chart })).toMatch(/follow the dependency's alias: add "alias"/);
    expect((await render(helm, {}, { chart })).length).toBeGreaterThan(0);
  });

  test('two aliases in one umbrella share no name and no selector', async () => {
    const dependency = (alias: string) =>
      `  - { name: localrag-migrate, alias: ${alias}, version: 0.1.0, repository: 'file://../../charts/localrag-migrate' }`;
    const chart = await parentChart({
      'Chart.yaml': `apiVersion: v2\nname: parent\nversion: 0.1.0\ndependencies:\n${dependency('blue')}\n${dependency('green')}\n`,
      'values.yaml': '{}',
      'templates/deployment.yaml': '',
    });
    const objects = await render(helm, { blue: EVERYTHING, green: EVERYTHING }, { chart });
    const names = objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(['Job/r-blue-migrate', 'Job/r-green-migrate']));
    const selectors = objects
      .filter(({ kind }) => kind === 'NetworkPolicy')
      .map((policy) => JSON.stringify(specOf<{ podSelector: object }>(policy).podSelector));
    expect(new Set(selectors).size).toBe(2);
  });

  test('the manifest for kubectl is what the chart makes, but for what the program takes by itself', async () => {
    const written = parseAllDocuments(read('examples/job.yaml')).map((it) => it.toJS() as KubernetesObject);
    const values = {
      mode: 'job',
      postgres: { host: 'postgres.databases.svc', existingSecret: 'localrag-migrate' },
      neo4j: { uri: 'neo4j://neo4j.databases.svc:7687', existingSecret: 'localrag-migrate' },
    };
    const [byHand, made] = [jobSpecOf(only(written, 'Job')), jobSpecOf(only(await render(helm, values), 'Job'))];
    const [mine, theirs] = [byHand.template.spec.containers[0], made.template.spec.containers[0]];
    if (mine === undefined || theirs === undefined) throw new Error('a Job has no container');
    expect(environmentOf(theirs)).toMatchObject(environmentOf(mine));
    const rest = ({ env: _, volumeMounts: __, ...container }: Container) => container;
    expect(rest(mine)).toEqual(rest(theirs));
    const { containers: _, volumes: __, ...pod } = byHand.template.spec;
    const { containers: ___, volumes: ____, ...ours } = made.template.spec;
    expect(pod).toEqual(ours);
    expect({ ...byHand, template: null }).toEqual({ ...made, template: null });
  });
});
