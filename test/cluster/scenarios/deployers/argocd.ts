import assert from 'node:assert/strict';
import { GitOpsApplication } from '../../deployers/gitops-agent.ts';
import { runbook } from '../../deployers/runbook.ts';
import type { Values } from '../../helm.ts';
import type { Stage } from '../../stage.ts';
import { BAD, FIRST, inline, SECOND } from '../migrations.ts';
import type { Scenario } from '../scenario.ts';

const HOOK = 'argocd.argoproj.io/hook';
const WAVE = 'argocd.argoproj.io/sync-wave';

/** An application with the chart, and an object of its own that must not change before the databases have. */
class Application {
  readonly #stage: Stage;
  readonly #gitops: GitOpsApplication;
  readonly #values: Values;
  readonly #wave: string;
  readonly #objects: readonly object[];

  private constructor(stage: Stage, gitops: GitOpsApplication, { values, wave = 0, objects = [] }: ApplicationOptions) {
    this.#stage = stage;
    this.#gitops = gitops;
    this.#values = values;
    this.#wave = String(wave);
    this.#objects = objects;
  }

  static async play(stage: Stage, options: ApplicationOptions, play: (app: Application) => Promise<void>) {
    const gitops = await GitOpsApplication.create(stage);
    try {
      await play(new Application(stage, gitops, options));
    } finally {
      await gitops.remove();
    }
  }

  /** Synchronizes a version of it. */
  async sync(version: string, ...files: readonly (readonly [string, string])[]): Promise<string> {
    const rendered = await this.#stage.template('charts/localrag-migrate', { ...inline(...files), ...this.#values });
    assert.equal(rendered.code, 0, rendered.stderr);
    const app = {
      ...{ apiVersion: 'v1', kind: 'ConfigMap', data: { version } },
      metadata: { name: 'app', annotations: { [WAVE]: this.#wave } },
    };
    const own = [app, ...this.#objects].map((object) => `---\n${JSON.stringify(object)}\n`);
    return this.#gitops.sync([rendered.stdout, ...own].join(''));
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
    play: (stage) =>
      Application.play(stage, { values: { argocd: { enabled: true } } }, async (app) => {
        await app.sync('1', FIRST);
        assert.equal(await app.version(), '1');
        assert.deepEqual(await stage.applied(), [FIRST[0]]);
        // The password of the values is in a Secret of the hook, which exists before the Job.
        assert.equal(await phaseOf(stage, 'secret/rag-migrate-hook'), 'PreSync');

        const again = await app.sync('1', FIRST);
        assert.doesNotMatch(again, /Failed/);
        assert.deepEqual(new Set(stage.props.observation.exits), new Set(['0']));

        await app.sync('2', FIRST, BAD);
        assert.equal(await app.version(), '1', 'the application stays as it is');
        await stage.job(/Failed PodFailurePolicy/);
        assert.match(await stage.kubectl(['logs', 'job/rag-migrate']), /relation .*nowhere.* does not exist/);
        const status = await runbook(stage, 'Argo CD', 'run postgres status');
        assert.match(status, new RegExp(`${BAD[0]}`), 'the files of the version that failed');
        assert.match(status, /pending/);

        await app.sync('3', FIRST, SECOND);
        assert.equal(await app.version(), '3');
        assert.deepEqual(await stage.applied(), [FIRST[0], SECOND[0]]);
      }),
  },
  {
    name: 'Argo CD: a Sync hook with a Secret of the application',
    helms: ['4'],
    isolated: true,
    needsGo: true,
    play: (stage) => {
      const password = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'postgres' } };
      const objects = [{ ...password, stringData: { password: stage.props.postgres.password } }];
      const argocd = { enabled: true, phase: 'Sync', wave: 20 };
      const values = { argocd, postgres: { password: '', existingSecret: 'postgres' } };
      return Application.play(stage, { values, wave: 30, objects }, async (app) => {
        await app.sync('1', BAD);
        assert.equal(await app.version(), '', 'later waves wait for the Job');
        await stage.job(/Failed PodFailurePolicy/);
        await app.sync('2', SECOND);
        assert.equal(await app.version(), '2');
        assert.deepEqual(await stage.applied(), [SECOND[0]]);
      });
    },
  },
  {
    name: 'Argo CD: mode job',
    helms: ['4'],
    isolated: true,
    needsGo: true,
    play: (stage) =>
      Application.play(stage, { values: { mode: 'job', argocd: { enabled: true } } }, async (app) => {
        await app.sync('1', FIRST, BAD);
        await stage.job(/Failed PodFailurePolicy/);
        assert.match(await stage.kubectl(['logs', 'job/rag-migrate']), /relation .*nowhere.* does not exist/);
        await app.sync('2', FIRST, SECOND);
        await stage.job(/Failed PodFailurePolicy, Complete/);
        assert.equal(await app.version(), '2');
        assert.deepEqual(await stage.applied(), [FIRST[0], SECOND[0]]);
      }),
  },
  {
    name: "Argo CD with Helm's annotations",
    helms: ['4'],
    isolated: true,
    needsGo: true,
    play: (stage) =>
      Application.play(stage, { values: {} }, async (app) => {
        await app.sync('1', FIRST);
        assert.equal(await app.version(), '1');
        await app.sync('2', FIRST, BAD);
        assert.equal(await app.version(), '1');
        assert.match(await stage.kubectl(['logs', 'job/rag-migrate']), /relation .*nowhere.* does not exist/);
        await app.sync('3', FIRST, SECOND);
        assert.equal(await app.version(), '3');
        assert.deepEqual(await stage.applied(), [FIRST[0], SECOND[0]]);
        assert.equal(await stage.kubectl(['get', 'cronjobs', '--output=name']), '', 'it is skipped');
      }),
  },
];

function phaseOf(stage: Stage, object: string): Promise<string> {
  const annotation = HOOK.replaceAll('.', '\\.');
  return stage.kubectl(['get', object, `--output=jsonpath={.metadata.annotations.${annotation}}`]);
}
