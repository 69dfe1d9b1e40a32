import assert from 'node:assert/strict';
import { openGateway } from '../gateway.ts';
import { eventually } from '../stage.ts';
import { BAD, FIRST, GATED, Gate, inline, SECOND } from './migrations.ts';
import type { Scenario } from './scenario.ts';

const ALL = 6;

export const RELEASES: readonly Scenario[] = [
  {
    name: 'fresh install',
    helms: ['3', '4'],
    play: async (stage) => {
      const { code, stderr } = await stage.release();
      assert.equal(code, 0, stderr);
      assert.equal((await stage.applied()).length, ALL);
      await stage.exits(['0']);
    },
  },
  {
    name: 'no-op upgrade',
    helms: ['3', '4'],
    play: async (stage) => {
      assert.equal((await stage.release()).code, 0);
      const { code, stderr } = await stage.release({ values: { podLabels: { revision: 'two' } } });
      assert.equal(code, 0, stderr);
      assert.match(await stage.kubectl(['logs', 'job/rag-migrate']), /Nothing to do/);
      assert.equal((await stage.applied()).length, ALL);
    },
  },
  {
    name: 'upgrade with a new migration',
    helms: ['3', '4'],
    isolated: true,
    play: async (stage) => {
      assert.equal((await stage.release({ values: inline(FIRST) })).code, 0);
      assert.equal((await stage.release({ values: inline(FIRST, SECOND) })).code, 0);
      assert.deepEqual(await stage.applied(), [FIRST[0], SECOND[0]]);
    },
  },
  {
    name: 'upgrade that fails, then fixed',
    helms: ['3', '4'],
    isolated: true,
    play: async (stage) => {
      assert.equal((await stage.release({ values: inline(FIRST) })).code, 0);
      const { code, stdout, stderr } = await stage.release({ values: inline(FIRST, BAD) });
      assert.equal(code, 1);
      assert.match(stdout + stderr, /relation \\*"nowhere\\*" does not exist/, 'Helm prints the error');
      const message = await stage.terminationMessage();
      assert.equal(message.code, 70);
      assert.equal(message.migration, SECOND[0]);
      assert.equal(message.line, 2);
      assert.deepEqual(await stage.applied(), [FIRST[0]]);
      assert.deepEqual(await stage.props.postgres.query("SELECT to_regclass('half') AS half"), [{ half: null }]);
      await stage.job(/Failed PodFailurePolicy/);
      const fixed = await stage.release({ values: inline(FIRST, SECOND) });
      assert.equal(fixed.code, 0, fixed.stderr);
      assert.deepEqual(await stage.applied(), [FIRST[0], SECOND[0]]);
    },
  },
  {
    name: 'rollback to the older revision',
    helms: ['3', '4'],
    isolated: true,
    play: async (stage) => {
      const rolling = { hook: { preRollback: true } };
      assert.equal((await stage.release({ values: { ...inline(FIRST), ...rolling } })).code, 0);
      assert.equal((await stage.release({ values: { ...inline(FIRST, SECOND), ...rolling } })).code, 0);
      const { code, stderr } = await stage.helm(['rollback', 'rag', '1']);
      assert.equal(code, 0, stderr);
      const log = await stage.kubectl(['logs', 'job/rag-migrate']);
      assert.match(log, /"level":"warn".*ahead|ahead.*"level":"warn"/, log);
      assert.deepEqual(await stage.applied(), [FIRST[0], SECOND[0]]);
      await stage.exits(['0', '0', '0']);
    },
  },
  {
    name: 'two releases racing',
    helms: ['4'],
    isolated: true,
    play: async (stage) => {
      const gate = await Gate.shut(stage);
      const values = inline(GATED, SECOND);
      const racing = ['one', 'two'].map((name) => stage.release({ name, values }));
      await gate.reached();
      // One stands before the gate, the other one before the lock.
      await eventually(async () => {
        const phases = (await stage.pods()).map(({ status }) => status.phase);
        assert.deepEqual(phases, ['Running', 'Running']);
      });
      await gate.open();
      for (const { code, stderr } of await Promise.all(racing)) assert.equal(code, 0, stderr);
      assert.deepEqual(await stage.applied(), [GATED[0], SECOND[0]]);
      await stage.exits(['0', '0']);
    },
  },
  {
    name: 'migrations from a ConfigMap (symlinks)',
    helms: ['4'],
    isolated: true,
    play: async (stage) => {
      const files = [FIRST, SECOND].map(([name, text]) => `--from-literal=${name}=${text}`);
      await stage.kubectl(['create', 'configmap', 'files', ...files]);
      const values = { scope: 'postgres', migrations: { existingConfigMap: 'files' } };
      const { code, stderr } = await stage.release({ values });
      assert.equal(code, 0, stderr);
      assert.deepEqual(await stage.applied(), [FIRST[0], SECOND[0]]);
    },
  },
  {
    name: 'Secret rotated between upgrades',
    helms: ['4'],
    isolated: true,
    play: async (stage) => {
      const { postgres } = stage.props;
      const secret = (password: string) =>
        stage.kubectl(['create', 'secret', 'generic', 'db', `--from-literal=password=${password}`]);
      const values = { ...inline(FIRST), postgres: { password: '', existingSecret: 'db' } };
      await secret(postgres.password);
      assert.equal((await stage.release({ values })).code, 0);
      await postgres.asSuperuser(`ALTER ROLE ${postgres.user} PASSWORD 'rotated'`);
      await stage.kubectl(['delete', 'secret', 'db']);
      await secret('rotated');
      const { code, stderr } = await stage.release({ values });
      assert.equal(code, 0, stderr);
      await postgres.asSuperuser(`ALTER ROLE ${postgres.user} PASSWORD '${postgres.password}'`);
      await stage.exits(['0', '0']);
    },
  },
  {
    name: 'database comes up 40 s late',
    helms: ['4'],
    isolated: true,
    play: async (stage) => {
      const { gateways, postgres } = stage.props;
      const late = await openGateway(gateways.postgres.host, postgres);
      await late.close();
      const values = { ...inline(FIRST), postgres: { port: late.port } };
      const began = Date.now();
      const installing = stage.release({ values });
      // The one place where time itself is what is tested.
      await new Promise((resolve) => setTimeout(resolve, 40_000));
      await late.open();
      const { code, stderr } = await installing;
      await late.close();
      assert.equal(code, 0, stderr);
      assert.ok(Date.now() - began >= 40_000);
      await stage.exits(['0'], 'one pod waits; none is wasted');
    },
  },
];
