import { chmod, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { helmProgram } from '../chart/helm-installation.ts';
import { type KubernetesObject, phaseOf } from '../chart/kubernetes.ts';
import { execute } from '../execute.ts';
import { removeAtExit } from '../servers/lifetime.ts';
import type { Check, Problem } from './checks.ts';
import { goProgram, KUSTOMIZE } from './go-program.ts';
import type { Expectation } from './manifest.ts';

/** Renders a file as it is, whatever braces it has. */
const CHART = {
  'Chart.yaml': 'apiVersion: v2\nname: rendered\nversion: 0.1.0\n',
  'templates/all.yaml': '{{ .Files.Get "rendered.yaml" }}\n',
};

const NAME = 'Helm 4 with a post-renderer';

/** Helm does not print why its post-renderer fails; the check with kustomize reports the reason for the same file. */
export const REFUSED_BY_HELM: Expectation = [NAME, /plugin "kustomize" exited with error/];

/**
 * Helm 4 passes hooks and ordinary objects together to a post-renderer, and sorts what it gets back. So does Flux, with
 * the library that Helm is made of. No object and no hook may be lost on that way.
 */
export function postRendering(): Check {
  return {
    name: NAME,
    examine: async (files) => {
      const home = await mkdtemp(join(tmpdir(), 'localrag-migrate-post-renderer-'));
      removeAtExit(home);
      await installPlugin(home);
      await store(home, CHART);
      const problems: Problem[] = [];
      for (const file of files) problems.push(...(await problemsOf(home, file)));
      return { problems, unchecked: [] };
    },
  };
}

async function installPlugin(home: string): Promise<void> {
  const program = await goProgram(KUSTOMIZE);
  const manifest = {
    apiVersion: 'v1',
    type: 'postrenderer/v1',
    name: 'kustomize',
    version: '0.1.0',
    runtime: 'subprocess',
    runtimeConfig: { platformCommand: [{ command: join(home, 'plugins', 'kustomize', 'run') }] },
  };
  await store(join(home, 'plugins', 'kustomize'), {
    'plugin.yaml': JSON.stringify(manifest),
    run: `#!/bin/sh\nexec '${program}'\n`,
  });
  await chmod(join(home, 'plugins', 'kustomize', 'run'), 0o755);
}

async function problemsOf(home: string, file: string): Promise<readonly Problem[]> {
  const text = await readFile(file, 'utf8');
  await store(home, { 'rendered.yaml': text });
  const env = { PATH: process.env.PATH, HOME: home, HELM_PLUGINS: join(home, 'plugins') };
  const flags = ['template', 'release', home, '--post-renderer', 'kustomize'];
  const { code, stdout, stderr } = await execute(await helmProgram('4'), flags, { env });
  if (code !== 0) return [{ file, object: '', text: stderr }];
  const before = identitiesOf(text);
  const after = identitiesOf(stdout);
  const lost = [...before.difference(after)].map((object) => ({ file, object, text: 'is lost' }));
  return [...lost, ...[...after.difference(before)].map((object) => ({ file, object, text: 'was not there' }))];
}

function identitiesOf(text: string): Set<string> {
  const documents = parseAllDocuments(text, { version: '1.1', uniqueKeys: false });
  const objects = documents.flatMap((document) => (document.toJS() as KubernetesObject | null) ?? []);
  return new Set(objects.map((object) => `${object.kind}/${object.metadata.name} (${phaseOf(object)})`));
}

async function store(directory: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(directory, name, '..'), { recursive: true });
    await writeFile(join(directory, name), text);
  }
}
