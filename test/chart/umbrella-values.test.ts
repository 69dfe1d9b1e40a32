import { describe, expect, test } from 'vitest';
import { refusal, render, type Values } from './helm.ts';
import { HELMS, type Helm } from './helm-installation.ts';
import { type Container, environmentOf, jobSpecOf, type KubernetesObject, only, podOf } from './kubernetes.ts';
import { EXISTING, INLINE, MODES } from './values.ts';

const UMBRELLA = { chart: 'examples/umbrella' } as const;

const containersOf = (objects: readonly KubernetesObject[]): readonly Container[] =>
  objects.flatMap((object) => [...(podOf(object)?.initContainers ?? []), ...(podOf(object)?.containers ?? [])]);
const ours = (objects: readonly KubernetesObject[]) =>
  containersOf(objects).filter(({ image }) => image.includes('localrag-migrate'));

/** What a parent chart derives from the name of its release. */
const TEMPLATED: Values = {
  fullnameOverride: '{{ .Release.Name }}-schema',
  imagePullSecrets: [{ name: '{{ .Release.Name }}-registry' }],
  postgres: {
    host: '{{ .Release.Name }}-postgresql',
    database: '{{ .Release.Name }}',
    user: '{{ printf "%s-owner" .Release.Name }}',
    existingSecret: '{{ .Release.Name }}-postgresql',
    tls: { mode: 'verify-full', existingConfigMap: '{{ .Release.Name }}-ca' },
  },
  neo4j: {
    uri: '{{ .Values.global.scheme }}://{{ .Release.Name }}-neo4j:7687',
    existingSecret: '{{ .Release.Name }}-neo4j',
  },
  redis: { host: '{{ .Release.Name }}-redis' },
  migrations: { existingConfigMap: '{{ .Release.Name }}-migrations' },
  extraEnv: [{ name: 'NODE_OPTIONS', value: '--title={{ .Release.Name }}' }],
  extraEnvFrom: [{ configMapRef: { name: '{{ .Release.Name }}-more' } }],
  serviceAccount: { name: '{{ .Release.Name }}-account' },
  podLabels: { tenant: '{{ .Release.Name }}' },
};
const GLOBAL = { scheme: 'neo4j' };

const ENVIRONMENT = {
  POSTGRES_HOST: 'r-postgresql',
  POSTGRES_DB: 'r',
  POSTGRES_USER: 'r-owner',
  NEO4J_URI: 'neo4j://r-neo4j:7687',
  REDIS_HOST: 'r-redis',
  NODE_OPTIONS: '--title=r',
};

async function umbrella(helm: Helm, schema: Values, global: Values = {}): Promise<readonly KubernetesObject[]> {
  return render(helm, { schema, global }, UMBRELLA);
}

