import { describe, expect, test } from 'vitest';
import { EXIT } from '../../src/exit.ts';
import { type Release, refusal, render, type Values } from './helm.ts';
import { HELMS } from './helm-installation.ts';
import { environmentOf, jobSpecOf, type KubernetesObject, phaseOf, specOf } from './kubernetes.ts';
import { EXISTING, FLEET, TENANTS } from './values.ts';

const hookJobs = (objects: readonly KubernetesObject[]) =>
  objects.filter((object) => object.kind === 'Job' && /pre-|PreSync/.test(phaseOf(object)));
const weightsOf = (jobs: readonly KubernetesObject[], annotation: string) =>
  Object.fromEntries(jobs.map(({ metadata }) => [metadata.name, metadata.annotations?.[annotation]]));

interface IndexedJob {
  readonly completionMode: string;
  readonly completions: number;
  readonly parallelism: number;
  readonly backoffLimitPerIndex: number;
  readonly maxFailedIndexes: number;
}

describe.each(HELMS)('Helm %s', (helm) => {
  const jobWith = async (fleet: Values, name = 'r-migrate') => {
    const jobs = hookJobs(await render(helm, { ...FLEET, fleet: { ...FLEET.fleet, ...fleet } }));
    const job = jobs.find(({ metadata }) => metadata.name === name);
    if (job === undefined) throw new Error(`there is no Job ${name}`);
    return job;
  };

  test('a tenant is an index of the Job, and fails alone', async () => {
    const job = await jobWith({});
    expect(specOf<IndexedJob>(job)).toMatchObject({
      completionMode: 'Indexed',
      completions: 4,
      parallelism: 4,
      backoffLimitPerIndex: 2,
      maxFailedIndexes: 3,
    });
    expect(specOf(job)).not.toHaveProperty('backoffLimit');
    const { rules } = jobSpecOf(job).podFailurePolicy;
    expect(rules.map(({ action }) => action)).toEqual(['Ignore', 'FailIndex']);
    expect(rules[1]?.onExitCodes?.values).toContain(EXIT.failed.code);
  });

  test.each([
    [{ parallelism: 2, maxFailedIndexes: 0, backoffLimitPerIndex: 0 }, [2, 0, 0]],
    // The API server refuses more failures than there are indexes.
    [{ parallelism: 9, maxFailedIndexes: 9, backoffLimitPerIndex: 9 }, [4, 4, 9]],
  ])('%o are its numbers', async (fleet, [parallelism, maxFailedIndexes, backoffLimitPerIndex]) => {
    expect(specOf(await jobWith(fleet))).toMatchObject({ parallelism, maxFailedIndexes, backoffLimitPerIndex });
  });

  test('the files are mounted in the order of the values, whatever their names', async () => {
    const { volumes, containers } = jobSpecOf(await jobWith({})).template.spec;
    const volume = volumes.find(({ name }) => name === 'localrag-migrate-tenants') as unknown as {
      secret: { secretName: string; items: { key: string; path: string }[] };
    };
    expect(volume.secret.secretName).toBe('tenants');
    expect(volume.secret.items.map(({ key }) => key)).toEqual(TENANTS);
    const paths = volume.secret.items.map(({ path }) => path);
    expect(paths.toSorted()).toEqual(paths);
    const [container] = containers;
    const mount = container?.volumeMounts.find(({ name }) => name === 'localrag-migrate-tenants');
    expect(container?.args).toEqual(['migrate', '--tenant-index']);
    expect(container && environmentOf(container).TENANTS_DIR).toBe(mount?.mountPath);
    // What all tenants share would hide what a tenant has forgotten to say.
    const told = container?.env.map(({ name }) => name).filter((name) => /^(POSTGRES|NEO4J|DATABASE)_/.test(name));
    expect(told).toEqual([]);
  });

  test('the canary goes first, fails whole, and takes the first tenants', async () => {
    const canary = await jobWith({ canary: 2, maxFailedIndexes: 3 }, 'r-migrate-canary');
    expect(specOf(canary)).toMatchObject({ completions: 2, parallelism: 2, maxFailedIndexes: 0 });
    expect(jobSpecOf(canary).template).toEqual(jobSpecOf(await jobWith({ canary: 2 })).template);
    const helms = hookJobs(await render(helm, FLEET));
    expect(weightsOf(helms, 'helm.sh/hook-weight')).toEqual({ 'r-migrate-canary': '-1', 'r-migrate': '0' });
    const argo = hookJobs(await render(helm, { ...FLEET, argocd: { enabled: true } }));
    expect(weightsOf(argo, 'argocd.argoproj.io/sync-wave')).toEqual({ 'r-migrate-canary': '-1', 'r-migrate': '0' });
  });

  test('each round of tenants has the seconds of one', async () => {
    const seconds = async (fleet: Values, name?: string) =>
      specOf<{ activeDeadlineSeconds: number }>(await jobWith(fleet, name)).activeDeadlineSeconds;
    expect(await seconds({ parallelism: 5 })).toBe(1800);
    expect(await seconds({ parallelism: 4 })).toBe(1800);
    expect(await seconds({ parallelism: 3 })).toBe(3600);
    expect(await seconds({ parallelism: 1 })).toBe(7200);
    expect(await seconds({ parallelism: 1, canary: 2 }, 'r-migrate-canary')).toBe(3600);
  });

  test('without a canary there is one Job, and with hook.cleanup uninstalling deletes what the hook makes', async () => {
    for (const [canary, count] of [
      [0, 2],
      [1, 3],
    ] as const) {
      const objects = await render(helm, { ...FLEET, fleet: { ...FLEET.fleet, canary }, hook: { cleanup: true } });
      const names = (phase: RegExp) =>
        objects.filter((object) => phase.test(phaseOf(object))).map(({ kind, metadata }) => `${kind}/${metadata.name}`);
      expect(names(/^pre-/)).toHaveLength(count);
      expect(names(/^post-delete/).sort()).toEqual(names(/^pre-/).sort());
      expect(names(/^test/)).toEqual([]);
    }
  });

  test.each<[string, Values, RegExp, Release?]>([
    ['no Secret', { ...FLEET, fleet: { tenants: TENANTS } }, /mode fleet needs fleet\.existingSecret/],
    ['no tenants', { ...FLEET, fleet: { existingSecret: 's' } }, /mode fleet needs fleet\.tenants/],
    ['a tenant twice', { ...FLEET, fleet: { existingSecret: 's', tenants: ['a', 'a'] } }, /fleet[./]tenants/],
    ['a canary of all and more', { ...FLEET, fleet: { ...FLEET.fleet, canary: 5 } }, /fleet\.canary is 5, .* only 4/],
    ['a database for all', { ...EXISTING, ...FLEET }, /postgres\.existingSecret is set, .* each tenant's file says/],
    ['tenants in another mode', { ...EXISTING, ...FLEET, mode: 'hook' }, /fleet\.tenants is set, but mode is hook/],
    [
      'an init container',
      { schema: { ...FLEET, postgres: { host: '', existingSecret: '' }, neo4j: { uri: '', existingSecret: '' } } },
      /an init container migrates one pair of databases/,
      { chart: 'examples/umbrella' },
    ],
  ])('%s is refused', async (_what, values, message, release = {}) => {
    expect(await refusal(helm, values, release)).toMatch(message);
  });
});
