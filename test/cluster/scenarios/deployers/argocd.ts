import assert from 'node:assert/strict';
import { synchronize } from '../../deployers/gitops.ts';
import { runbook } from '../../deployers/runbook.ts';
import type { Values } from '../../helm.ts';
import type { Stage } from '../../stage.ts';
import { assertLogOfBad, BAD, FIRST, inline, SECOND } from '../migrations.ts';
import type { Scenario } from '../scenario.ts';

const HOOK = 'argocd.argoproj.io/hook';
const WAVE = 'argocd.argoproj.io/sync-wave';

/** An application with the chart, and an object of its own that must not change before the databases have. */
class Application {
  readonly #stage: Stage;
  readonly #options: ApplicationOptions;

  constructor(stage: Stage, options: ApplicationOptions) {
    this.#stage = stage;
    this.#options = options;
  }

  /**
   * Synchronizes a version of it.
   * @param expected the exit code: 0, or 1 if the synchronization must fail
   */
  async sync(version: string, files: readonly (readonly [string, string])[], expected = 0): Promise<void> {
    const { values, wave = 0, objects = [] } = this.#options;
    const { namespace } = this.#stage.props;
    const rendered = await this.#stage.template('charts/localrag-migrate', { ...inline(...files), ...values });
    assert.equal(rendered.code, 0, rendered.stderr);
    const app = {
      ...{ apiVersion: 'v1', kind: 'ConfigMap', data: { version } },
      metadata: { ...{ name: 'app', namespace }, annotations: { [WAVE]: String(wave) } },
    };
    const own = [app, ...objects].map((object) => `---\n${JSON.stringify(object)}\n`);
    const { code, stdout, stderr } = await synchronize(this.#stage, [rendered.stdout, ...own].join(''));
    assert.equal(code, expected, stdout + stderr);
  }

  /** The version that the cluster has; empty before the first one. */
  version(): Promise<string> {
    return this.#stage.kubectl(['get', 'configmap', 'app', '--ignore-not-found', '--output=jsonpath={.data.version}']);
  }
}

interface ApplicationOptions {
  readonly values: Values;
  /** Of the application's own object. */
  readonly wave?: number;
  readonly objects?: readonly object[];
}

export const ARGO_CD: readonly Scenario[] = [
  {
    name: 'Argo CD: a PreSync hook that fails, then fixed',
    helms: ['4'],
    isolated: true,
    needsGo: true,
    play: async (stage) => {
      const app = new Application(stage, { values: { argocd: { enabled: true } } });
      await app.sync('1', [FIRST]);
      assert.equal(await app.version(), '1');
      assert.deepEqual(await stage.applied(), [FIRST[0]]);
      // The password of the values is in a Secret of the hook, which exists before the Job.
      assert.equal(await phaseOf(stage, 'secret/rag-migrate-hook'), 'PreSync');
      await app.sync('1', [FIRST]);
      assert.match(await stage.kubectl(['logs', 'job/rag-migrate']), /Nothing to do/);

      await app.sync('2', [FIRST, BAD], 1);
      assert.equal(await app.version(), '1', 'the application stays as it is');
      await failed(stage);
      const status = await runbook(stage, 'Argo CD', 'run postgres status');
      assert.match(status, new RegExp(BAD[0]), 'the files of the version that failed');
      assert.match(status, /pending/);

      await app.sync('3', [FIRST, SECOND]);
      assert.equal(await app.version(), '3');
      assert.deepEqual(await stage.applied(), [FIRST[0], SECOND[0]]);
    },
  },
  {
    name: 'Argo CD: a Sync hook with a Secret of the application',
    helms: ['4'],
    isolated: true,
    needsGo: true,
    play: async (stage) => {
      const { namespace, postgres } = stage.props;
      const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'postgres', namespace } };
      const objects = [{ ...secret, stringData: { password: postgres.password } }];
      const argocd = { enabled: true, phase: 'Sync', wave: 20 };
      const values = { argocd, postgres: { password: '', existingSecret: 'postgres' } };
      const app = new Application(stage, { values, wave: 30, objects });
      await app.sync('1', [FIRST, BAD], 1);
      assert.equal(await app.version(), '', 'later waves wait for the Job');
      await failed(stage);
      await app.sync('2', [FIRST, SECOND]);
      assert.equal(await app.version(), '2');
      assert.deepEqual(await stage.applied(), [FIRST[0], SECOND[0]]);
    },
  },
  {
    name: 'Argo CD: mode job',
    helms: ['4'],
    isolated: true,
    needsGo: true,
    play: async (stage) => {
      const app = new Application(stage, { values: { mode: 'job', argocd: { enabled: true } } });
      await app.sync('1', [FIRST, BAD], 1);
      await failed(stage);
      await app.sync('2', [FIRST, SECOND]);
      await stage.job(/Failed PodFailurePolicy, Complete$/);
      assert.equal(await app.version(), '2');
      assert.deepEqual(await stage.applied(), [FIRST[0], SECOND[0]]);
    },
  },
  {
    name: "Argo CD: Helm's annotations",
    helms: ['4'],
    isolated: true,
    needsGo: true,
    play: async (stage) => {
      const app = new Application(stage, { values: {} });
      await app.sync('1', [FIRST]);
      assert.equal(await app.version(), '1');
      assert.equal(await stage.kubectl(['get', 'cronjobs', '--output=name']), '', 'Argo CD skips the CronJob');
      await app.sync('2', [FIRST, BAD], 1);
      assert.equal(await app.version(), '1');
      await failed(stage);
      await app.sync('3', [FIRST, SECOND]);
      assert.equal(await app.version(), '3');
      assert.deepEqual(await stage.applied(), [FIRST[0], SECOND[0]]);
    },
  },
];

/** The Job has failed at once, and its log is still there. */
async function failed(stage: Stage): Promise<void> {
  await stage.job(/Failed PodFailurePolicy$/);
  await assertLogOfBad(stage);
}

function phaseOf(stage: Stage, object: string): Promise<string> {
  const annotation = HOOK.replaceAll('.', '\\.');
  return stage.kubectl(['get', object, `--output=jsonpath={.metadata.annotations.${annotation}}`]);
}
