import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { read } from '../../docs/documents.ts';
import { blocksOf } from '../../docs/markdown.ts';
import { downloadedModule, type PackageProgram, packageProgram } from '../../manifests/go-program.ts';
import { removeAtExit } from '../../servers/lifetime.ts';
import { freePort, type ServerProcess, startServer } from '../../servers/server-process.ts';
import type { Kubectl } from '../kubectl.ts';
import { eventually } from '../stage.ts';
import { commitCharts, type GitServer, serveGit } from './charts-repository.ts';

const PROGRAM: PackageProgram = {
  name: 'source-controller',
  module: 'github.com/fluxcd/source-controller',
  version: 'v1.9.0',
  package: 'github.com/fluxcd/source-controller',
};

interface HelmRelease {
  readonly spec: {
    readonly chart: {
      readonly spec: { readonly chart: string; readonly sourceRef: { readonly kind: string; readonly name: string } };
    };
  };
}

interface HelmChart {
  readonly status?: { readonly artifact?: { readonly url: string } };
}

/** Flux's source-controller on this machine, for a cluster without Flux, and a git repository with the charts. */
export class SourceController {
  readonly #home: string;
  readonly #kubectl: Kubectl;
  #git: GitServer | undefined;
  #server: ServerProcess | undefined;

  private constructor(home: string, kubectl: Kubectl) {
    this.#home = home;
    this.#kubectl = kubectl;
  }

  static async start(kubectl: Kubectl): Promise<SourceController> {
    const home = await mkdtemp(join(tmpdir(), 'localrag-migrate-flux-'));
    removeAtExit(home);
    const controller = new SourceController(home, kubectl);
    try {
      await controller.#start();
      return controller;
    } catch (error) {
      await controller.stop();
      throw error;
    }
  }

  async #start(): Promise<void> {
    const repository = join(this.#home, 'repository');
    await commitCharts(repository);
    this.#git = await serveGit(repository);
    const { Dir } = await downloadedModule(PROGRAM.module, PROGRAM.version);
    await this.#kubectl.run(['apply', '--server-side', '--filename', join(Dir, 'config/crd/bases')]);
    const config = join(this.#home, 'kubeconfig');
    const text = await this.#kubectl.run(['config', 'view', '--minify', '--flatten', '--raw']);
    await writeFile(config, text, { mode: 0o600 });
    const [storage, health] = await Promise.all([freePort(), freePort()]);
    const logFile = join(this.#home, 'log');
    this.#server = await startServer({
      ...{ command: await packageProgram(PROGRAM), logFile, detached: false, identity: {} },
      args: [
        ...['--storage-path', this.#home, '--storage-addr', `127.0.0.1:${storage}`],
        ...['--storage-adv-addr', `127.0.0.1:${storage}`, '--health-addr', `127.0.0.1:${health}`],
        ...['--metrics-addr', '0', '--events-addr', ''],
      ],
      env: { ...process.env, KUBECONFIG: config, RUNTIME_NAMESPACE: 'default', TMPDIR: this.#home },
      stopSignal: 'SIGTERM',
      startTimeout: 60_000,
      ready: async () => /Starting workers/.test(await readFile(logFile, 'utf8')),
    });
  }

  /**
   * Lets it package the chart that the page's HelmRelease names, from a GitRepository, as helm-controller does.
   * @returns the path of the packaged chart
   */
  async chart(namespace: string): Promise<string> {
    const block = blocksOf(read('docs/kubernetes.md')).find(({ text }) => text.includes('kind: HelmRelease'));
    const { chart, sourceRef } = (parse(block?.text ?? '') as HelmRelease).spec.chart.spec;
    const [apiVersion, interval] = ['source.toolkit.fluxcd.io/v1', '10m'];
    const objects = [
      {
        ...{ apiVersion, kind: sourceRef.kind, metadata: { name: sourceRef.name, namespace } },
        spec: { interval, url: this.#git?.url, ref: { branch: 'main' } },
      },
      {
        ...{ apiVersion, kind: 'HelmChart', metadata: { name: 'schema', namespace } },
        spec: { interval, chart, sourceRef },
      },
    ];
    // The API server needs a moment for new kinds.
    for (const object of objects)
      await eventually(() => this.#kubectl.run(['apply', '--filename=-'], JSON.stringify(object)));
    const artifact = await eventually(async () => {
      const args = ['get', 'helmchart.source.toolkit.fluxcd.io/schema', '--namespace', namespace];
      const { status } = await this.#kubectl.json<HelmChart>(args);
      assert.ok(status?.artifact, JSON.stringify(status));
      return status.artifact;
    });
    const path = join(this.#home, 'chart.tgz');
    await writeFile(path, Buffer.from(await (await fetch(artifact.url)).arrayBuffer()));
    return path;
  }

  async stop(): Promise<void> {
    // Its finalizers keep its objects, and with them their namespaces, until it has released their artifacts.
    for (const kind of ['helmchart', 'gitrepository'])
      await this.#kubectl.attempt([
        ...['delete', `${kind}.source.toolkit.fluxcd.io`, '--all', '--all-namespaces'],
        '--timeout=60s',
      ]);
    await this.#server?.end('SIGTERM');
    await this.#git?.close();
    const { Dir } = await downloadedModule(PROGRAM.module, PROGRAM.version);
    await this.#kubectl.attempt(['delete', '--filename', join(Dir, 'config/crd/bases'), '--wait=false']);
    await rm(this.#home, { recursive: true, force: true });
  }
}
