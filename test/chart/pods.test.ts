import { describe, expect, test } from 'vitest';
import { type Chart, render, type Values } from './helm.ts';
import { HELMS } from './helm-installation.ts';
import { type Container, type KubernetesObject, podOf } from './kubernetes.ts';
import { EVERYTHING, EXISTING, MODES } from './values.ts';

const CASES: readonly (readonly [string, Chart, Values])[] = [
  ...MODES.map((mode) => [`mode ${mode}`, 'charts/localrag-migrate', { ...EVERYTHING, mode }] as const),
  ['mode hook with Argo CD', 'charts/localrag-migrate', { ...EXISTING, argocd: { enabled: true } }],
  ['an application that waits', 'examples/app', {}],
  ['an application that migrates', 'examples/app', { initContainer: 'migrate' }],
  ['an application with its migrations', 'examples/umbrella', {}],
];

const containersOf = (object: KubernetesObject): readonly Container[] => {
  const pod = podOf(object);
  return [...(pod?.initContainers ?? []), ...(pod?.containers ?? [])];
};

describe.each(HELMS)('Helm %s', (helm) => {
  describe.each(CASES)('%s', (_what, chart, values) => {
    /** The standard's fields, which the API server holds against the pod in a namespace that enforces it. */
    test('every pod keeps the restricted Pod Security Standard', async () => {
      const objects = (await render(helm, values, { chart })).filter((object) => podOf(object));
      expect(objects.length).toBeGreaterThan(0);
      for (const object of objects) {
        expect(podOf(object)?.securityContext).toMatchObject({
          runAsNonRoot: true,
          seccompProfile: { type: 'RuntimeDefault' },
        });
        for (const { securityContext } of containersOf(object)) {
          expect(securityContext).toMatchObject({ allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } });
          expect(securityContext).not.toHaveProperty('privileged');
        }
      }
    });

    test('our container keeps it in any pod, writes to /tmp alone, and says why it ended', async () => {
      const ours = (await render(helm, values, { chart })).flatMap((object) =>
        containersOf(object).filter(({ image }) => image.includes('localrag/localrag-migrate')),
      );
      expect(ours.length).toBeGreaterThan(0);
      for (const container of ours) {
        expect(container.securityContext).toEqual({
          runAsNonRoot: true,
          runAsUser: 65532,
          runAsGroup: 65532,
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
          seccompProfile: { type: 'RuntimeDefault' },
        });
        const writable = container.volumeMounts.filter(({ readOnly }) => !readOnly);
        expect(writable).toEqual([{ name: 'localrag-migrate-tmp', mountPath: '/tmp' }]);
        expect(container.terminationMessagePolicy).toBe('FallbackToLogsOnError');
        // The program writes to the default path, /dev/termination-log.
        expect(container).not.toHaveProperty('terminationMessagePath');
        expect(container.resources).toMatchObject({ requests: { cpu: '50m' }, limits: { memory: '256Mi' } });
        // A command would replace the image's entry point, which handles signals as PID 1.
        expect(container).not.toHaveProperty('command');
      }
    });

    test('every mount has its volume', async () => {
      for (const object of await render(helm, values, { chart })) {
        const volumes = podOf(object)?.volumes.map(({ name }) => name) ?? [];
        const mounts = containersOf(object).flatMap(({ volumeMounts }) => volumeMounts ?? []);
        for (const { name } of mounts) expect(volumes).toContain(name);
      }
    });
  });

  test("the chart's own pods have no token and no variables of Services", async () => {
    for (const object of await render(helm, EVERYTHING)) {
      const pod = podOf(object);
      if (pod === undefined) continue;
      expect(pod.automountServiceAccountToken).toBe(false);
      expect(pod.enableServiceLinks).toBe(false);
    }
  });

  test('all pods of the chart are one: they differ in what they are told to do, and in whose copies they mount', async () => {
    const pods = (await render(helm, EXISTING)).flatMap((object) => podOf(object) ?? []);
    const same = pods.map((pod) => ({
      ...pod,
      containers: pod.containers.map((it) => ({ ...it, args: [], name: '' })),
    }));
    expect(pods).toHaveLength(3);
    for (const pod of same) expect(pod).toEqual(same[0]);
  });

  test.each([
    ['auto', ['security.openshift.io/v1'], true],
    ['auto', [], false],
    ['force', [], true],
    ['disabled', ['security.openshift.io/v1'], false],
  ])('adaptSecurityContext %s on a cluster with %j leaves the ids out: %s', async (adapt, apiVersions, adapted) => {
    const openshift = { adaptSecurityContext: adapt };
    const own = await render(helm, { ...EVERYTHING, openshift }, { apiVersions });
    const umbrella = await render(helm, { schema: { openshift } }, { chart: 'examples/umbrella', apiVersions });
    const pods = own.flatMap((object) => podOf(object) ?? []);
    const init = umbrella.flatMap((object) => podOf(object)?.initContainers ?? []);
    const contexts = [
      ...pods.map((pod) => pod.securityContext),
      ...[...pods.flatMap((pod) => pod.containers), ...init].map((container) => container.securityContext),
    ];
    expect(contexts.length).toBeGreaterThan(4);
    for (const context of contexts) {
      expect(context).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      const ids = Object.keys(context ?? {}).filter((key) => ['runAsUser', 'runAsGroup', 'fsGroup'].includes(key));
      expect(ids.length > 0).toBe(!adapted);
    }
  });
});
