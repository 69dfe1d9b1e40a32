import { describe, expect, test } from 'vitest';
import { render } from './helm.ts';
import { HELMS } from './helm-installation.ts';
import { type KubernetesObject, needsOf, only, phaseOf, podOf } from './kubernetes.ts';
import { EVERYTHING, EXISTING, INLINE, MODES } from './values.ts';

const identityOf = ({ kind, metadata }: KubernetesObject) => `${kind}/${metadata.name}`;
const identitiesIn = (objects: readonly KubernetesObject[], phase: RegExp) =>
  objects.filter((object) => phase.test(phaseOf(object))).map(identityOf);
const weightOf = ({ metadata }: KubernetesObject) => Number(metadata.annotations?.['helm.sh/hook-weight']);

// What is only named in the values is somebody else's, and must be there before.
const OTHERS = ['Secret/pg', 'Secret/graph'];

describe.each(HELMS)('Helm %s', (helm) => {
  describe.each([
    ['Secrets that exist', EXISTING],
    ['passwords in the values', INLINE],
    ['everything', EVERYTHING],
  ])('with %s', (_what, values) => {
    test('no object of the hook is an object of the release', async () => {
      const objects = await render(helm, values);
      const release = identitiesIn(objects, /^release$/);
      expect(identitiesIn(objects, /pre-|post-/).filter((identity) => release.includes(identity))).toEqual([]);
    });

    test("what the hook's pod needs is made by the hook, before it", async () => {
      const objects = await render(helm, values);
      const job = only(objects, 'Job', /pre-/);
      const pod = podOf(job);
      if (pod === undefined) throw new Error('the Job has no pod');
      for (const need of needsOf(pod).filter((need) => !OTHERS.includes(need))) {
        const made = objects.filter((object) => identityOf(object) === need && /pre-/.test(phaseOf(object)));
        expect(made, need).toHaveLength(1);
        for (const object of made) expect(weightOf(object), need).toBeLessThan(weightOf(job));
      }
    });

    test.each(MODES)("in mode %s, what the release's pods need is made by the release", async (mode) => {
      const objects = await render(helm, { ...values, mode });
      const made = [...identitiesIn(objects, /^release$/), ...OTHERS];
      for (const object of objects.filter((object) => /^(release|test)$/.test(phaseOf(object)))) {
        const pod = podOf(object);
        if (pod) expect(made, identityOf(object)).toEqual(expect.arrayContaining([...needsOf(pod)]));
      }
    });

    test('by default each object is rendered once, as kustomize and Flux require', async () => {
      const identities = (await render(helm, values)).map(identityOf);
      expect(new Set(identities).size).toBe(identities.length);
    });

    test('what a hook makes has the label by which one command deletes it', async () => {
      for (const object of await render(helm, values)) {
        const isHook = /^pre-/.test(phaseOf(object));
        expect(object.metadata.labels?.['localrag-migrate/hook'], identityOf(object)).toBe(isHook ? 'true' : undefined);
      }
    });

    test('with hook.cleanup uninstalling deletes what a hook makes', async () => {
      const objects = await render(helm, { ...values, hook: { cleanup: true } });
      expect(identitiesIn(objects, /^post-delete$/).sort()).toEqual(identitiesIn(objects, /^pre-install/).sort());
      for (const object of objects.filter((object) => phaseOf(object) === 'post-delete')) {
        expect(object.metadata.annotations?.['helm.sh/hook-delete-policy']).toBe('before-hook-creation,hook-succeeded');
        if (object.kind === 'Job') expect(object.spec?.completions).toBe(0);
      }
    });

    test('a tool that takes hooks for ordinary objects, and keeps the last of two with one name, keeps the one that migrates', async () => {
      const all = await render(helm, { ...values, hook: { cleanup: true } });
      const objects = new Map(all.map((object) => [identityOf(object), phaseOf(object)]));
      expect([...objects.values()]).not.toContain('post-delete');
    });
  });

  test('only what is made by the hook is deleted', async () => {
    expect(identitiesIn(await render(helm, EVERYTHING), /^post-delete$/)).toEqual([]);
    const job = { ...EVERYTHING, mode: 'job', hook: { cleanup: true } };
    expect(identitiesIn(await render(helm, job), /pre-|post-/)).toEqual([]);
  });

  test('the Secret holds the passwords as they are, for the hook and for the release', async () => {
    const secrets = (await render(helm, INLINE)).filter(({ kind, data }) => kind === 'Secret' && data);
    expect(secrets.map(({ metadata }) => metadata.name).sort()).toEqual(['r-migrate', 'r-migrate-hook']);
    for (const { data } of secrets) {
      const decoded = Object.entries(data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]);
      expect(Object.fromEntries(decoded)).toEqual({
        'neo4j-password': 'hunter2-neo4j',
        'postgres-password': 'hunter2-postgres',
      });
    }
  });

  test('passwords stand in Secrets and nowhere else', async () => {
    const others = (await render(helm, EVERYTHING)).filter(({ kind }) => kind !== 'Secret');
    expect(JSON.stringify(others)).not.toMatch(/hunter2|aHVudGVyMi/);
  });

  test('a service account of its own has a copy for the hook, and no rights', async () => {
    const annotations = { 'iam.example/role': 'migrator' };
    const objects = await render(helm, {
      ...EXISTING,
      serviceAccount: { create: true, name: 'migrator', annotations },
    });
    const accounts = objects.filter(({ kind, metadata }) => kind === 'ServiceAccount' && metadata.annotations);
    expect(accounts.map(identityOf)).toContain('ServiceAccount/migrator');
    expect(accounts.map(identityOf)).toContain('ServiceAccount/migrator-hook');
    expect(only(objects, 'ServiceAccount', /pre-/).metadata.annotations).toMatchObject(annotations);
    expect(objects.filter(({ kind }) => /Role|Binding/.test(kind))).toEqual([]);
  });
});
