import { describe, expect, test } from 'vitest';
import { refusal, render } from './helm.ts';
import { HELMS } from './helm-installation.ts';
import { environmentOf, jobSpecOf, type KubernetesObject, only, phaseOf, podOf } from './kubernetes.ts';
import { EVERYTHING, EXISTING, FLEET } from './values.ts';

const annotationsOf = ({ metadata }: KubernetesObject) => metadata.annotations ?? {};

describe.each(HELMS)('Helm %s', (helm) => {
  describe('Argo CD', () => {
    test.each([
      ['PreSync', 0],
      ['Sync', 20],
    ])('runs the Job in phase %s, wave %i, after what it needs', async (phase, wave) => {
      const objects = await render(helm, { ...EVERYTHING, argocd: { enabled: true, phase, wave } });
      const hook = objects.filter((object) => phaseOf(object) === phase);
      const waves = hook.map(({ kind, metadata }) => [kind, metadata.annotations?.['argocd.argoproj.io/sync-wave']]);
      expect(Object.fromEntries(waves)).toEqual({
        NetworkPolicy: String(wave - 10),
        ServiceAccount: String(wave - 10),
        ConfigMap: String(wave - 5),
        Secret: String(wave - 5),
        Job: String(wave),
      });
      for (const object of hook) {
        expect(annotationsOf(object)['argocd.argoproj.io/hook-delete-policy']).toBe('BeforeHookCreation');
      }
    });

    test("has no hook of Helm's but the test, nothing twice, and nothing that deletes itself", async () => {
      const objects = await render(helm, { ...EVERYTHING, argocd: { enabled: true } });
      const helms = objects.filter((object) => 'helm.sh/hook' in annotationsOf(object));
      expect(helms.map(phaseOf)).toEqual(['test']);
      const names = objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
      expect(new Set(names).size).toBe(names.length);
      expect(jobSpecOf(only(objects, 'Job'))).not.toHaveProperty('ttlSecondsAfterFinished');
    });

    test('does not call an application suspended for a CronJob that is meant to be', async () => {
      const values = { ...EXISTING, argocd: { enabled: true } };
      expect(annotationsOf(only(await render(helm, values), 'CronJob'))).toEqual({
        'argocd.argoproj.io/ignore-healthcheck': 'true',
      });
      expect(phaseOf(only(await render(helm, values), 'CronJob'))).toBe('release');
      // Without argocd.enabled it is Helm's hook, and Argo CD would wait for it forever.
      expect(annotationsOf(only(await render(helm, EXISTING), 'CronJob'))).toMatchObject({
        'argocd.argoproj.io/hook': 'Skip',
      });
      expect(annotationsOf(only(await render(helm, { ...EXISTING, mode: 'job' }), 'CronJob'))).toEqual({});
    });

    test('in mode job replaces the Job with every sync', async () => {
      const values = { ...EXISTING, mode: 'job', argocd: { enabled: true, wave: 3 } };
      const job = only(await render(helm, values), 'Job');
      // Argo CD renders every revision as the first: a name with the revision in it would never change.
      expect(job.metadata.name).toBe('r-migrate');
      expect(annotationsOf(job)).toEqual({
        'argocd.argoproj.io/hook': 'Sync',
        'argocd.argoproj.io/hook-delete-policy': 'BeforeHookCreation',
        'argocd.argoproj.io/sync-wave': '3',
      });
    });

    test.each(['hook', 'fleet'])('in mode %s has an object besides hooks that changes with the image', async (mode) => {
      const values = { ...(mode === 'fleet' ? FLEET : EXISTING), argocd: { enabled: true } };
      const [before, after] = await Promise.all(
        ['1', '2'].map(async (tag) => only(await render(helm, { ...values, image: { tag } }), 'CronJob', /release/)),
      );
      expect(after).not.toEqual(before);
      const without = await refusal(helm, { ...values, cronJob: { enabled: false } });
      expect(without).toMatch(/cronJob\.enabled is false, but Argo CD never syncs/);
    });
  });

  describe('a mesh', () => {
    const podWith = async (mode: string) =>
      jobSpecOf(only(await render(helm, { ...EXISTING, mesh: { mode } }), 'Job', /pre-/)).template.metadata;

    test('is not mentioned in mode auto', async () => {
      const { annotations, labels } = await podWith('auto');
      expect(annotations).toBeUndefined();
      expect(Object.keys(labels ?? {}).filter((label) => /istio|linkerd/.test(label))).toEqual([]);
    });

    test('stays away in mode disableInjection', async () => {
      const { annotations, labels } = await podWith('disableInjection');
      // Kuma reads the label; as an annotation it has no effect.
      expect(labels).toMatchObject({ 'sidecar.istio.io/inject': 'false', 'kuma.io/sidecar-injection': 'disabled' });
      expect(annotations).toEqual({
        'linkerd.io/inject': 'disabled',
        'consul.hashicorp.com/connect-inject': 'false',
      });
    });

    test("is asked to end in mode quit, by the chart's own pods and not by an application's", async () => {
      const mesh = { mode: 'quit' };
      for (const pod of (await render(helm, { ...EXISTING, mesh })).flatMap((object) => podOf(object) ?? [])) {
        const environment = pod.containers.map(environmentOf);
        expect(environment).toMatchObject([{ SIDECAR_QUIT_URL: 'http://127.0.0.1:15020/quitquitquit' }]);
      }
      const objects = await render(helm, { schema: { mesh } }, { chart: 'examples/umbrella' });
      const [init] = podOf(only(objects, 'Deployment'))?.initContainers ?? [];
      expect(init && environmentOf(init)).not.toHaveProperty('SIDECAR_QUIT_URL');
      const [container] = podOf(only(objects, 'Job'))?.containers ?? [];
      expect(container && environmentOf(container)).toHaveProperty('SIDECAR_QUIT_URL');
    });

    test('puts a sidecar that ends with the Job in mode nativeSidecar', async () => {
      expect((await podWith('nativeSidecar')).annotations).toEqual({
        'sidecar.istio.io/nativeSidecar': 'true',
        'config.beta.linkerd.io/proxy-enable-native-sidecar': 'true',
      });
    });
  });
});
