import { expect, test } from 'vitest';
import { EXIT } from '../../src/exit.ts';
import { directoryOf, run } from '../program.ts';
import { freshPostgres, postgresEnv } from './pair.ts';

const fileOf = (settings: Readonly<Record<string, string>>) =>
  Object.entries(settings)
    .map(([name, value]) => `${name}='${value}'\n`)
    .join('');

test('of three tenants that migrate at once, the one with a wrong password fails, alone and by name', async () => {
  const databases = await Promise.all([freshPostgres(), freshPostgres(), freshPostgres()]);
  const settings = databases.map(postgresEnv);
  const TENANTS_DIR = await directoryOf({
    '000000-acme.env': fileOf(settings[0] ?? {}),
    '000001-beta.env': fileOf({ ...settings[1], POSTGRES_PASSWORD: 'not-the-password' }),
    '000002-zeta.env': fileOf(settings[2] ?? {}),
  });
  const migrate = (index: number) =>
    run(['postgres', 'migrate', '--tenant-index'], { env: { TENANTS_DIR, JOB_COMPLETION_INDEX: String(index) } });

  const ends = await Promise.all([0, 1, 2].map(migrate));

  expect(ends.map(({ code }) => code)).toEqual([0, EXIT.denied.code, 0]);
  const failed = ends.flatMap(({ events }) => events.filter(({ event }) => event === 'error'));
  expect(failed).toMatchObject([{ tenant: 'beta', code: EXIT.denied.code }]);
  const applied = await Promise.all(
    databases.map((database) => database.query("SELECT to_regclass('public.migrations') IS NOT NULL AS there")),
  );
  expect(applied).toEqual([[{ there: true }], [{ there: false }], [{ there: true }]]);
});

test('one tenant is inspected and repaired by name, and no other one is touched', async () => {
  const databases = await Promise.all([freshPostgres(), freshPostgres()]);
  const [acme = {}, beta = {}] = databases.map(postgresEnv);
  const env = {
    TENANTS_DIR: await directoryOf({ '000000-acme.env': fileOf(acme), '000001-beta.env': fileOf(beta) }),
    MIGRATIONS_DIR: await directoryOf({
      '001_a.sql': 'CREATE TABLE a (i int);',
      '002_b.sql': 'CREATE TABLE b (i int);',
    }),
  };
  const on = (...words: readonly string[]) => run(['postgres', ...words], { env });
  const pending = async (name: string) =>
    (JSON.parse((await on('status', '--json', '--tenant', name)).stdout) as { pending: unknown }).pending;

  for (const name of ['acme', 'beta']) expect((await on('migrate', '--tenant', name)).code).toBe(0);
  const repaired = await on('repair', '--tenant', 'beta', '--forget', '2', '--yes');

  expect(repaired.code, repaired.stderr).toBe(0);
  expect([await pending('acme'), await pending('beta')]).toEqual([[], ['002_b.sql']]);
});
