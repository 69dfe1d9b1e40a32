import assert from 'node:assert/strict';
import { migrateAgain } from '../ad-hoc.ts';
import type { Values } from '../helm.ts';
import { eventually, type Stage } from '../stage.ts';
import { FIRST, inline, SECOND } from './migrations.ts';
import type { Scenario } from './scenario.ts';

interface Secret {
  readonly metadata: { readonly name: string };
  readonly type: string;
  readonly data?: Readonly<Record<string, string>>;
}

/** Names of the Secrets that hold this text, but for Helm's own record of the release. */
async function secretsWith(stage: Stage, text: string): Promise<readonly string[]> {
  const { kubectl, namespace } = stage.props;
  const { items } = await kubectl.json<{ items: readonly Secret[] }>(['--namespace', namespace, 'get', 'secrets']);
  const holding = items.filter(({ type, data = {} }) => {
    const values = Object.values(data).map((value) => Buffer.from(value, 'base64').toString());
    return type !== 'helm.sh/release.v1' && values.some((value) => value.includes(text));
  });
  return holding.map(({ metadata }) => metadata.name);
}

interface Policy {
  readonly spec: { readonly podSelector: { readonly matchLabels: Readonly<Record<string, string>> } };
}

/** How many pods of the hook's Job a policy selects. */
async function restrictedPods(stage: Stage): Promise<number> {
  const { kubectl, namespace } = stage.props;
  const { items } = await kubectl.json<{ items: readonly Policy[] }>(['--namespace', namespace, 'get', 'netpol']);
  const pods = new Set<string>();
  for (const { spec } of items) {
    const labels = Object.entries({ ...spec.podSelector.matchLabels, 'batch.kubernetes.io/job-name': 'rag-migrate' });
    const selected = await stage.pods(labels.map((pair) => pair.join('=')).join(','));
    for (const { metadata } of selected) pods.add(metadata.name);
  }
  return pods.size;
}

async function upgrade(stage: Stage, values: Values): Promise<void> {
  const { code, stdout, stderr } = await stage.release({ values });
  assert.equal(code, 0, stdout + stderr);
}

export const SWITCHES: readonly Scenario[] = [
  {
    name: 'password from values to an existing Secret',
    helms: ['3', '4'],
    isolated: true,
    play: async (stage) => {
      const { password } = stage.props.postgres;
      await stage.kubectl(['create', 'secret', 'generic', 'db', `--from-literal=password=${password}`]);
      await upgrade(stage, inline(FIRST));
      assert.ok((await secretsWith(stage, password)).includes('rag-migrate-hook'));
      await upgrade(stage, { ...inline(FIRST, SECOND), postgres: { password: '', existingSecret: 'db' } });
      assert.deepEqual(await secretsWith(stage, password), ['db']);
    },
  },
  {
    name: 'network policy off',
    helms: ['3', '4'],
    isolated: true,
    play: async (stage) => {
      await upgrade(stage, { ...inline(FIRST), networkPolicy: { enabled: true } });
      assert.equal(await restrictedPods(stage), 1);
      await upgrade(stage, { ...inline(FIRST, SECOND), networkPolicy: { enabled: false } });
      assert.equal(await restrictedPods(stage), 0, 'the hook leaves its policy, which selects no pod any more');
    },
  },
  {
    name: 'mode hook to job to hook',
    helms: ['3', '4'],
    isolated: true,
    play: async (stage) => {
      const files: (readonly [string, string])[] = [];
      for (const [index, mode] of ['hook', 'job', 'hook'].entries()) {
        files.push([`00${index + 1}_${mode}.sql`, `CREATE TABLE step_${index} (id int);\n`]);
        await upgrade(stage, { ...inline(...files), mode });
        const history = 'SELECT filename FROM migrations ORDER BY id';
        // Helm does not wait for the Job of the release.
        await eventually(async () => {
          const rows = await stage.props.postgres.query<{ filename: string }>(history);
          assert.deepEqual(
            rows.map(({ filename }) => filename),
            files.map(([name]) => name),
          );
        });
        const cronJob = mode === 'hook' ? 'rag-migrate-hook' : 'rag-migrate';
        await migrateAgain(stage, cronJob, `again-${index}`);
      }
    },
  },
  {
    name: 'a random uid, as OpenShift gives',
    helms: ['4'],
    play: async (stage) => {
      const uid = 1000650000;
      const { code, stdout, stderr } = await stage.release({
        values: {
          podSecurityContext: { runAsUser: uid, runAsGroup: 0, fsGroup: uid },
          securityContext: { runAsUser: uid, runAsGroup: 0 },
        },
      });
      assert.equal(code, 0, stdout + stderr);
      assert.equal((await stage.applied()).length, 6);
      const verified = await stage.helm(['test', 'rag']);
      assert.equal(verified.code, 0, verified.stdout + verified.stderr);
    },
  },
];
