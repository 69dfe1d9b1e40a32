import assert from 'node:assert/strict';
import { read } from '../../docs/documents.ts';
import { eventually } from '../stage.ts';
import type { Reader } from './reader.ts';

/** The namespace of every page. */
export const NAMESPACE = 'rag';

export interface Page {
  readonly name: string;
  /** @throws {AssertionError} if a step does not do what the page says */
  follow(reader: Reader): Promise<void>;
}

const KUBERNETES = 'docs/kubernetes.md';
const FAILING = 'docs/failing-upgrade.md';

/** What is followed, by path and heading. */
export const SECTIONS = {
  readme: ['README.md', 'Kubernetes'],
  quickStart: ['charts/localrag-migrate/README.md', 'Quick start'],
  install: [KUBERNETES, 'Install with Helm'],
  command: [KUBERNETES, 'Run a command in the cluster'],
  uninstall: [KUBERNETES, 'Uninstall'],
  kubectl: [KUBERNETES, 'kubectl'],
  read: [FAILING, '1. Read the exit code'],
  look: [FAILING, '2. Look at the databases'],
  again: [FAILING, '5. Migrate again'],
  verify: [FAILING, '6. Verify'],
} as const;
const UPGRADE = `helm upgrade --install schema charts/localrag-migrate -n ${NAMESPACE} -f values.yaml --timeout 31m`;
const DUPLICATES = "(:Document {file_path: '/a.pdf'}), (:Document {file_path: '/a.pdf', copy: true})";

async function assertMigrated({ databases }: Reader): Promise<void> {
  const files = await databases.query<{ filename: string }>('SELECT filename FROM migrations ORDER BY filename');
  const nodes = await databases.cypher('MATCH (m:_Migration) RETURN m.version AS version');
  assert.deepEqual([files.length, nodes.length], [5, 1]);
}

/** What the documentation says of Kubernetes, with real servers behind the names that it uses. */
export const PAGES: readonly Page[] = [
  {
    name: 'README.md: Kubernetes',
    follow: async (reader) => {
      await reader.follow(...SECTIONS.readme);
      await assertMigrated(reader);
    },
  },
  {
    name: 'charts/localrag-migrate/README.md: Quick start',
    follow: async (reader) => {
      await reader.follow(...SECTIONS.quickStart);
      await assertMigrated(reader);
    },
  },
  {
    name: `${KUBERNETES}: Install with Helm, Run a command in the cluster, Uninstall`,
    follow: async (reader) => {
      await reader.follow(...SECTIONS.install);
      await assertMigrated(reader);
      const printed = await reader.follow(...SECTIONS.command);
      assert.match(printed.get('run status') ?? '', /006_foundation\.cypher .*applied[\s\S]*exit code 0/);
      await reader.enter(`helm uninstall schema -n ${NAMESPACE}`);
      await reader.follow(...SECTIONS.uninstall);
      const kinds = 'job,cronjob,secret,configmap,networkpolicy,pod';
      const left = `kubectl -n ${NAMESPACE} get ${kinds} -o name -l app.kubernetes.io/instance=schema`;
      // A Job of `run` deletes itself after a day. Pods follow their Jobs a moment later.
      await eventually(async () => {
        assert.deepEqual((await reader.enter(left)).match(/^(?!\w+(\.batch)?\/schema-run-\d+).+$/gm), null);
      });
    },
  },
  {
    name: `${KUBERNETES}: kubectl`,
    follow: async (reader) => {
      await reader.enter(`kubectl create namespace ${NAMESPACE}`);
      const { postgresPassword, neo4jPassword } = reader.databases;
      const filledIn = read('examples/job.yaml')
        .replace('postgres-password: CHANGE-ME', `postgres-password: '${postgresPassword}'`)
        .replace('neo4j-password: CHANGE-ME', `neo4j-password: '${neo4jPassword}'`);
      await reader.write('examples/job.yaml', filledIn);
      await reader.follow(...SECTIONS.kubectl);
      await assertMigrated(reader);
    },
  },
  {
    name: FAILING,
    follow: async (reader) => {
      const { databases } = reader;
      await reader.follow(...SECTIONS.install);
      // Version 1 knows PostgreSQL alone; version 2 meets a graph that it cannot constrain.
      await databases.renew();
      await databases.cypher(`CREATE ${DUPLICATES}`);
      await reader.enter(`${UPGRADE} --set scope=postgres`);
      await reader.enter(UPGRADE, 1);

      const why = await reader.follow(...SECTIONS.read);
      assert.match([...why.values()].join(''), /"exitCode":70.*006_foundation\.cypher/);
      const seen = await reader.follow(...SECTIONS.look);
      assert.match(seen.get('run status') ?? '', /006_foundation\.cypher .*started 0\/1[\s\S]*exit code 0/);
      assert.match(seen.get('run plan') ?? '', /006_foundation\.cypher[\s\S]*exit code 0/);
      await databases.cypher('MATCH (d:Document {copy: true}) DELETE d');
      await reader.follow(...SECTIONS.again);
      const verified = await reader.follow(...SECTIONS.verify);
      assert.deepEqual(
        [...verified.values()].map((text) => /exit code \d+/.exec(text)?.[0]),
        ['exit code 0', 'exit code 0'],
      );
      await assertMigrated(reader);
    },
  },
];
