import { describe, expect, test } from 'vitest';
import { lint, render, type Values } from './helm.ts';
import { HELMS, type Helm } from './helm-installation.ts';
import { environmentOf, jobSpecOf, only, phaseOf } from './kubernetes.ts';
import { EVERYTHING, EXISTING, MODES } from './values.ts';

const jobWith = async (helm: Helm, values: Values, name = 'r') =>
  only(await render(helm, { ...EXISTING, mode: 'job', ...values }, { name }), 'Job');
const podWith = async (helm: Helm, values: Values) => jobSpecOf(await jobWith(helm, values)).template.spec;
const imageWith = async (helm: Helm, image: Values) => (await podWith(helm, { image })).containers[0]?.image;

const DIGEST = `sha256:${'ab'.repeat(32)}`;

describe.each(HELMS)('Helm %s', (helm) => {
  test.each(MODES)('lint --strict has nothing to say to mode %s', async (mode) => {
    const { failed, stdout } = await lint(helm, 'charts/localrag-migrate', { ...EVERYTHING, mode });
    expect(failed, stdout).toBe(false);
    expect(stdout).not.toMatch(/\[(WARNING|ERROR)\]/);
  });

  test.each(['charts/localrag-migrate-lib', 'examples/app', 'examples/umbrella'] as const)(
    'nor to %s',
    async (chart) => {
      const { failed, stdout } = await lint(helm, chart, {});
      expect(failed, stdout).toBe(false);
    },
  );

  test('a digest overrides the tag, a registry stands in front', async () => {
    expect(await imageWith(helm, {})).toBe('ghcr.io/localrag/localrag-migrate:0.1.0');
    expect(await imageWith(helm, { tag: '2' })).toBe('ghcr.io/localrag/localrag-migrate:2');
    expect(await imageWith(helm, { tag: '2', digest: DIGEST })).toBe(`ghcr.io/localrag/localrag-migrate@${DIGEST}`);
    expect(await imageWith(helm, { registry: 'r.example:5000', repository: 'm' })).toBe('r.example:5000/m:0.1.0');
    expect(await imageWith(helm, { registry: '' })).toBe('localrag/localrag-migrate:0.1.0');
  });

  test.each([
    ['rag', {}, 'rag-migrate'],
    ['localrag-migrate', {}, 'localrag-migrate'],
    ['rag', { nameOverride: 'schema' }, 'rag-schema'],
    ['rag', { fullnameOverride: 'other' }, 'other'],
    ['a'.repeat(53), {}, 'a'.repeat(47)],
  ])('a release called %s with %o makes the CronJob %s', async (name, values, expected) => {
    const objects = await render(helm, { ...EXISTING, ...values }, { name });
    expect(only(objects, 'CronJob').metadata.name).toBe(`${expected}-hook`);
    // Kubernetes' limit for the name of a CronJob.
    expect(`${expected}-hook`.length).toBeLessThanOrEqual(52);
    const longest = only(await render(helm, { ...EXISTING, mode: 'job', ...values }, { name }), 'Job').metadata.name;
    // A Job's name becomes a label of its pods.
    expect(longest.length).toBeLessThanOrEqual(63);
  });

  test('names that look like numbers stay text', async () => {
    const objects = await render(
      helm,
      { ...EVERYTHING, fullnameOverride: '1e3', nameOverride: '0123', image: { tag: '1.10' } },
      { name: '123' },
    );
    for (const { metadata } of objects) {
      const texts = [metadata.name, metadata.namespace, ...Object.values(metadata.labels ?? {})];
      for (const text of texts) expect(typeof text).toBe('string');
    }
    expect(only(objects, 'CronJob').metadata).toMatchObject({
      name: '1e3-hook',
      labels: { 'app.kubernetes.io/instance': '123', 'app.kubernetes.io/version': '1.10' },
    });
  });

  test('every object and pod has the labels of Kubernetes and of the site, and lies in the namespace', async () => {
    const commonLabels = { team: 'data', 'app.kubernetes.io/part-of': 'search', 'app.kubernetes.io/instance': 'no' };
    const commonAnnotations = { owner: 'data@example.org' };
    const objects = await render(helm, { ...EVERYTHING, commonLabels, commonAnnotations });
    for (const object of objects) {
      const makesPods = object.kind === 'CronJob' || (object.kind === 'Job' && phaseOf(object) !== 'post-delete');
      const pods = makesPods ? [jobSpecOf(object).template.metadata] : [];
      for (const { labels, annotations } of [object.metadata, ...pods]) {
        expect(labels, object.kind).toMatchObject({
          'app.kubernetes.io/name': 'localrag-migrate',
          'app.kubernetes.io/instance': 'r',
          'app.kubernetes.io/component': 'migrate',
          'app.kubernetes.io/part-of': 'search',
          'app.kubernetes.io/version': '0.1.0',
          'app.kubernetes.io/managed-by': 'Helm',
          'helm.sh/chart': 'localrag-migrate-0.1.0',
          team: 'data',
        });
        expect(annotations, object.kind).toMatchObject(commonAnnotations);
      }
      expect(object.metadata.namespace).toBe('rag');
    }
  });

  test('what a site adds to the pod is in it', async () => {
    const pod = {
      imagePullSecrets: [{ name: 'registry' }],
      nodeSelector: { disk: 'ssd' },
      tolerations: [{ key: 'batch', operator: 'Exists', effect: 'NoSchedule' }],
      affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [] } },
      topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway' }],
      priorityClassName: 'high',
      runtimeClassName: 'gvisor',
      schedulerName: 'other',
      hostAliases: [{ ip: '10.0.0.1', hostnames: ['db.example'] }],
      dnsPolicy: 'None',
      dnsConfig: { nameservers: ['10.0.0.2'] },
      terminationGracePeriodSeconds: 99,
    };
    const values = {
      ...pod,
      podAnnotations: { note: 'x' },
      podLabels: { tier: 'data' },
      podSecurityContext: { fsGroup: null, supplementalGroups: [7] },
      extraEnv: [{ name: 'NODE_EXTRA_CA_CERTS', value: '/ca/ca.crt' }],
      extraEnvFrom: [{ configMapRef: { name: 'more' } }],
      extraVolumes: [{ name: 'ca', configMap: { name: 'ca' } }],
      extraVolumeMounts: [{ name: 'ca', mountPath: '/ca', readOnly: true }],
      extraInitContainers: [{ name: 'first', image: 'first' }],
      extraContainers: [{ name: 'beside', image: '{{ .Release.Name }}/beside' }],
      resources: { limits: { cpu: '1' } },
      serviceAccount: { name: 'migrator', automount: true },
    };
    const { metadata, spec } = jobSpecOf(await jobWith(helm, values)).template;
    expect(spec).toMatchObject(pod);
    expect(metadata).toMatchObject({ annotations: { note: 'x' }, labels: { tier: 'data' } });
    expect(spec.securityContext).toMatchObject({ supplementalGroups: [7], runAsNonRoot: true });
    expect(spec.securityContext).not.toHaveProperty('fsGroup');
    expect(spec).toMatchObject({ serviceAccountName: 'migrator', automountServiceAccountToken: true });
    expect(spec.initContainers).toEqual(values.extraInitContainers);
    expect(spec.volumes).toContainEqual(values.extraVolumes[0]);
    const [container, ...others] = spec.containers;
    expect(others).toEqual([{ name: 'beside', image: 'r/beside' }]);
    expect(container?.volumeMounts).toContainEqual(values.extraVolumeMounts[0]);
    expect(container?.envFrom).toEqual(values.extraEnvFrom);
    expect(container?.resources.limits).toEqual({ cpu: '1', memory: '256Mi' });
    expect(container && environmentOf(container)).toMatchObject({ NODE_EXTRA_CA_CERTS: '/ca/ca.crt' });
  });

  test('the Job has the numbers and annotations it is given', async () => {
    const job = { activeDeadlineSeconds: 7200, backoffLimit: 0, ttlSecondsAfterFinished: 60, annotations: { a: 'b' } };
    const made = await jobWith(helm, { job });
    expect(jobSpecOf(made)).toMatchObject({
      activeDeadlineSeconds: 7200,
      backoffLimit: 0,
      ttlSecondsAfterFinished: 60,
    });
    expect(made.metadata.annotations).toEqual({ a: 'b' });
    expect(jobSpecOf(await jobWith(helm, {}))).not.toHaveProperty('ttlSecondsAfterFinished');
    // Large numbers become 1e+06, and 0 becomes nothing, where a template does not look out.
    const extreme = { activeDeadlineSeconds: 1_000_000, backoffLimit: 2_000_000, ttlSecondsAfterFinished: 0 };
    const { spec } = await jobWith(helm, { job: extreme, terminationGracePeriodSeconds: 3_000_000 });
    expect(spec).toMatchObject({ ...extreme, template: { spec: { terminationGracePeriodSeconds: 3_000_000 } } });
  });

  test('budgets and log reach the program', async () => {
    const timeouts = {
      wait: '1m',
      lock: '2m',
      statement: '3m',
      ddlLock: '4s',
      ddlLockRetryFor: '5s',
      shutdownGrace: '6s',
    };
    const [container] = (await podWith(helm, { timeouts, log: { format: 'json', level: 'debug' } })).containers;
    expect(container && environmentOf(container)).toMatchObject({
      WAIT_TIMEOUT: '1m',
      LOCK_TIMEOUT: '2m',
      STATEMENT_TIMEOUT: '3m',
      DDL_LOCK_TIMEOUT: '4s',
      DDL_LOCK_RETRY_FOR: '5s',
      SHUTDOWN_GRACE: '6s',
      LOG_FORMAT: 'json',
      LOG_LEVEL: 'debug',
    });
  });

  test('further objects are rendered, as objects and as templates', async () => {
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: '{{ .Release.Name }}-more' } };
    const text = 'apiVersion: v1\nkind: Secret\nmetadata:\n  name: {{ .Values.scope }}\n';
    const objects = await render(helm, { ...EXISTING, extraObjects: [object, text] });
    expect(only(objects, 'ConfigMap').metadata.name).toBe('r-more');
    expect(only(objects, 'Secret').metadata.name).toBe('both');
  });
});
