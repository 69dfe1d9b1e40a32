import { describe, expect, test } from 'vitest';
import { refusal, render, type Values } from './helm.ts';
import { HELMS, type Helm } from './helm-installation.ts';
import { environmentOf, jobSpecOf, only } from './kubernetes.ts';
import { EXISTING } from './values.ts';

const GRAPH = { uri: 'neo4j://g' };

async function environmentWith(helm: Helm, values: Values): Promise<Readonly<Record<string, string>>> {
  const [container] = jobSpecOf(only(await render(helm, values), 'Job')).template.spec.containers;
  if (container === undefined) throw new Error('the Job has no container');
  return environmentOf(container);
}

const databasesIn = (environment: object) =>
  Object.keys(environment).filter((name) => /^(DATABASE|POSTGRES|NEO4J)_/.test(name));

// As Vault's agent, the CSI driver for secrets, and operators with Secrets of their own give them.
describe.each(HELMS)('Helm %s: settings that come from elsewhere', (helm) => {
  test.each<[string, Values, readonly string[]]>([
    [
      'files of an agent',
      {
        neo4j: GRAPH,
        extraEnv: [
          { name: 'DATABASE_URL_FILE', value: '/vault/secrets/url' },
          { name: 'NEO4J_PASSWORD_FILE', value: '/vault/secrets/neo4j' },
        ],
      },
      ['NEO4J_URI', 'NEO4J_USER', 'DATABASE_URL_FILE', 'NEO4J_PASSWORD_FILE'],
    ],
    [
      'variables, each by its name',
      {
        extraEnv: ['POSTGRES_HOST', 'POSTGRES_DB', 'POSTGRES_USER', 'NEO4J_URI', 'NEO4J_PASSWORD'].map((name) => ({
          name,
          valueFrom: { secretKeyRef: { name: 'all', key: name } },
        })),
      },
      ['POSTGRES_HOST', 'POSTGRES_DB', 'POSTGRES_USER', 'NEO4J_URI', 'NEO4J_PASSWORD'],
    ],
    ['variables of a Secret', { extraEnvFrom: [{ secretRef: { name: 'all' } }] }, []],
    [
      'a key left empty',
      { ...EXISTING, neo4j: { ...GRAPH, existingSecret: 'g', keys: { password: '' } } },
      [
        'POSTGRES_PASSWORD_FILE',
        'POSTGRES_HOST',
        'POSTGRES_PORT',
        'POSTGRES_DB',
        'POSTGRES_USER',
        'NEO4J_URI',
        'NEO4J_USER',
      ],
    ],
  ])('%s', async (_what, values, names) => {
    expect(databasesIn(await environmentWith(helm, values)).toSorted()).toEqual(names.toSorted());
  });

  test('what is still missing is refused, with the way out', async () => {
    const said = await refusal(helm, { extraEnv: [{ name: 'POSTGRES_DB', value: 'x' }], neo4j: GRAPH });
    expect(said).toMatch(/PostgreSQL is not configured: .* name them in extraEnv \(DATABASE_URL_FILE, .*extraEnvFrom/);
    expect(said).toMatch(/Neo4j has no password: .* name it in extraEnv \(NEO4J_PASSWORD_FILE\)/);
  });
});

describe.each(HELMS)('Helm %s: a private authority', (helm) => {
  test.each([
    ['a ConfigMap', { existingConfigMap: 'ca', existingSecret: 'other' }, { configMap: 'ca' }],
    ['a Secret', { existingSecret: 'ca', keys: { ca: 'root.pem' } }, { secret: 'ca', key: 'root.pem' }],
  ])('for Neo4j from %s', async (_what, tls, { configMap, secret, key = 'ca.crt' }: Record<string, string>) => {
    const values = { ...EXISTING, neo4j: { uri: 'neo4j+s://g', existingSecret: 'graph', tls } };
    const path = '/run/secrets/localrag-migrate/neo4j-tls/ca.crt';
    expect(await environmentWith(helm, values)).toMatchObject({ NODE_EXTRA_CA_CERTS: path });
    const { volumes } = jobSpecOf(only(await render(helm, values), 'Job')).template.spec;
    const sources = volumes.flatMap(({ projected }) => projected?.sources ?? []);
    const items = [{ key, path: 'neo4j-tls/ca.crt' }];
    expect(sources).toContainEqual(
      configMap ? { configMap: { name: configMap, items } } : { secret: { name: secret, items } },
    );
  });
});
