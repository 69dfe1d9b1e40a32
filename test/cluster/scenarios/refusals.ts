import assert from 'node:assert/strict';
import { openGateway } from '../gateway.ts';
import type { ChartPath, Values } from '../helm.ts';
import { eventually } from '../stage.ts';
import { FIRST, GATED, Gate, inline, SECOND } from './migrations.ts';
import type { Scenario } from './scenario.ts';

/** A pod that may do what the restricted level forbids. */
const ROOT_POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'root' },
  spec: { containers: [{ name: 'root', image: 'none', securityContext: { privileged: true } }] },
};

/** Everything that is rendered must be taken by a real API server; what it warns of counts too. */
const MANIFESTS: readonly (readonly [ChartPath, Values])[] = [
  ...['hook', 'job', 'initContainer'].map((mode) => ['charts/localrag-migrate', { mode }] as const),
  ['charts/localrag-migrate', { ...inline(FIRST), networkPolicy: { enabled: true } }],
  ['charts/localrag-migrate', { argocd: { enabled: true }, mesh: { mode: 'nativeSidecar' } }],
  ['examples/app', { initContainer: 'wait' }],
  ['examples/app', { initContainer: 'migrate' }],
  ['examples/umbrella', {}],
];

export const REFUSALS: readonly Scenario[] = [
  {
    name: 'wrong password fails at once',
    helms: ['3', '4'],
    isolated: true,
    play: async (stage) => {
      const { code, stdout, stderr } = await stage.release({
        values: { ...inline(FIRST), postgres: { password: 'wrong' } },
      });
      assert.equal(code, 1);
      assert.match(stdout + stderr, /password authentication failed/);
      assert.equal((await stage.terminationMessage()).code, 77);
      await stage.exits(['77'], 'one try, not six');
      await stage.job(/Failed PodFailurePolicy/);
    },
  },
  {
    name: 'database never comes',
    helms: ['3', '4'],
    isolated: true,
    play: async (stage) => {
      const { gateways, postgres } = stage.props;
      const closed = await openGateway(gateways.postgres.host, postgres);
      await closed.close();
      const values = {
        ...inline(FIRST),
        postgres: { port: closed.port },
        timeouts: { wait: '3s' },
        job: { backoffLimit: 1 },
      };
      assert.equal((await stage.release({ values })).code, 1);
      await stage.exits(['69', '69'], 'tried again, and then no more');
      await stage.job(/Failed BackoffLimitExceeded/);
    },
  },
  {
    name: 'lock held by someone else',
    helms: ['4'],
    isolated: true,
    play: async (stage) => {
      const gate = await Gate.shut(stage);
      const holding = stage.release({ name: 'holder', values: inline(GATED) });
      await gate.reached();
      const values = { ...inline(GATED, SECOND), timeouts: { lock: '2s' } };
      const waiting = stage.release({ values });
      // Its first try ends without the lock; Kubernetes tries again, and by then the lock is free.
      await eventually(async () => assert.ok(stage.props.observation.exits.includes('75')));
      await gate.open();
      for (const { code, stderr } of await Promise.all([holding, waiting])) assert.equal(code, 0, stderr);
      assert.deepEqual(await stage.applied(), [GATED[0], SECOND[0]]);
    },
  },
  {
    name: 'every manifest in a restricted namespace',
    helms: ['4'],
    play: async (stage) => {
      const attempt = stage.kubectl(['apply', '--filename=-'], JSON.stringify(ROOT_POD));
      await assert.rejects(attempt, /violates PodSecurity "restricted/, 'the level is enforced here');
      for (const [chart, values] of MANIFESTS) {
        const rendered = await stage.template(chart, values);
        assert.equal(rendered.code, 0, rendered.stderr);
        const { code, stderr } = await stage.props.kubectl.attempt(
          ['--namespace', stage.props.namespace, 'apply', '--dry-run=server', '--filename=-'],
          rendered.stdout,
        );
        assert.deepEqual([chart, values, code, stderr], [chart, values, 0, ''], 'accepted, and without a warning');
      }
    },
  },
];
