import { describe, expect, test } from 'vitest';
import { render, type Values } from './helm.ts';
import { HELMS, type Helm } from './helm-installation.ts';
import { environmentOf, only, type PodSpec, podOf } from './kubernetes.ts';
import { EXISTING } from './values.ts';

const SECRETS = '/run/secrets/localrag-migrate';

async function podWith(helm: Helm, values: Values): Promise<PodSpec> {
  const pod = podOf(only(await render(helm, { ...EXISTING, mode: 'job', ...values }), 'Job'));
  if (pod === undefined) throw new Error('the Job has no pod');
  return pod;
}

/** The variables about the databases, without the budgets and the log. */
async function connectionWith(helm: Helm, values: Values): Promise<Readonly<Record<string, string>>> {
  const [container] = (await podWith(helm, values)).containers;
  const variables = Object.entries(container ? environmentOf(container) : {});
  return Object.fromEntries(variables.filter(([name]) => /^(DATABASE|POSTGRES|NEO4J|REDIS|MIGRATIONS)_/.test(name)));
}

/** Mounted files by their path, each with what it comes from. */
async function filesWith(helm: Helm, values: Values): Promise<Readonly<Record<string, string>>> {
  const sources = (await podWith(helm, values)).volumes.flatMap(({ projected }) => projected?.sources ?? []);
  const files = sources.flatMap(({ secret, configMap }) => {
    const { name = '', items = [] } = secret ?? configMap ?? {};
    return items.map(({ key, path }) => [path, `${secret ? 'Secret' : 'ConfigMap'}/${name}/${key}`]);
  });
  return Object.fromEntries(files);
}

const GRAPH = {
  NEO4J_URI: 'neo4j://graph.example:7687',
  NEO4J_USER: 'neo4j',
  NEO4J_PASSWORD_FILE: `${SECRETS}/neo4j-password`,
};
const GRAPH_FILES = { 'neo4j-password': 'Secret/graph/password' };

