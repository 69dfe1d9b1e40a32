import { expect, test } from 'vitest';
import { freshPostgres, postgresEnv } from '../journeys/pair.ts';
import { directoryOf, start } from '../program.ts';
import { session } from './held.ts';
import { told } from './told.ts';

/** The build stands behind an old transaction, and has done so for longer than a try for a lock may take. */
const WAITED = `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database()
  AND query LIKE 'CREATE INDEX CONCURRENTLY%' AND wait_event = 'virtualxid' AND clock_timestamp() - query_start > interval '1.5 s'`;

test('an index is built concurrently while another run waits for the lock: neither stands in the way of the other', async () => {
  const postgres = await freshPostgres();
  await postgres.query('CREATE TABLE items (name text)');
  const directory = await directoryOf({
    '001_index.sql':
      '-- migrate: no-transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS items_name ON items (name);\n',
  });
  const env = { ...postgresEnv(postgres), MIGRATIONS_DIR: directory, DDL_LOCK_TIMEOUT: '200ms' };
  const writer = await session(postgres.url);
  await writer.query("BEGIN; INSERT INTO items VALUES ('open')");

  const builder = start(['postgres', 'migrate'], { env });
  await builder.event('started');
  const waiter = start(['postgres', 'migrate'], { env });
  const waits = told(waiter, 'lock-waiting');
  await expect.poll(() => postgres.query(WAITED), { timeout: 30_000 }).toEqual([{ n: 1 }]);
  await expect.poll(() => waits.length, { timeout: 30_000 }).toBeGreaterThan(0);
  await writer.query('COMMIT');

  const [built, waited] = await Promise.all([builder.ended, waiter.ended]);
  expect([built.code, waited.code]).toEqual([0, 0]);
  // No deadlock, and no lock_timeout that fired: either would have left an INVALID index and begun again.
  const troubles = built.events.filter(({ event }) => event === 'retrying' || event === 'healing');
  expect(troubles).toEqual([]);
  expect(
    await postgres.query('SELECT bool_and(indisvalid) AS valid FROM pg_index WHERE indexrelid = $1::regclass', [
      'items_name',
    ]),
  ).toEqual([{ valid: true }]);
});
