import { describe, expect, test } from 'vitest';
import { render, template } from './helm.ts';
import { HELMS } from './helm-installation.ts';
import { jobSpecOf, only, phaseOf } from './kubernetes.ts';
import { EVERYTHING, EXISTING, FLEET, MODES } from './values.ts';

describe.each(HELMS)('Helm %s', (helm) => {
  const kinds = async (values: object) =>
    (await render(helm, { ...EXISTING, ...values })).map((object) => `${object.kind} ${phaseOf(object)}`).sort();

  test('mode hook: a Job and a CronJob before installs and upgrades, and the test', async () => {
    const hooks = ['CronJob pre-install,pre-upgrade', 'Job pre-install,pre-upgrade'];
    expect(await kinds({ mode: 'hook' })).toEqual([...hooks, 'Pod test']);
  });

  test('mode job: a Job of the release, and no hook but the test', async () => {
    expect(await kinds({ mode: 'job' })).toEqual(['CronJob release', 'Job release', 'Pod test']);
  });

  test('mode initContainer: no Job; the CronJob, and the test', async () => {
    expect(await kinds({ mode: 'initContainer' })).toEqual(['CronJob release', 'Pod test']);
    const off = { tests: { enabled: false }, cronJob: { enabled: false } };
    expect(await kinds({ mode: 'initContainer', ...off })).toEqual([]);
  });

  test("the hook's Job keeps its name and its pod's log, and prints that where it fails", async () => {
    const job = only(await render(helm, EXISTING), 'Job', /pre-/);
    expect(job.metadata.name).toBe('r-migrate');
    expect(job.metadata.annotations).toEqual({
      'helm.sh/hook': 'pre-install,pre-upgrade',
      'helm.sh/hook-weight': '0',
      'helm.sh/hook-delete-policy': 'before-hook-creation',
      'helm.sh/hook-output-log-policy': 'hook-failed',
    });
    expect(only(await render(helm, EXISTING, { upgrade: true }), 'Job', /pre-/)).toEqual(job);
  });

  test('the hook may run before a rollback too', async () => {
    const job = only(await render(helm, { ...EXISTING, hook: { preRollback: true, weight: 7 } }), 'Job', /pre-/);
    expect(job.metadata.annotations?.['helm.sh/hook']).toBe('pre-install,pre-upgrade,pre-rollback');
    expect(job.metadata.annotations?.['helm.sh/hook-weight']).toBe('7');
  });

  test('a Job of the release is another one for another image, other values, or another password', async () => {
    const nameWith = async (values: object) =>
      only(await render(helm, { ...EXISTING, mode: 'job', ...values }), 'Job').metadata.name;
    const names = await Promise.all([
      nameWith({}),
      nameWith({ image: { tag: '0.2.0' } }),
      nameWith({ image: { digest: `sha256:${'0'.repeat(64)}` } }),
      nameWith({ timeouts: { wait: '121s' } }),
      nameWith({ migrations: { inline: { '001_first.sql': 'SELECT 1;' } } }),
      nameWith({ migrations: { inline: { '001_first.sql': 'SELECT 2;' } } }),
      nameWith({ neo4j: { uri: 'bolt://g', password: 'wrong' } }),
      nameWith({ neo4j: { uri: 'bolt://g', password: 'right' } }),
    ]);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^r-migrate-[0-9a-f]{10}$/);
    expect(await nameWith({})).toBe(names[0]);
  });

  // After a failed hook the objects of the release still have the previous image and its files.
  test.each([
    ['hook', EVERYTHING, 'r-migrate-hook', /pre-install/],
    ['fleet', FLEET, 'r-migrate-hook', /pre-install/],
    ['job', EVERYTHING, 'r-migrate', /release/],
  ])('mode %s: the CronJob never runs by itself, and makes the same Job', async (mode, values, name, phase) => {
    const objects = await render(helm, { ...values, mode });
    const cronJob = only(objects, 'CronJob');
    expect(cronJob.metadata.name).toBe(name);
    expect(phaseOf(cronJob)).toMatch(phase);
    expect(cronJob.spec).toMatchObject({ suspend: true, concurrencyPolicy: 'Forbid' });
    const jobs = objects.filter(({ kind }) => kind === 'Job');
    expect(jobs.map(jobSpecOf)).toContainEqual(jobSpecOf(cronJob));
  });

  test('helm test verifies, prints what it found, and leaves only a failure behind', async () => {
    const pod = only(await render(helm, EXISTING), 'Pod', /test/);
    expect(pod.metadata.annotations).toEqual({
      'helm.sh/hook': 'test',
      'helm.sh/hook-delete-policy': 'before-hook-creation,hook-succeeded',
      'helm.sh/hook-output-log-policy': 'hook-succeeded,hook-failed',
    });
    expect(pod.spec?.containers).toMatchObject([{ args: ['verify'] }]);
  });

  test.each(MODES)('mode %s renders the same text every time', async (mode) => {
    const values = { ...EVERYTHING, mode };
    const [first, second] = await Promise.all([template(helm, values), template(helm, values)]);
    expect(first.failed, first.stderr).toBe(false);
    expect(second.stdout).toBe(first.stdout);
  });
});

test.each(MODES)('in mode %s both Helms render the same objects', async (mode) => {
  const [three, four] = await Promise.all(HELMS.map((helm) => render(helm, { ...EVERYTHING, mode })));
  expect(three).toEqual(four);
});
