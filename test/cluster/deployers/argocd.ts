import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { helmProgram } from '../../chart/helm-installation.ts';
import { downloadedModule, type PackageProgram, packageProgram } from '../../manifests/go-program.ts';
import { removeAtExit } from '../../servers/lifetime.ts';
import { acquireRedis, type RedisServer } from '../../servers/redis.ts';
import { freePort, type ServerProcess, startServer } from '../../servers/server-process.ts';
import type { Kubectl } from '../kubectl.ts';
import { eventually } from '../stage.ts';
import { commitCharts } from './charts-repository.ts';

const PROGRAM: PackageProgram = {
  name: 'argocd',
  module: 'github.com/argoproj/argo-cd/v3',
  version: 'v3.2.11',
  package: 'github.com/argoproj/argo-cd/v3/cmd',
};

const NAMESPACE = 'argocd';

/** What the API server, which does not run here, makes at its first start. */
const DEFAULT_PROJECT = {
  ...{ apiVersion: 'argoproj.io/v1alpha1', kind: 'AppProject', metadata: { name: 'default', namespace: NAMESPACE } },
  spec: {
    sourceRepos: ['*'],
    destinations: [{ namespace: '*', server: '*' }],
    clusterResourceWhitelist: [{ group: '*', kind: '*' }],
  },
};

/** Argo CD's application controller and repository server on this machine, for a cluster without Argo CD. */
export class ArgoCd {
  /** A git repository with the charts. */
  readonly repository: string;
  readonly #home: string;
  readonly #kubectl: Kubectl;
  readonly #redis: RedisServer;
  readonly #servers: ServerProcess[] = [];

  private constructor(home: string, kubectl: Kubectl, redis: RedisServer) {
    this.#home = home;
    this.#kubectl = kubectl;
    this.#redis = redis;
    this.repository = join(home, 'repository');
  }

  static async start(kubectl: Kubectl): Promise<ArgoCd> {
    const home = await mkdtemp(join(tmpdir(), 'localrag-migrate-argocd-'));
    removeAtExit(home);
    const argocd = new ArgoCd(home, kubectl, await acquireRedis({ settings: 'TEST' }));
    try {
      await commitCharts(argocd.repository);
      await argocd.#prepareCluster();
      await argocd.#startServers();
      return argocd;
    } catch (error) {
      await argocd.stop();
      throw error;
    }
  }

  async #prepareCluster(): Promise<void> {
    const { Dir } = await downloadedModule(PROGRAM.module, PROGRAM.version);
    await this.#kubectl.run(['create', 'namespace', NAMESPACE]);
    const crds = ['apply', '--server-side', '--kustomize', join(Dir, 'manifests/crds')];
    await this.#kubectl.run(crds);
    await this.#kubectl.run(['apply', '--namespace', NAMESPACE, '--kustomize', join(Dir, 'manifests/base/config')]);
    const key = JSON.stringify({ stringData: { 'server.secretkey': randomBytes(32).toString('hex') } });
    await this.#kubectl.run(['patch', 'secret', 'argocd-secret', '--namespace', NAMESPACE, '--patch', key]);
    // The API server needs a moment for new kinds.
    await eventually(() => this.#kubectl.run(['apply', '--filename=-'], JSON.stringify(DEFAULT_PROJECT)));
  }

  async #startServers(): Promise<void> {
    const config = join(this.#home, 'kubeconfig');
    const text = await this.#kubectl.run(['config', 'view', '--minify', '--flatten', '--raw']);
    await writeFile(config, text, { mode: 0o600 });
    for (const directory of ['plugins', 'tls', 'ssh', 'tmp']) await mkdir(join(this.#home, directory));
    const redis = new URL(this.#redis.url);
    const env = {
      HOME: this.#home,
      // Argo CD 3.2 renders with Helm 3.
      PATH: [dirname(await helmProgram('3')), process.env.PATH].join(delimiter),
      KUBECONFIG: config,
      TMPDIR: join(this.#home, 'tmp'),
      REDIS_PASSWORD: redis.password,
      // The cluster of the kubeconfig is https://kubernetes.default.svc.
      ARGOCD_FAKE_IN_CLUSTER: 'true',
      ARGOCD_GPG_ENABLED: 'false',
      ARGOCD_PLUGINSOCKFILEPATH: join(this.#home, 'plugins'),
      ARGOCD_TLS_DATA_PATH: join(this.#home, 'tls'),
      ARGOCD_SSH_DATA_PATH: join(this.#home, 'ssh'),
    };
    const [server, ...metrics] = await Promise.all([freePort(), freePort(), freePort()]);
    const shared = ['--redis', redis.host, '--loglevel', 'info'];
    await this.#start('argocd-repo-server', 'is listening on', env, [
      ...[...shared, '--disable-tls', '--address', '127.0.0.1', '--port', String(server)],
      ...['--metrics-address', '127.0.0.1', '--metrics-port', String(metrics[0])],
    ]);
    await this.#start('argocd-application-controller', 'Cluster cache sync|Start syncing|Application Controller', env, [
      ...[...shared, '--namespace', NAMESPACE, '--repo-server-plaintext', '--repo-server', `127.0.0.1:${server}`],
      ...['--metrics-port', String(metrics[1])],
    ]);
  }

  async #start(name: string, started: string, env: NodeJS.ProcessEnv, args: readonly string[]): Promise<void> {
    const logFile = join(this.#home, `${name}.log`);
    const process = await startServer({
      ...{ command: await packageProgram(PROGRAM), args, logFile, detached: false, identity: {} },
      env: { ...env, ARGOCD_BINARY_NAME: name },
      stopSignal: 'SIGTERM',
      startTimeout: 60_000,
      ready: async () => new RegExp(started).test(await readFile(logFile, 'utf8')),
    });
    this.#servers.push(process);
  }

  /** The end of what a server has logged. */
  async log(name: string): Promise<string> {
    return (await readFile(join(this.#home, `${name}.log`), 'utf8')).slice(-4000);
  }

  async stop(): Promise<void> {
    for (const server of this.#servers.reverse()) await server.end('SIGTERM');
    await this.#redis.stop();
    await this.#kubectl.attempt(['delete', 'namespace', NAMESPACE, '--wait=false']);
    const { Dir } = await downloadedModule(PROGRAM.module, PROGRAM.version);
    await this.#kubectl.attempt(['delete', '--kustomize', join(Dir, 'manifests/crds'), '--wait=false']);
    await rm(this.#home, { recursive: true, force: true });
  }
}
