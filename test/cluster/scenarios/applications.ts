import assert from 'node:assert/strict';
import type { Values } from '../helm.ts';
import { eventually, type Stage } from '../stage.ts';
import { GATED, Gate, inline, SECOND } from './migrations.ts';
import type { Scenario } from './scenario.ts';

/** An application that does nothing, made of the one image that is there for certain. */
function application(image: string, replicas: number): Values {
  const args = ['--eval', "process.on('SIGTERM', () => process.exit()); setInterval(() => {}, 1e9);"];
  return { replicas, image, command: ['node'], args };
}

async function ready(stage: Stage, name: string, replicas: number): Promise<void> {
  await eventually(async () => {
    const jsonpath = '--output=jsonpath={.status.readyReplicas}';
    assert.equal(await stage.kubectl(['get', 'deployment', name, jsonpath]), String(replicas));
  }, 180);
}

/** How many times the program of an init container applied a migration, in all pods together. */
async function appliedInLogs(stage: Stage, app: string, container: string): Promise<number> {
  const selector = `app.kubernetes.io/instance=${app}`;
  const logs = await stage.kubectl(['logs', '--selector', selector, '--container', container, '--tail=-1']);
  return logs.split('\n').filter((line) => line.includes('"event":"applied"')).length;
}

export const APPLICATIONS: readonly Scenario[] = [
  {
    name: 'init container wait × 5 while the Job runs',
    helms: ['4'],
    play: async (stage) => {
      await stage.secrets();
      const gate = await Gate.shut(stage);
      const migrations = inline(GATED, SECOND);
      // The application's own release has its copy of the migrations, as an image of its own would.
      await stage.kubectl([
        'create',
        'configmap',
        'files',
        ...[GATED, SECOND].map(([name, text]) => `--from-literal=${name}=${text}`),
      ]);
      const schema = { scope: 'postgres', migrations: { existingConfigMap: 'files' } };
      const app = { ...application(stage.props.image, 5), initContainer: 'wait', schema };
      assert.equal((await stage.release({ chart: 'examples/app', name: 'app', values: app })).code, 0);
      const migrating = stage.release({ values: migrations });
      await gate.reached();
      await eventually(async () => {
        const started = '{.items[*].status.initContainerStatuses[0].state.running.startedAt}';
        const selector = '--selector=app.kubernetes.io/instance=app';
        const running = await stage.kubectl(['get', 'pods', selector, `--output=jsonpath=${started}`]);
        assert.equal(running.split(' ').filter(Boolean).length, 5);
      });
      assert.equal(await stage.kubectl(['get', 'deployment', 'app', '--output=jsonpath={.status.readyReplicas}']), '');
      await gate.open();
      const { code, stderr } = await migrating;
      assert.equal(code, 0, stderr);
      await ready(stage, 'app', 5);
      await stage.helm(['uninstall', 'app', '--wait']);
    },
  },
  {
    name: 'init container migrate × 10 at once (mode initContainer)',
    helms: ['4'],
    play: async (stage) => {
      await stage.secrets();
      const app = {
        ...application(stage.props.image, 10),
        initContainer: 'migrate',
        schema: { timeouts: { lock: '180s' } },
      };
      const { code, stderr } = await stage.release({ chart: 'examples/app', name: 'app', values: app });
      assert.equal(code, 0, stderr);
      await ready(stage, 'app', 10);
      assert.equal((await stage.applied()).length, 6);
      assert.equal(await appliedInLogs(stage, 'app', 'migrate'), 6, 'each migration once, whoever did it');
      await stage.helm(['uninstall', 'app', '--wait']);
    },
  },
  {
    name: 'mode job, database in the same release, --wait',
    helms: ['3', '4'],
    play: async (stage) => {
      await stage.secrets();
      const { gateways, image } = stage.props;
      const { host, port } = gateways.postgres;
      // The release's own Service, in front of the server of this run: at hook time it would not exist.
      const service = {
        ...{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'database' } },
        spec: { ports: [{ name: 'postgres', port: 5432, targetPort: port }] },
      };
      const slice = {
        ...{ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType: 'IPv4' },
        metadata: { name: 'database-1', labels: { 'kubernetes.io/service-name': 'database' } },
        endpoints: [{ addresses: [host] }],
        ports: [{ name: 'postgres', port }],
      };
      const name = `database.${stage.props.namespace}.svc.cluster.local`;
      const postgres = { host: name, port: 5432 };
      const schema = { mode: 'job', scope: 'postgres', extraObjects: [service, slice], postgres };
      const values = { ...application(image, 2), schema };
      const flags = ['--wait', '--wait-for-jobs', '--timeout=3m'];
      const { code, stderr } = await stage.release({ chart: 'examples/umbrella', name: 'rag', values, flags });
      assert.equal(code, 0, stderr);
      assert.equal((await stage.applied()).length, 5);
      await stage.helm(['uninstall', 'rag', '--wait']);
    },
  },
];
