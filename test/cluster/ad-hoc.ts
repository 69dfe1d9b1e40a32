import assert from 'node:assert/strict';
import { endOf, eventually, type Stage } from './stage.ts';

/** After one of which the Job is called. */
const COMMANDS = ['status', 'plan', 'repair'];

interface AdHocJob {
  readonly conditions: string;
  /** Of the pod; of an Indexed Job the first one's. */
  readonly code: number | undefined;
  readonly log: string;
}

/**
 * What makes a Job of one attempt out of any CronJob of the chart: it has the image, the files and the settings, and
 * only the arguments change.
 */
function patchFor(args: readonly string[]): string {
  return JSON.stringify({
    spec: {
      ...{ completions: 1, parallelism: 1, completionMode: null, podFailurePolicy: null },
      ...{ backoffLimit: 0, backoffLimitPerIndex: null, maxFailedIndexes: null },
      template: { spec: { containers: [{ name: 'migrate', args }] } },
    },
  });
}

/** Runs a command of the program by kubectl alone, as docs/kubernetes.md says. */
export async function command(stage: Stage, cronJob: string, args: readonly string[]): Promise<AdHocJob> {
  const name = args.find((word) => COMMANDS.includes(word)) ?? 'command';
  const from = `--from=cronjob/${cronJob}`;
  const job = await stage.kubectl(['create', 'job', name, from, '--dry-run=client', '--output=json']);
  const patch = ['patch', '--local', '--filename=-', '--output=json', '--patch', patchFor(args)];
  await stage.kubectl(['create', '--filename=-'], await stage.kubectl(patch, job));
  return ended(stage, name);
}

/** Runs `migrate` again, with the CronJob's own arguments, to success. */
export async function migrateAgain(stage: Stage, cronJob: string, name = 'again'): Promise<void> {
  await stage.kubectl(['create', 'job', name, `--from=cronjob/${cronJob}`]);
  const { conditions, log } = await ended(stage, name);
  assert.match(conditions, /\bComplete\b/, log);
}

async function ended(stage: Stage, job: string): Promise<AdHocJob> {
  const types = ['get', 'job', job, '--output=jsonpath={.status.conditions[*].type}'];
  const conditions = await eventually(async () => {
    const text = await stage.kubectl(types);
    assert.match(text, /\b(Complete|Failed)\b/, `the Job ${job} has not ended`);
    return text;
  }, 120);
  const [pod] = await stage.pods(`batch.kubernetes.io/job-name=${job}`);
  return {
    conditions,
    code: pod && endOf(pod)?.exitCode,
    log: await stage.kubectl(['logs', `job/${job}`]),
  };
}
