import assert from 'node:assert/strict';
import { flux, type Hooks } from '../../deployers/flux.ts';
import { SourceController } from '../../deployers/source-controller.ts';
import type { Stage } from '../../stage.ts';
import { assertLogOfBad, BAD, FIRST, inline, SECOND } from '../migrations.ts';
import type { Scenario } from '../scenario.ts';

const HOOKS: readonly Hooks[] = ['combined', 'nohooks'];
const LABEL = 'helm\\.toolkit\\.fluxcd\\.io/name';

export const FLUX: readonly Scenario[] = [
  ...HOOKS.map(
    (hooks): Scenario => ({
      name: `Flux: an upgrade that fails, then fixed (hooks ${hooks})`,
      helms: ['4'],
      isolated: true,
      needsGo: true,
      play: async (stage) => {
        await succeeds(flux(stage, 'install', { values: inline(FIRST), hooks }));
        assert.deepEqual(await stage.applied(), [FIRST[0]]);
        const label = await stage.kubectl(['get', 'job/rag-migrate', `--output=jsonpath={.metadata.labels.${LABEL}}`]);
        assert.equal(label, hooks === 'combined' ? 'rag' : '');
        await succeeds(flux(stage, 'upgrade', { values: { ...inline(FIRST), podLabels: { revision: 'two' } }, hooks }));
        assert.match(await stage.kubectl(['logs', 'job/rag-migrate']), /Nothing to do/);
        await fails(stage, flux(stage, 'upgrade', { values: inline(FIRST, BAD), hooks }));
        await succeeds(flux(stage, 'upgrade', { values: inline(FIRST, SECOND), hooks }));
        assert.deepEqual(await stage.applied(), [FIRST[0], SECOND[0]]);
      },
    }),
  ),
  {
    name: 'Flux: a first install that fails, remediated by uninstall',
    helms: ['4'],
    isolated: true,
    needsGo: true,
    play: async (stage) => {
      await fails(stage, flux(stage, 'install', { values: inline(FIRST, BAD) }));
      await succeeds(flux(stage, 'uninstall'));
      await assertLogOfBad(stage);
      await succeeds(flux(stage, 'install', { values: inline(FIRST, SECOND) }));
      assert.deepEqual(await stage.applied(), [FIRST[0], SECOND[0]]);
    },
  },
  {
    name: 'Flux: mode job',
    helms: ['4'],
    isolated: true,
    needsGo: true,
    play: async (stage) => {
      await succeeds(flux(stage, 'install', { values: { ...inline(FIRST), mode: 'job' } }));
      assert.deepEqual(await stage.applied(), [FIRST[0]], 'it waits for the Job');
      const failed = await flux(stage, 'upgrade', { values: { ...inline(FIRST, BAD), mode: 'job' } });
      assert.equal(failed.code, 1);
      await stage.job(/Failed PodFailurePolicy/);
      await succeeds(flux(stage, 'upgrade', { values: { ...inline(FIRST, SECOND), mode: 'job' } }));
      assert.deepEqual(await stage.applied(), [FIRST[0], SECOND[0]]);
    },
  },
  {
    name: "Flux's source-controller with the documented HelmRelease",
    helms: ['4'],
    needsGo: true,
    byName: true,
    play: async (stage) => {
      const sources = await SourceController.start(stage.props.kubectl);
      try {
        const chart = await sources.chart(stage.props.namespace);
        await succeeds(flux(stage, 'install', { values: inline(FIRST), chart }));
        assert.deepEqual(await stage.applied(), [FIRST[0]]);
      } finally {
        await sources.stop();
      }
    },
  },
];

type Action = ReturnType<typeof flux>;

async function succeeds(action: Action): Promise<void> {
  const { code, stderr } = await action;
  assert.equal(code, 0, stderr);
}

/** The Job of the hook and its log survive. */
async function fails(stage: Stage, action: Action): Promise<void> {
  assert.equal((await action).code, 1);
  await stage.job(/Failed PodFailurePolicy$/);
  await assertLogOfBad(stage);
  assert.equal((await stage.terminationMessage()).code, 70);
}
