import assert from 'node:assert/strict';
import pRetry from 'p-retry';
import type { Ended } from '../execute.ts';
import type { EmptyNeo4j, FreshDatabase } from '../servers/databases.ts';
import type { PostgresServer } from '../servers/postgres.ts';
import type { Gateway } from './gateway.ts';
import type { ChartPath, Charts, Helm, Values } from './helm.ts';
import type { Kubectl } from './kubectl.ts';
import type { Observation } from './observation.ts';

/** What one scenario plays on: a namespace of its own, a PostgreSQL database of its own, an empty Neo4j. */
export interface Props {
  readonly namespace: string;
  readonly helm: Helm;
  readonly image: string;
  readonly kubectl: Kubectl;
  readonly charts: Charts;
  readonly observation: Observation;
  /** Where further databases may be made. */
  readonly server: PostgresServer;
  readonly postgres: FreshDatabase;
  readonly neo4j: EmptyNeo4j;
  /** Where pods reach the two servers. */
  readonly gateways: { readonly postgres: Gateway; readonly neo4j: Gateway };
  /** Brings an archive of another image to the cluster's nodes. */
  loadImage(image: string, archive: string): Promise<string>;
}

interface ContainerState {
  readonly terminated?: { readonly exitCode: number; readonly message?: string };
}

interface ContainerStatus {
  readonly name: string;
  readonly state: ContainerState;
  /** Of the run before a restart. */
  readonly lastState: ContainerState;
}

interface Pod {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly status: {
    readonly phase: string;
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
}

export interface ReleaseOptions {
  readonly chart?: ChartPath;
  readonly name?: string;
  /** Over those of the connection, which suffice for the image's own migrations. */
  readonly values?: Values;
  readonly flags?: readonly string[];
}

export class Stage {
  readonly props: Props;
  /** Helm's own words, where it failed. */
  readonly said: string[] = [];

  constructor(props: Props) {
    this.props = props;
  }

  /** The values that every release of the chart has here. */
  get connection(): Values {
    const { postgres, neo4j } = this.#databases;
    const { props } = this;
    return {
      ...this.#common,
      postgres: { ...postgres, password: props.postgres.password },
      neo4j: { ...neo4j, password: props.neo4j.password },
    };
  }

  get #common(): Values {
    const [repository, tag] = this.props.image.split(/:(?=[^:]*$)/);
    return { image: { registry: '', repository, tag }, log: { format: 'json' } };
  }

  get #databases() {
    const { postgres, neo4j, gateways } = this.props;
    const { host, port } = gateways.postgres;
    const uri = `bolt://${gateways.neo4j.host}:${gateways.neo4j.port}`;
    return {
      postgres: { host, port, database: postgres.database, user: postgres.user },
      neo4j: { uri, user: neo4j.user },
    };
  }

  /** Makes the Secrets that the examples speak of. */
  async secrets(): Promise<void> {
    for (const database of ['postgres', 'neo4j'] as const) {
      const password = `--from-literal=password=${this.props[database].password}`;
      await this.kubectl(['create', 'secret', 'generic', `localrag-${database}`, password]);
    }
  }

  /** `helm upgrade --install`, to its end. */
  async release(options: ReleaseOptions = {}): Promise<Ended> {
    const { chart = 'charts/localrag-migrate', name = 'rag', values = {}, flags = [] } = options;
    const files = await this.#files(chart, values);
    return this.helm(['upgrade', '--install', name, this.props.charts.path(chart), ...files, ...flags]);
  }

  /** `helm template` of a release `rag`. */
  async template(chart: ChartPath, values: Values): Promise<Ended> {
    return this.helm(['template', 'rag', this.props.charts.path(chart), ...(await this.#files(chart, values))]);
  }

  async #files(chart: ChartPath, values: Values): Promise<readonly string[]> {
    const { charts } = this.props;
    const own = chart === 'charts/localrag-migrate';
    const base = own ? this.connection : { schema: { ...this.#common, ...this.#databases } };
    return ['--values', await charts.values(base), '--values', await charts.values(values)];
  }

  async helm(args: readonly string[]): Promise<Ended> {
    const { charts, helm, kubectl, namespace } = this.props;
    const ended = await charts.helm(helm, [...args, '--kube-context', kubectl.context, '--namespace', namespace]);
    const error = /^Error:.*/ms
      .exec(ended.stderr)?.[0]
      .replaceAll(`${namespace}/`, '')
      .replace(/\s+/g, ' ')
      .slice(0, 160);
    if (ended.code !== 0) this.said.push(error ?? `exit ${ended.code}`);
    return ended;
  }

  kubectl(args: readonly string[], input?: string): Promise<string> {
    return this.props.kubectl.run(['--namespace', this.props.namespace, ...args], input);
  }

  /** Of the Jobs, oldest first. */
  async pods(selector = 'batch.kubernetes.io/job-name'): Promise<readonly Pod[]> {
    const args = [
      '--namespace',
      this.props.namespace,
      'get',
      'pods',
      '--selector',
      selector,
      '--sort-by=.metadata.creationTimestamp',
    ];
    return (await this.props.kubectl.json<{ items: readonly Pod[] }>(args)).items;
  }

  /** The JSON that the last ended pod left for Kubernetes. */
  async terminationMessage(): Promise<Record<string, unknown>> {
    const messages = (await this.pods()).map((pod) => endOf(pod)?.message);
    return JSON.parse(messages.findLast((message) => message !== undefined) ?? '{}');
  }

  /** Asserts the exit codes of all pods so far; what the API server tells comes a moment after it is true. */
  exits(expected: readonly string[], message?: string): Promise<void> {
    return eventually(async () => assert.deepEqual(this.props.observation.exits, expected, message), 10);
  }

  /** Asserts the condition of a Job. */
  job(expected: RegExp): Promise<void> {
    return eventually(async () => assert.match(this.props.observation.jobs, expected), 10);
  }

  async applied(): Promise<readonly string[]> {
    const { postgres, neo4j } = this.props;
    const rows = await postgres.query<{ filename: string }>('SELECT filename FROM migrations ORDER BY id');
    const nodes = await neo4j.run<{ version: unknown }>('MATCH (m:_Migration) RETURN m.version AS version');
    return [...rows.map(({ filename }) => filename), ...nodes.map(({ version }) => `neo4j ${version}`)];
  }
}

/** How the program's container has ended; those of sidecars are beside it, in the order of their names. */
export function endOf({ status }: Pod): ContainerState['terminated'] {
  return status.containerStatuses?.find(({ name }) => name === 'migrate')?.state.terminated;
}

/** Asks until `check` does not throw. */
export function eventually<T>(check: () => Promise<T>, seconds = 60): Promise<T> {
  return pRetry(check, { retries: seconds * 4, factor: 1, minTimeout: 250 });
}
