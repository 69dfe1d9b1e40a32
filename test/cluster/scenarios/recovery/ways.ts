import assert from 'node:assert/strict';
import type { FreshDatabase } from '../../../servers/databases.ts';
import type { ChartPath, Values } from '../../helm.ts';
import { eventually, type Stage } from '../../stage.ts';
import { application, ready } from '../applications.ts';
import { fleet, withTenants } from '../fleet.ts';

type Message = Readonly<Record<string, unknown>>;

/** One of the chart's modes, as its user meets it. */
export interface Way {
  readonly mode: string;
  readonly chart: ChartPath;
  /** What ad-hoc Jobs are made from. */
  readonly cronJob: string;
  /** With which an upgrade ends after its migrations. */
  readonly flags: readonly string[];
  /** `helm upgrade` fails with the migration. */
  readonly fails: boolean;
  /** The flags of a command for the database that fails. */
  readonly target: readonly string[];
  /** Plays with all databases of the release; in the first one a migration fails. */
  withDatabases(stage: Stage, play: (databases: readonly FreshDatabase[]) => Promise<void>): Promise<void>;
  values(stage: Stage, migrations: Values): Values;
  /** The termination messages of failed containers. */
  messages(stage: Stage): Promise<readonly Message[]>;
  /** What the release needs. */
  before?(stage: Stage): Promise<void>;
  /** Waits for version 1, if an upgrade does not. */
  installed?(stage: Stage): Promise<void>;
  /** What follows when `migrate` has succeeded. */
  recovered?(stage: Stage): Promise<void>;
}

/** A failed attempt is the last one, and a table's lock is given up soon. */
const IMPATIENT = { timeouts: { ddlLock: '500ms', ddlLockRetryFor: '1s' }, job: { backoffLimit: 0 } };

async function messagesOfJobs(stage: Stage): Promise<readonly Message[]> {
  const statuses = (await stage.pods()).flatMap(({ status }) => status.containerStatuses ?? []);
  return parsed(statuses.map(({ state }) => state.terminated?.message));
}

function parsed(messages: readonly (string | undefined)[]): readonly Message[] {
  return messages.filter((message) => message?.startsWith('{')).map((message) => JSON.parse(message as string));
}

const ONE_DATABASE: Pick<Way, 'target' | 'withDatabases'> = {
  target: [],
  withDatabases: (stage, play) => play([stage.props.postgres]),
};

const ALONE: Pick<Way, 'chart' | 'cronJob' | 'fails' | 'messages'> = {
  ...{ chart: 'charts/localrag-migrate', cronJob: 'rag-migrate-hook', fails: true, messages: messagesOfJobs },
};

const TENANTS = ['acme.env', 'birch.env', 'cedar.env'];

export const WAYS: readonly Way[] = [
  {
    ...{ ...ONE_DATABASE, ...ALONE, mode: 'hook', flags: [] },
    values: (_, migrations) => ({ ...migrations, ...IMPATIENT, mode: 'hook' }),
  },
  {
    ...{
      ...ONE_DATABASE,
      ...ALONE,
      mode: 'job',
      cronJob: 'rag-migrate',
      flags: ['--wait', '--wait-for-jobs', '--timeout=3m'],
    },
    values: (_, migrations) => ({ ...migrations, ...IMPATIENT, mode: 'job' }),
  },
  {
    ...{ ...ONE_DATABASE, mode: 'initContainer', chart: 'examples/umbrella', cronJob: 'rag-schema-migrate' },
    // Helm would wait for the application's pods, which wait for the migration.
    ...{ flags: [], fails: false },
    values: ({ props }, migrations) => {
      // As another image would, it makes new pods; the content of a ConfigMap alone does not.
      const extraEnv = [{ name: 'VERSION', value: JSON.stringify(migrations) }];
      const schema = { ...migrations, ...IMPATIENT, mode: 'initContainer', extraEnv };
      return { ...application(props.image, 1), schema };
    },
    messages: async (stage) => {
      const pods = await stage.pods('app.kubernetes.io/instance=rag');
      const statuses = pods.flatMap(({ status }) => status.initContainerStatuses ?? []);
      return parsed(statuses.map(({ state, lastState }) => (state.terminated ?? lastState.terminated)?.message));
    },
    before: (stage) => stage.secrets(),
    installed: (stage) => ready(stage, 'rag', 1),
    recovered: async (stage) => {
      // By itself the pod starts again as well, but after a pause that grows with each failure.
      const pending = ['--selector=app.kubernetes.io/name=umbrella', '--field-selector=status.phase=Pending'];
      await stage.kubectl(['delete', 'pods', ...pending, '--wait=false']);
      await eventually(async () => {
        const updated = '--output=jsonpath={.status.updatedReplicas} {.status.availableReplicas} {.status.replicas}';
        assert.equal(await stage.kubectl(['get', 'deployment', 'rag', updated]), '1 1 1');
      }, 120);
    },
  },
  {
    ...{ ...ALONE, mode: 'fleet', flags: [], target: ['--tenant', 'acme'] },
    withDatabases: (stage, play) => withTenants(stage, TENANTS, () => ({}), play),
    values: (_, migrations) => {
      const settings = { canary: 0, parallelism: TENANTS.length, backoffLimitPerIndex: 0 };
      return { ...IMPATIENT, ...fleet(TENANTS, migrations, settings) };
    },
  },
];
