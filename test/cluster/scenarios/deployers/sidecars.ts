import assert from 'node:assert/strict';
import { ENVOY_ADMIN, ENVOY_IMAGE, envoyArchive, envoyConfiguration } from '../../deployers/envoy.ts';
import type { Values } from '../../helm.ts';
import type { Stage } from '../../stage.ts';
import type { Scenario } from '../scenario.ts';

const PORTS = { postgres: 5432, neo4j: 7687 } as const;

/** Envoy as a container of the chart's pods: their only way to the databases. */
const ENVOY = {
  name: 'envoy',
  image: ENVOY_IMAGE,
  imagePullPolicy: 'IfNotPresent',
  args: ['--config-path', '/etc/envoy/envoy.json', '--disable-hot-restart', '--concurrency', '1'],
  securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
  volumeMounts: [{ name: 'envoy', mountPath: '/etc/envoy' }],
};

const KINDS: Readonly<Record<string, Values>> = {
  'a native sidecar': {
    extraInitContainers: [{ ...ENVOY, restartPolicy: 'Always' }],
    mesh: { mode: 'nativeSidecar' },
  },
  'a classic sidecar': {
    extraContainers: [ENVOY],
    mesh: { mode: 'quit', quitUrl: `http://${ENVOY_ADMIN.address}:${ENVOY_ADMIN.port}/quitquitquit` },
  },
};

export const SIDECARS: readonly Scenario[] = Object.entries(KINDS).map(([kind, values]) => ({
  name: `Envoy as ${kind}`,
  helms: ['4'],
  play: async (stage) => {
    await prepare(stage);
    const proxied = {
      ...values,
      postgres: { host: '127.0.0.1', port: PORTS.postgres },
      neo4j: { uri: `bolt://127.0.0.1:${PORTS.neo4j}` },
      extraVolumes: [{ name: 'envoy', configMap: { name: 'envoy' } }],
    };
    const { code, stdout, stderr } = await stage.release({ values: proxied });
    assert.equal(code, 0, stdout + stderr);
    await stage.job(/^Complete$/);
    assert.equal((await stage.applied()).length, 6);
    const tested = await stage.helm(['test', 'rag']);
    assert.equal(tested.code, 0, tested.stdout + tested.stderr);

    const postgres = { ...proxied.postgres, password: 'wrong' };
    assert.equal((await stage.release({ values: { ...proxied, postgres } })).code, 1);
    await stage.job(/Failed PodFailurePolicy/);
    assert.equal((await stage.terminationMessage()).code, 77);
    // As the chart's notes ask in mode fleet.
    const why = 'WHY:.status.containerStatuses[?(@.name=="migrate")].state.terminated.message';
    assert.match(await stage.kubectl(['get', 'pods', `--output=custom-columns=${why}`]), /"code":77/);
  },
}));

async function prepare(stage: Stage): Promise<void> {
  const { gateways, loadImage } = stage.props;
  await loadImage(ENVOY_IMAGE, await envoyArchive());
  const upstreams = (['postgres', 'neo4j'] as const).map((name) => ({
    ...{ name, port: PORTS[name], server: gateways[name] },
  }));
  const configuration = `--from-literal=envoy.json=${envoyConfiguration(upstreams)}`;
  await stage.kubectl(['create', 'configmap', 'envoy', configuration]);
}
