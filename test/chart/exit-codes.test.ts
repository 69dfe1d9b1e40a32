import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { EXIT } from '../../src/exit.ts';
import { read } from '../docs/documents.ts';
import { render } from './helm.ts';
import { HELMS } from './helm-installation.ts';
import { jobSpecOf, type KubernetesObject, only } from './kubernetes.ts';
import { EXISTING, MODES } from './values.ts';

/** Ends that no further try can mend. `ok` is none, and with `pending` no command of the chart's Jobs ends. */
const FINAL = Object.entries(EXIT)
  .filter(([name, { again }]) => !again && name !== 'ok' && name !== 'pending')
  .map(([, { code }]) => code);

/** Before 1.34 the API server sets a missing `status` in Jobs but not in CronJobs, which it then refuses. */
const RULES = [
  { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
  { action: 'FailJob', onExitCodes: { containerName: 'migrate', operator: 'In', values: FINAL } },
];

test('there are codes that end a Job, and codes that do not', () => {
  expect(FINAL).toContain(EXIT.failed.code);
  expect(FINAL).not.toContain(EXIT.unreachable.code);
  expect(FINAL).not.toContain(EXIT.terminated.code);
});

describe.each(HELMS)('Helm %s', (helm) => {
  test.each(['Job', 'CronJob'])(
    'the %s forgives an eviction first, then fails at once for every final code',
    async (kind) => {
      const spec = jobSpecOf(only(await render(helm, { ...EXISTING, mode: 'job' }), kind));
      expect(spec.podFailurePolicy.rules).toEqual(RULES);
      expect(spec.template.spec.containers.map(({ name }) => name)).toEqual(['migrate']);
      // The API server takes podFailurePolicy only beside Never.
      expect(spec.template.spec.restartPolicy).toBe('Never');
      expect(spec.podReplacementPolicy).toBe('Failed');
    },
  );
});

describe.each(HELMS)('Helm %s', (helm) => {
  test.each([
    ...MODES.map((mode) => [mode, { ...EXISTING, mode }] as const),
    ['fleet', { mode: 'fleet', fleet: { existingSecret: 'tenants', tenants: ['a.env', 'b.env'] } }] as const,
  ])('every pod condition of mode %s has its status', async (_mode, values) => {
    const jobs = (await render(helm, values)).filter(({ kind }) => /Job$/.test(kind));
    expect(jobs.length).toBeGreaterThan(0);
    for (const job of jobs) {
      const conditions = jobSpecOf(job).podFailurePolicy.rules.flatMap(({ onPodConditions }) => onPodConditions ?? []);
      expect(conditions).toEqual([{ type: 'DisruptionTarget', status: 'True' }]);
    }
  });
});

test('the manifest for kubectl has the same rules', () => {
  const objects = parseAllDocuments(read('examples/job.yaml')).map((document) => document.toJS() as KubernetesObject);
  expect(jobSpecOf(only(objects, 'Job')).podFailurePolicy.rules).toEqual(RULES);
});

test.each(Object.entries(EXIT))('the runbook says of %s what the Job does', (name, { code, again }) => {
  const row = new RegExp(`^\\| [^|]*?\\b${code}(?:\\]\\([^|]*)? \\| ([^|]*) \\|`, 'm').exec(
    read('docs/failing-upgrade.md'),
  )?.[1];
  // Pods get SIGTERM, never SIGINT.
  if (name === 'interrupted') expect(row).toBeUndefined();
  else if (name === 'ok') expect(row).toBe('complete');
  else if (name === 'pending') expect(row).toMatch(/^only `helm test`/);
  else expect(row).toBe(again ? 'retries' : 'fails at once');
});
