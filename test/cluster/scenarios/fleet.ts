import assert from 'node:assert/strict';
import { type FreshDatabase, freshDatabase } from '../../servers/databases.ts';
import type { Values } from '../helm.ts';
import { endOf, type Stage } from '../stage.ts';
import { FIRST, inline } from './migrations.ts';
import type { Scenario } from './scenario.ts';

const TENANTS = Array.from({ length: 40 }, (_, index) => `tenant-${String(index).padStart(2, '0')}.env`);

/** Plays with a database for each tenant; `settings` may spoil a tenant's. */
export async function withTenants(
  stage: Stage,
  tenants: readonly string[],
  settings: (tenant: string, database: FreshDatabase) => Readonly<Record<string, string>>,
  play: (databases: readonly FreshDatabase[]) => Promise<void>,
): Promise<void> {
  const { server, gateways } = stage.props;
  const databases: FreshDatabase[] = [];
  try {
    for (const _ of tenants) databases.push(await freshDatabase({ server, extensions: [] }));
    const stringData = Object.fromEntries(
      tenants.map((tenant, index) => {
        const database = databases[index] as FreshDatabase;
        const { host, port } = gateways.postgres;
        const all = {
          ...{ POSTGRES_HOST: host, POSTGRES_PORT: String(port), POSTGRES_DB: database.database },
          ...{ POSTGRES_USER: database.user, POSTGRES_PASSWORD: database.password, ...settings(tenant, database) },
        };
        return [
          tenant,
          Object.entries(all)
            .map(([name, value]) => `${name}=${value}\n`)
            .join(''),
        ];
      }),
    );
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'tenants' }, stringData };
    // Not apply, which would write all of it into an annotation again.
    await stage.kubectl(['create', '--filename=-'], JSON.stringify(secret));
    await play(databases);
  } finally {
    for (const database of databases) await database.drop();
  }
}

export function fleet(tenants: readonly string[], migrations: Values, settings: Values): Values {
  const none = {
    postgres: { host: '', port: 5432, user: 'localrag', database: 'localrag', password: '' },
    neo4j: { uri: '', password: '' },
  };
  return { ...migrations, ...none, mode: 'fleet', fleet: { existingSecret: 'tenants', tenants, ...settings } };
}

/** How many databases know that somebody tried to migrate them. */
async function countHaving(databases: readonly FreshDatabase[], table: string): Promise<number> {
  let count = 0;
  for (const database of databases) {
    const [row] = await database.query<{ there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS there', [table]);
    if (row?.there) count += 1;
  }
  return count;
}

async function messages(stage: Stage): Promise<readonly Record<string, unknown>[]> {
  const pods = await stage.pods();
  const texts = pods.flatMap((pod) => endOf(pod)?.message ?? []);
  return texts.map((text) => JSON.parse(text));
}

export const FLEET: readonly Scenario[] = [
  {
    name: 'fleet of 40 tenants, three of them broken',
    helms: ['4'],
    play: (stage) => {
      const broken = ['tenant-07.env', 'tenant-18.env', 'tenant-31.env'];
      const spoilt = (tenant: string) => (broken.includes(tenant) ? { POSTGRES_PASSWORD: 'wrong' } : {});
      return withTenants(
        stage,
        TENANTS,
        (tenant) => spoilt(tenant) as Record<string, string>,
        async (databases) => {
          const values = fleet(TENANTS, inline(FIRST), { canary: 2, parallelism: 4, maxFailedIndexes: 3 });
          const { code } = await stage.release({ values, flags: ['--timeout=10m'] });
          assert.equal(code, 1, 'the release is told of the broken ones');
          assert.equal(await countHaving(databases, 'first'), 37);
          const told = (await messages(stage)).map(({ tenant, code }) => `${tenant} ${code}`);
          assert.deepEqual(
            told.sort(),
            broken.map((tenant) => `${tenant.replace('.env', '')} 77`),
          );
          const failed = ['get', 'job', 'rag-migrate', '--output=jsonpath={.status.failedIndexes}'];
          assert.equal(await stage.kubectl(failed), '7,18,31');
        },
      );
    },
  },
  {
    name: 'fleet of 40 tenants, a migration that fails everywhere',
    helms: ['4'],
    play: (stage) =>
      withTenants(
        stage,
        TENANTS,
        () => ({}),
        async () => {
          const bad = ['001_bad.sql', 'SELECT nothing FROM nowhere;\n'] as const;
          const values = fleet(TENANTS, inline(bad), { canary: 0, parallelism: 1, maxFailedIndexes: 3 });
          assert.equal((await stage.release({ values })).code, 1);
          const touched = new Set((await messages(stage)).map(({ tenant }) => tenant));
          assert.ok(touched.size >= 1 && touched.size <= 4, `${touched.size} tenants were touched`);
          const canary = fleet(TENANTS, inline(bad), { canary: 1, parallelism: 4 });
          assert.equal((await stage.release({ values: canary })).code, 1);
          await stage.exits(Array(touched.size + 1).fill('70'), 'with a canary one tenant alone is touched');
        },
      ),
  },
];