describe.each(HELMS)('Helm %s', (helm) => {
  test('settings are variables, passwords are files', async () => {
    expect(await connectionWith(helm, {})).toEqual({
      POSTGRES_HOST: 'db.example',
      POSTGRES_PORT: '5432',
      POSTGRES_DB: 'localrag',
      POSTGRES_USER: 'localrag',
      POSTGRES_PASSWORD_FILE: `${SECRETS}/postgres-password`,
      ...GRAPH,
    });
    expect(await filesWith(helm, {})).toEqual({ 'postgres-password': 'Secret/pg/password', ...GRAPH_FILES });
  });

  test('a URL in the values goes into the Secret of the chart, and nothing is said beside it', async () => {
    const postgres = { url: 'postgresql://localrag:hunter2@db.example/localrag' };
    expect(await connectionWith(helm, { postgres })).toEqual({
      DATABASE_URL_FILE: `${SECRETS}/postgres-url`,
      ...GRAPH,
    });
    expect(await filesWith(helm, { postgres })).toEqual({
      'postgres-url': 'Secret/r-migrate/postgres-url',
      ...GRAPH_FILES,
    });
  });

  test("an operator's Secret with a URL is enough", async () => {
    const postgres = { existingSecret: 'cluster-app', keys: { url: 'uri' } };
    expect(await connectionWith(helm, { postgres })).toEqual({
      DATABASE_URL_FILE: `${SECRETS}/postgres-url`,
      ...GRAPH,
    });
    expect(await filesWith(helm, { postgres })).toEqual({ 'postgres-url': 'Secret/cluster-app/uri', ...GRAPH_FILES });
  });

  test("an operator's Secret with every setting is enough", async () => {
    const keys = { host: 'host', port: 'port', database: 'dbname', user: 'user', password: 'password' };
    const values = {
      postgres: { existingSecret: 'cluster-app', keys },
      neo4j: { existingSecret: 'aura', keys: { uri: 'URI', user: 'USER', password: 'PASSWORD' } },
    };
    expect(await connectionWith(helm, values)).toEqual({
      POSTGRES_HOST: 'cluster-app/host',
      POSTGRES_PORT: 'cluster-app/port',
      POSTGRES_DB: 'cluster-app/dbname',
      POSTGRES_USER: 'cluster-app/user',
      POSTGRES_PASSWORD_FILE: `${SECRETS}/postgres-password`,
      NEO4J_URI: 'aura/URI',
      NEO4J_USER: 'aura/USER',
      NEO4J_PASSWORD_FILE: `${SECRETS}/neo4j-password`,
    });
    expect(await filesWith(helm, values)).toEqual({
      'postgres-password': 'Secret/cluster-app/password',
      'neo4j-password': 'Secret/aura/PASSWORD',
    });
  });

  test('certificates are files too; the root certificate may come from a ConfigMap', async () => {
    const keys = { cert: 'tls.crt', key: 'tls.key' };
    const tls = { mode: 'verify-full', existingSecret: 'client', existingConfigMap: 'trust', keys };
    const postgres = { host: 'db.example', existingSecret: 'pg', keys: { password: '' }, tls };
    expect(await connectionWith(helm, { postgres })).toMatchObject({
      POSTGRES_SSLMODE: 'verify-full',
      POSTGRES_SSLROOTCERT: `${SECRETS}/postgres-tls/ca.crt`,
      POSTGRES_SSLCERT: `${SECRETS}/postgres-tls/tls.crt`,
      POSTGRES_SSLKEY: `${SECRETS}/postgres-tls/tls.key`,
    });
    expect(await filesWith(helm, { postgres })).toEqual({
      'postgres-tls/ca.crt': 'ConfigMap/trust/ca.crt',
      'postgres-tls/tls.crt': 'Secret/client/tls.crt',
      'postgres-tls/tls.key': 'Secret/client/tls.key',
      ...GRAPH_FILES,
    });
    const fromSecret = { ...postgres, tls: { existingSecret: 'authority' } };
    expect(await filesWith(helm, { postgres: fromSecret })).toEqual({
      'postgres-tls/ca.crt': 'Secret/authority/ca.crt',
      ...GRAPH_FILES,
    });
  });

  test('Redis is told where it is configured', async () => {
    expect(
      await connectionWith(helm, { redis: { host: 'cache', database: 2, existingSecret: 'cache' } }),
    ).toMatchObject({
      REDIS_HOST: 'cache',
      REDIS_PORT: '6379',
      REDIS_DB: '2',
      REDIS_PASSWORD_FILE: `${SECRETS}/redis-password`,
    });
    const url = await connectionWith(helm, { redis: { url: 'redis://:hunter2@cache' } });
    expect(Object.keys(url).filter((name) => name.startsWith('REDIS'))).toEqual(['REDIS_URL_FILE']);
  });

  test.each([
    ['postgres', { postgres: { host: 'db', existingSecret: 'pg' } }, /^NEO4J/],
    ['neo4j', { neo4j: { uri: 'bolt://g', existingSecret: 'graph' } }, /^(POSTGRES|DATABASE)/],
  ])('scope %s leaves the other database out', async (scope, values, other) => {
    const objects = await render(helm, { mode: 'job', scope, extraArgs: ['--allow-out-of-order'], ...values });
    const [container] = podOf(only(objects, 'Job'))?.containers ?? [];
    expect(container?.args).toEqual([scope, 'migrate', '--allow-out-of-order']);
    expect(container?.env.filter(({ name }) => other.test(name))).toEqual([]);
    expect(podOf(only(objects, 'Pod'))?.containers[0]?.args).toEqual([scope, 'verify']);
  });

  test.each([
    ['the image', {}, undefined],
    ['a ConfigMap', { existingConfigMap: 'migrations' }, 'migrations'],
    ['the values', { inline: { '007_more.cypher': 'RETURN 1;' } }, expect.stringMatching(/^r-migrate-[0-9a-f]{8}$/)],
  ])('migrations come from %s', async (_what, migrations, configMap) => {
    const pod = await podWith(helm, { migrations });
    const mounts = pod.containers[0]?.volumeMounts ?? [];
    const mounted = mounts.find(({ name }) => name === 'localrag-migrate-migrations')?.mountPath;
    expect(pod.volumes.flatMap(({ configMap }) => configMap?.name ?? [])).toEqual(configMap ? [configMap] : []);
    expect((await connectionWith(helm, { migrations })).MIGRATIONS_DIR).toBe(mounted);
    expect(mounted === undefined).toBe(configMap === undefined);
  });

  test('inline migrations are files as they were written', async () => {
    const inline = { '001_first.sql': "-- O'Reilly\nSELECT $$ {{ 1 }} $$;\n", '002_second.cypher': 'RETURN "ü";' };
    const configMap = only(await render(helm, { ...EXISTING, mode: 'job', migrations: { inline } }), 'ConfigMap');
    expect(configMap.data).toEqual(inline);
  });
});
