import { appendFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { directoryOf, run } from '../program.ts';
import { freshDatabase } from '../servers/databases.ts';
import { type LocalPostgres, localPostgres } from '../servers/local-postgres.ts';
import { giveToServer, serverDirectory } from '../servers/unprivileged.ts';
import { postgresEnv } from './pair.ts';

/* docs/restore.md: a base backup, and the archive of the write-ahead log up to the position that a run has noted. */

const BEFORE = { '001_ledger.sql': "CREATE TABLE ledger (what text);\nINSERT INTO ledger VALUES ('001');\n" };
const RELEASE = {
  ...BEFORE,
  '002_mark.sql': "UPDATE ledger SET what = 'overwritten';\nCREATE TABLE marks (what text);\n",
};

interface Point {
  readonly time: string;
  readonly postgresLsn?: string;
}

async function archiving(): Promise<{ readonly primary: LocalPostgres; readonly archive: string }> {
  const archive = await serverDirectory('archive');
  const primary = await localPostgres({
    settings: { archive_mode: 'on', archive_command: `'cp %p ${archive}/%f'`, synchronous_commit: 'on' },
  });
  onTestFinished(() => primary.remove());
  onTestFinished(() => rm(archive, { recursive: true, force: true }));
  return { primary, archive };
}

/** What the page says: the settings of a recovery, and the file that asks for it. */
async function recover({ dataDirectory }: LocalPostgres, settings: Readonly<Record<string, string>>): Promise<void> {
  await rm(join(dataDirectory, 'standby.signal'));
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value}'`);
  await appendFile(join(dataDirectory, 'postgresql.conf'), `\n${lines.join('\n')}\n`);
  const signal = join(dataDirectory, 'recovery.signal');
  await writeFile(signal, '');
  await giveToServer(signal);
}

async function rowsAt(url: string, port: number, sql: string): Promise<unknown[]> {
  const there = new URL(url);
  there.port = String(port);
  const client = new pg.Client(there.href);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test.each([
  ['recovery_target_lsn', ({ postgresLsn = '' }: Point) => postgresLsn],
  // PostgreSQL takes no Z here.
  ['recovery_target_time', ({ time }: Point) => time.replace('Z', '+00')],
] as const)('restored by %s, the database is what it was before the run', async (target, valueIn) => {
  const { primary, archive } = await archiving();
  const database = await freshDatabase({ server: primary, extensions: [] });
  const env = postgresEnv(database);
  const migrate = async (files: Readonly<Record<string, string>>) =>
    run(['postgres', 'migrate'], { env: { ...env, MIGRATIONS_DIR: await directoryOf(files) } });
  expect((await migrate(BEFORE)).code).toBe(0);
  const backup = await localPostgres({ standbyOf: primary });
  onTestFinished(() => backup.remove());
  await backup.stop();

  await database.query("INSERT INTO ledger VALUES ('after the backup')");
  const release = await migrate(RELEASE);
  expect(release.code, release.stderr).toBe(0);
  const point = release.events.find(({ event }) => event === 'restore-point')?.restorePoint as Point;
  const [last] = await database.asSuperuser<{ segment: string }>('SELECT pg_walfile_name(pg_switch_wal()) AS segment');
  const archived = `SELECT last_archived_wal >= '${last?.segment}' AS archived FROM pg_stat_archiver`;
  await expect.poll(() => database.query(archived), { timeout: 30_000 }).toEqual([{ archived: true }]);

  await recover(backup, {
    restore_command: `cp ${archive}/%f %p`,
    [target]: valueIn(point),
    recovery_target_inclusive: 'off',
    recovery_target_action: 'promote',
  });
  await backup.start();
  const restored = (sql: string) => rowsAt(database.url, backup.port, sql);
  await expect
    .poll(() => restored('SELECT pg_is_in_recovery() AS recovering'), { timeout: 30_000 })
    .toEqual([{ recovering: false }]);

  expect(await restored('SELECT what FROM ledger ORDER BY what')).toEqual([
    { what: '001' },
    { what: 'after the backup' },
  ]);
  expect(await restored("SELECT to_regclass('marks') AS marks")).toEqual([{ marks: null }]);
  const settings = { ...env, POSTGRES_PORT: String(backup.port), MIGRATIONS_DIR: await directoryOf(RELEASE) };
  const { stdout } = await run(['postgres', 'status', '--json'], { env: settings });
  expect(JSON.parse(stdout).pending).toEqual(['002_mark.sql']);
});
