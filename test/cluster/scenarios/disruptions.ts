import assert from 'node:assert/strict';
import type { Stage } from '../stage.ts';
import { GATED, Gate, inline, SECOND } from './migrations.ts';
import type { Scenario } from './scenario.ts';

/** Disturbs the pod in the middle of a migration, and lets its successor do the work. */
async function disturbed(stage: Stage, values: object, disturb: (pod: string) => Promise<unknown>): Promise<void> {
  const gate = await Gate.shut(stage);
  const installing = stage.release({ values: { ...inline(GATED, SECOND), ...values } });
  await gate.reached();
  const [pod] = await stage.pods();
  assert.ok(pod !== undefined);
  await disturb(pod.metadata.name);
  await stage.kubectl(['wait', `pod/${pod.metadata.name}`, '--for=delete', '--timeout=60s']);
  assert.deepEqual(await stage.props.postgres.query("SELECT to_regclass('gated') AS gated"), [{ gated: null }]);
  await gate.open();
  const { code, stdout, stderr } = await installing;
  assert.equal(code, 0, stdout + stderr);
  assert.deepEqual(await stage.applied(), [GATED[0], SECOND[0]]);
  await stage.exits(['143', '0']);
}

export const DISRUPTIONS: readonly Scenario[] = [
  {
    name: 'pod deleted mid-migration',
    helms: ['3', '4'],
    isolated: true,
    play: (stage) => disturbed(stage, {}, (pod) => stage.kubectl(['delete', 'pod', pod, '--wait=false'])),
  },
  {
    name: 'pod evicted mid-migration, no further try allowed',
    helms: ['4'],
    isolated: true,
    play: async (stage) => {
      const { namespace } = stage.props;
      await disturbed(stage, { job: { backoffLimit: 0 } }, (name) => {
        const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } };
        const path = `/api/v1/namespaces/${namespace}/pods/${name}/eviction`;
        return stage.kubectl(['create', '--raw', path, '--filename=-'], JSON.stringify(eviction));
      });
      const failed = await stage.kubectl(['get', 'job', 'rag-migrate', '--output=jsonpath={.status.failed}']);
      assert.ok(failed === '' || failed === '0', 'an eviction is not counted');
    },
  },
  {
    name: 'node drained mid-migration, no further try allowed',
    helms: ['4'],
    drains: true,
    play: async (stage) => {
      let node = '';
      const { kubectl, namespace } = stage.props;
      try {
        await disturbed(stage, { job: { backoffLimit: 0 } }, async (pod) => {
          node = await stage.kubectl(['get', 'pod', pod, '--output=jsonpath={.spec.nodeName}']);
          const only = `--pod-selector=batch.kubernetes.io/job-name=rag-migrate,app.kubernetes.io/instance=rag`;
          await kubectl.run(['drain', node, only, '--delete-emptydir-data', '--ignore-daemonsets', '--timeout=60s']);
          await kubectl.run(['uncordon', node]);
        });
      } finally {
        if (node !== '') await kubectl.attempt(['uncordon', node]);
      }
      const failed = await kubectl.run([
        '--namespace',
        namespace,
        'get',
        'job',
        'rag-migrate',
        '--output=jsonpath={.status.failed}',
      ]);
      assert.ok(failed === '' || failed === '0', 'a drained pod is not counted');
    },
  },
];