describe.each(HELMS)('Helm %s', (helm) => {
  test.each(MODES)('a parent chart enables and disables the chart in mode %s', async (mode) => {
    expect(ours(await umbrella(helm, { mode, enabled: true })).length).toBeGreaterThan(0);
    const disabled = await umbrella(helm, { mode, enabled: false });
    expect(ours(disabled)).toEqual([]);
    expect(disabled.map(({ kind }) => kind)).toEqual(['Deployment']);
  });

  test('a parent chart enables and disables the library', async () => {
    const app = { chart: 'examples/app' } as const;
    expect(ours(await render(helm, { schema: { enabled: true } }, app))).toHaveLength(1);
    expect(ours(await render(helm, { schema: { enabled: false } }, app))).toEqual([]);
  });

  test('enabled: false is refused where no parent chart has acted on it', async () => {
    expect(await refusal(helm, { ...EXISTING, enabled: false })).toMatch(/enabled is false, .*condition/);
  });

  test('the global registry overrides the own one, in every container', async () => {
    const objects = await umbrella(helm, { image: { registry: 'own.example' } }, { imageRegistry: 'mirror.example' });
    expect(ours(objects).length).toBeGreaterThan(3);
    for (const { image } of ours(objects)) expect(image).toBe('mirror.example/localrag/localrag-migrate:0.1.0');
    const app = await render(helm, { global: { imageRegistry: 'mirror.example' } }, { chart: 'examples/app' });
    expect(ours(app)[0]?.image).toBe('mirror.example/localrag/localrag-migrate:0.1.0');
  });

  test('global pull secrets are added to the own ones, by name or as objects, each once', async () => {
    const schema = { imagePullSecrets: [{ name: 'own' }] };
    const objects = await umbrella(helm, schema, { imagePullSecrets: ['mirror', { name: 'own' }] });
    const pods = objects.filter(({ kind }) => kind !== 'Deployment').flatMap((object) => podOf(object) ?? []);
    expect(pods.length).toBeGreaterThan(0);
    for (const pod of pods) expect(pod).toMatchObject({ imagePullSecrets: [{ name: 'own' }, { name: 'mirror' }] });
  });

  test.each(['hook', 'job'])('templates in values are evaluated in mode %s', async (mode) => {
    const objects = await umbrella(helm, { ...TEMPLATED, mode, neo4j: { ...(TEMPLATED.neo4j as Values) } }, GLOBAL);
    expect(JSON.stringify(objects)).not.toContain('{{');
    expect(only(objects, 'CronJob').metadata.name).toBe(mode === 'hook' ? 'r-schema-hook' : 'r-schema');
    for (const container of ours(objects)) {
      expect(environmentOf(container)).toMatchObject(ENVIRONMENT);
      expect(container.envFrom).toEqual([{ configMapRef: { name: 'r-more' } }]);
    }
    const { metadata, spec } = jobSpecOf(only(objects, 'CronJob')).template;
    expect(metadata.labels).toMatchObject({ tenant: 'r' });
    expect(spec).toMatchObject({ serviceAccountName: 'r-account', imagePullSecrets: [{ name: 'r-registry' }] });
    const projected = spec.volumes.flatMap(({ projected }) => projected?.sources ?? []);
    const names = projected.map(({ secret, configMap }) => (secret ?? configMap)?.name);
    expect(new Set(names)).toEqual(new Set(['r-postgresql', 'r-neo4j', 'r-ca']));
    expect(spec.volumes.flatMap(({ configMap }) => configMap?.name ?? [])).toEqual(['r-migrations']);
  });

  test('templates are evaluated in the Secret of a fleet and in the ports of a network policy', async () => {
    const fleet = { mode: 'fleet', fleet: { existingSecret: '{{ .Release.Name }}-tenants', tenants: ['a.env'] } };
    expect(JSON.stringify(await render(helm, fleet))).toContain('"secretName":"r-tenants"');
    const neo4j = { uri: 'bolt://{{ .Release.Name }}:{{ 7688 }}', existingSecret: 'graph' };
    const objects = await render(helm, { ...EXISTING, mode: 'job', neo4j, networkPolicy: { enabled: true } });
    expect(JSON.stringify(only(objects, 'NetworkPolicy').spec)).toContain('"port":7688');
  });

  test('a template that evaluates to nothing is a missing setting', async () => {
    const postgres = { host: '{{ "" }}', existingSecret: 'pg' };
    expect(await refusal(helm, { ...EXISTING, postgres })).toMatch(/PostgreSQL is not configured/);
  });

  test('passwords, migrations and annotations keep their braces', async () => {
    const text = '{{ not a template';
    const objects = await render(helm, {
      ...INLINE,
      mode: 'job',
      neo4j: { uri: 'bolt://g', password: text },
      migrations: { inline: { '001_first.sql': `SELECT '${text}';` } },
      podAnnotations: { 'vault.hashicorp.com/agent-inject-template-db': '{{ with secret "db" }}{{ end }}' },
    });
    const { 'neo4j-password': password = '' } = only(objects, 'Secret').data ?? {};
    expect(Buffer.from(password, 'base64').toString()).toBe(text);
    expect(only(objects, 'ConfigMap').data).toEqual({ '001_first.sql': `SELECT '${text}';` });
    expect(JSON.stringify(jobSpecOf(only(objects, 'Job')).template.metadata)).toContain('{{ with secret');
  });

  test('variables stay text where YAML has another reading', async () => {
    const postgres = { host: '1e3', database: '0123', user: 'yes', existingSecret: 'pg' };
    const extraEnv = [{ name: 'MORE', value: '12:30:00' }];
    const [container] = ours(await render(helm, { ...EXISTING, mode: 'job', postgres, extraEnv }));
    const expected = { POSTGRES_HOST: '1e3', POSTGRES_DB: '0123', POSTGRES_USER: 'yes', MORE: '12:30:00' };
    expect(container && environmentOf(container)).toMatchObject(expected);
  });

  describe('extraEnv', () => {
    const extraEnv = [
      { name: 'POSTGRES_HOST', value: 'other' },
      { name: 'LOG_LEVEL', value: 'debug' },
      { name: 'WAIT_TIMEOUT', value: '1s' },
      { name: 'NEO4J_PASSWORD', valueFrom: { secretKeyRef: { name: 'vault', key: 'graph' } } },
      { name: 'MORE', value: '1' },
      { name: 'MORE', value: '2' },
    ];

    test.each([
      ['charts/localrag-migrate', { ...EXISTING, extraEnv }],
      ['examples/umbrella', { schema: { extraEnv } }],
      ['examples/app', { schema: { extraEnv } }],
    ] as const)('overrides what is built in, in every container of %s', async (chart, values) => {
      const containers = ours(await render(helm, values, { chart }));
      expect(containers.length).toBeGreaterThan(0);
      for (const container of containers) {
        const names = container.env.map(({ name }) => name);
        expect(new Set(names).size).toBe(names.length);
        expect(environmentOf(container)).toMatchObject({
          POSTGRES_HOST: 'other',
          LOG_LEVEL: 'debug',
          WAIT_TIMEOUT: '1s',
          NEO4J_PASSWORD: 'vault/graph',
          MORE: '2',
          POSTGRES_DB: 'localrag',
        });
        // The program refuses a setting beside the file with it.
        expect(names).not.toContain('NEO4J_PASSWORD_FILE');
      }
    });

    test('overrides a setting that the chart reads from a Secret', async () => {
      const postgres = { existingSecret: 'pg', keys: { host: 'host' } };
      const [container] = ours(await render(helm, { ...EXISTING, mode: 'job', postgres, extraEnv }));
      expect(container?.env.filter(({ name }) => name === 'POSTGRES_HOST')).toEqual([extraEnv[0]]);
    });
  });
});
