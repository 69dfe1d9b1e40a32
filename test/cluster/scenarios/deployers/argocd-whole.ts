import assert from 'node:assert/strict';
import { parse } from 'yaml';
import { read } from '../../../docs/documents.ts';
import { blocksOf } from '../../../docs/markdown.ts';
import { ArgoCd } from '../../deployers/argocd.ts';
import type { Values } from '../../helm.ts';
import { eventually, type Stage } from '../../stage.ts';
import { assertLogOfBad, BAD, FIRST, inline, SECOND } from '../migrations.ts';
import type { Scenario } from '../scenario.ts';

interface Application {
  readonly metadata: { name: string; namespace: string };
  readonly spec: {
    destination: { namespace: string };
    source: { repoURL: string; helm: { valuesObject: Values & { argocd: unknown } } };
  };
  readonly status?: {
    readonly sync?: { readonly status: string };
    readonly health?: { readonly status: string };
    readonly conditions?: readonly { readonly type: string; readonly message: string }[];
    readonly operationState?: {
      readonly phase: string;
      readonly message?: string;
      readonly retryCount?: number;
      readonly finishedAt?: string;
    };
  };
}

export const ARGO_CD_WHOLE: readonly Scenario[] = [
  {
    name: "Argo CD's controller with the documented Application",
    helms: ['3'],
    needsGo: true,
    byName: true,
    play: async (stage) => {
      const argocd = await ArgoCd.start(stage.props.kubectl);
      try {
        await play(stage, argocd);
      } finally {
        await argocd.stop();
      }
    },
  },
];

async function play(stage: Stage, argocd: ArgoCd): Promise<void> {
  await apply(stage, argocd, inline(FIRST));
  await finished(stage, 'Succeeded');
  assert.deepEqual(await stage.applied(), [FIRST[0]]);
  await inSync(stage);

  await apply(stage, argocd, inline(FIRST, BAD));
  const failed = await finished(stage, 'Failed');
  assert.equal(failed.retryCount ?? 0, 0);
  const job = ['get', 'job/schema-migrate', '--output=jsonpath={.metadata.uid}'];
  const uid = await stage.kubectl(job);
  // The controller compares again, and leaves the failed version alone.
  await refresh(stage);
  await eventually(async () => {
    const conditions = (await current(stage)).status?.conditions?.map(({ type, message }) => `${type}: ${message}`);
    assert.match(String(conditions), /SyncError: Failed last sync attempt/);
  });
  assert.equal(await stage.kubectl(job), uid, 'no second attempt replaces the failed Job');
  await assertLogOfBad(stage, 'schema-migrate');

  await apply(stage, argocd, inline(FIRST, SECOND));
  await finished(stage, 'Succeeded');
  assert.deepEqual(await stage.applied(), [FIRST[0], SECOND[0]]);
  await inSync(stage);
}

/** The CronJob is suspended, the ConfigMap of older files is gone, and the application is well. */
function inSync(stage: Stage): Promise<void> {
  return eventually(async () => {
    const { sync, health } = (await current(stage)).status ?? {};
    assert.deepEqual([sync?.status, health?.status], ['Synced', 'Healthy']);
  }, 30);
}

/** The page's Application, with this scenario's repository, namespace and values. */
async function apply(stage: Stage, argocd: ArgoCd, migrations: Values): Promise<void> {
  const block = blocksOf(read('docs/kubernetes.md')).find(({ text }) => text.includes('kind: Application'));
  const application = parse(block?.text ?? '') as Application;
  application.spec.source.repoURL = `file://${argocd.repository}`;
  application.spec.destination.namespace = stage.props.namespace;
  const { helm } = application.spec.source;
  helm.valuesObject = { argocd: helm.valuesObject.argocd, ...stage.connection, ...migrations };
  await stage.props.kubectl.run(['apply', '--filename=-'], JSON.stringify(application));
}

const APPLICATION = ['--namespace', 'argocd', 'application/schema'];

function current(stage: Stage): Promise<Application> {
  return stage.props.kubectl.json(['get', ...APPLICATION]);
}

async function refresh(stage: Stage): Promise<void> {
  await stage.props.kubectl.run(['annotate', ...APPLICATION, 'argocd.argoproj.io/refresh=hard', '--overwrite']);
}

/** Waits for the end of the synchronization that follows a change. */
async function finished(stage: Stage, phase: string) {
  return eventually(async () => {
    const { status } = await current(stage);
    const { operationState } = status ?? {};
    assert.equal(operationState?.phase, phase, JSON.stringify(status));
    return operationState;
  }, 120);
}
