import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { FIRST, inline } from './migrations.ts';
import type { Scenario } from './scenario.ts';

/** Of every namespace, and nobody's of ours. */
const KUBERNETES_OWN = /^(configmap\/kube-root-ca\.crt|serviceaccount\/default)$/;

export const OPERATIONS: readonly Scenario[] = [
  {
    name: 'plain kubectl: examples/job.yaml',
    helms: ['4'],
    play: async (stage) => {
      const { postgres, neo4j, gateways, image } = stage.props;
      const example = await readFile(new URL('../../../examples/job.yaml', import.meta.url), 'utf8');
      // What the file itself tells its reader to fill in.
      const filledIn: readonly (readonly [string | RegExp, string])[] = [
        ['postgres-password: CHANGE-ME', `postgres-password: ${postgres.password}`],
        ['neo4j-password: CHANGE-ME', `neo4j-password: ${neo4j.password}`],
        ['value: postgres.databases.svc', `value: ${gateways.postgres.host}`],
        [/- name: POSTGRES_DB\n *value: localrag/, `- name: POSTGRES_DB\n              value: ${postgres.database}`],
        [
          /- name: POSTGRES_USER\n *value: localrag/,
          `- {name: POSTGRES_PORT, value: "${gateways.postgres.port}"}\n            - name: POSTGRES_USER\n              value: ${postgres.user}`,
        ],
        ['neo4j://neo4j.databases.svc:7687', `bolt://${gateways.neo4j.host}:${gateways.neo4j.port}`],
        [/image: .*/, `image: ${image}`],
      ];
      let manifest = example;
      for (const [from, to] of filledIn) {
        const changed = manifest.replace(from, () => to);
        assert.notEqual(changed, manifest, `the example has ${from}`);
        manifest = changed;
      }
      await stage.kubectl(['apply', '--filename=-'], manifest);
      await stage.kubectl(['wait', 'job/localrag-migrate', '--for=condition=complete', '--timeout=120s']);
      assert.equal((await stage.applied()).length, 6);
    },
  },
  {
    name: 'kubectl create job --from=cronjob',
    helms: ['4'],
    play: async (stage) => {
      assert.equal((await stage.release()).code, 0);
      await stage.kubectl(['create', 'job', '--from=cronjob/rag-migrate-hook', 'now']);
      await stage.kubectl(['wait', 'job/now', '--for=condition=Complete', '--timeout=120s']);
      assert.match(await stage.kubectl(['logs', 'job/now']), /Nothing to do/);
    },
  },
  {
    name: 'helm test',
    helms: ['3', '4'],
    play: async (stage) => {
      assert.equal((await stage.release()).code, 0);
      const good = await stage.helm(['test', 'rag']);
      assert.equal(good.code, 0, good.stdout + good.stderr);
      await stage.props.postgres.query("DELETE FROM migrations WHERE filename LIKE '005%'");
      const bad = await stage.helm(['test', 'rag']);
      assert.equal(bad.code, 1, 'what is missing is noticed');
      await stage.exits(['0', '0', '3']);
    },
  },
  {
    name: 'helm uninstall leaves nothing',
    helms: ['3', '4'],
    isolated: true,
    play: async (stage) => {
      const values = {
        ...inline(FIRST),
        serviceAccount: { create: true },
        networkPolicy: { enabled: true },
        hook: { cleanup: true },
      };
      const { code, stderr } = await stage.release({ values });
      assert.equal(code, 0, stderr);
      const gone = await stage.helm(['uninstall', 'rag', '--wait']);
      assert.equal(gone.code, 0, gone.stderr);
      const kinds = (
        await stage.kubectl(['api-resources', '--namespaced', '--verbs=list,delete', '--output=name'])
      ).trim();
      const listed = kinds
        .split('\n')
        .filter((kind) => !/^events|^leases/.test(kind))
        .join(',');
      // What the garbage collector removes, the Job's pods, goes a moment later.
      await stage.kubectl(['wait', 'pods', '--all', '--for=delete', '--timeout=60s']);
      const left = (await stage.kubectl(['get', listed, '--output=name'])).trim().split('\n').filter(Boolean);
      assert.deepEqual(
        left.filter((name) => !KUBERNETES_OWN.test(name)),
        [],
      );
    },
  },
];
