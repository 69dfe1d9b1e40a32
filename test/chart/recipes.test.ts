import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { read } from '../docs/documents.ts';
import { blocksOf } from '../docs/markdown.ts';
import { render, type Values } from './helm.ts';
import { HELMS } from './helm-installation.ts';
import { environmentOf, only, podOf } from './kubernetes.ts';
import { EXISTING } from './values.ts';

interface Recipe {
  readonly kind?: string;
  readonly spec: {
    readonly syncPolicy?: unknown;
    readonly source?: { readonly helm: { readonly valuesObject: Values } };
    readonly values?: Values;
    readonly install?: unknown;
    readonly upgrade?: unknown;
  };
}

const BLOCKS = blocksOf(read('docs/kubernetes.md'))
  .filter(({ info, text }) => info === 'yaml' && !/{{-|^# Chart\.yaml/.test(text))
  .map(({ line, text }) => ({ line, content: parse(text) as Recipe & Values }));

const recipe = (kind: string): Recipe['spec'] => {
  const found = BLOCKS.find(({ content }) => content.kind === kind)?.content;
  if (found === undefined) throw new Error(`docs/kubernetes.md has no ${kind}`);
  return found.spec;
};

test("Argo CD's recipe deletes ConfigMaps of older files, and does not retry a sync, which would delete the failed Job", () => {
  expect(recipe('Application').syncPolicy).toEqual({ automated: { prune: true }, retry: { limit: 0 } });
});

test("Flux's recipe does not repeat a permanent failure, nor uninstall what has failed", () => {
  const { install, upgrade } = recipe('HelmRelease');
  expect([install, upgrade]).toEqual([{ remediation: { retries: 0 } }, { remediation: { retries: 0 } }]);
});

describe.each(HELMS)('Helm %s', (helm) => {
  test.each<[string, Values | undefined]>([
    ['Application', recipe('Application').source?.helm.valuesObject],
    ['HelmRelease', recipe('HelmRelease').values],
    ['values.yaml', BLOCKS.find(({ content }) => content.postgres && content.neo4j)?.content],
  ])('%s has a certificate for each database that it verifies', async (_what, values = {}) => {
    const [container] = podOf(only(await render(helm, values), 'Job'))?.containers ?? [];
    const environment = container && environmentOf(container);
    expect(environment).toMatchObject({
      POSTGRES_SSLMODE: 'verify-full',
      NEO4J_URI: expect.stringMatching(/^neo4j\+s:/),
    });
    expect(environment).toMatchObject({
      POSTGRES_SSLROOTCERT: expect.any(String),
      NODE_EXTRA_CA_CERTS: expect.any(String),
    });
  });

  test.each(BLOCKS.filter(({ content }) => content.kind === undefined))(
    'the values in line $line of docs/kubernetes.md are accepted',
    async ({ content }) => {
      const complete = { ...(content.mode === 'fleet' ? {} : EXISTING), ...content };
      expect((await render(helm, complete)).length).toBeGreaterThan(0);
    },
  );
});

test('the functions that run a command in the cluster are the same in both pages', () => {
  const functions = (path: string) => blocksOf(read(path)).filter(({ text }) => text.startsWith('$ template()'));
  const [manual, runbook] = ['docs/kubernetes.md', 'docs/failing-upgrade.md'].map((path) =>
    functions(path).map(({ text }) => text.replace(/\n\$ run status\n$/, '\n')),
  );
  expect(manual).toHaveLength(1);
  expect(runbook).toEqual(manual);
});
