import assert from 'node:assert/strict';
import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRegistry } from '../../../release/registry.ts';
import { removeAtExit } from '../../../servers/lifetime.ts';
import type { Stage } from '../../stage.ts';
import type { Scenario } from '../scenario.ts';

/** Packages the chart and pushes it, as the release workflow does. */
async function publish(stage: Stage, charts: string): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'localrag-migrate-oci-'));
  removeAtExit(directory);
  const path = stage.props.charts.path('charts/localrag-migrate');
  await succeeds(stage, ['package', path, '--destination', directory]);
  const [file = ''] = await readdir(directory);
  await succeeds(stage, ['push', join(directory, file), charts, '--plain-http']);
}

async function succeeds(stage: Stage, args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await stage.helm(args);
  assert.equal(code, 0, stdout + stderr);
}

export const REGISTRY: readonly Scenario[] = [
  {
    name: 'install from an OCI registry, then helm test',
    helms: ['3', '4'],
    needsGo: true,
    play: async (stage) => {
      const registry = await startRegistry();
      try {
        const charts = `oci://${registry.address}/charts`;
        await publish(stage, charts);
        const values = ['--values', await stage.props.charts.values(stage.connection)];
        await succeeds(stage, ['upgrade', '--install', 'rag', `${charts}/localrag-migrate`, '--plain-http', ...values]);
        assert.equal((await stage.applied()).length, 6);
        await succeeds(stage, ['test', 'rag']);
      } finally {
        await registry.stop();
      }
    },
  },
];
