import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { migratedDatabase, type OwnedDatabase } from './database.ts';

let db: OwnedDatabase;

beforeAll(async () => {
  db = await migratedDatabase();
});
afterAll(() => db.drop());
afterEach(() => db.query('TRUNCATE processing_jobs, job_statistics'));

async function start(columns: { startedAt?: string } = {}): Promise<string> {
  const id = randomUUID();
  await db.query(
    `INSERT INTO processing_jobs (job_id, task_type, priority, status, payload, started_at)
     VALUES ($1, 'single_document', 'medium', 'processing', '{}', $2)`,
    [id, columns.startedAt ?? null],
  );
  return id;
}

const finish = (client: pg.Client, job: string, status: string, seconds: number | null = null) =>
  client.query('UPDATE processing_jobs SET status = $2, actual_duration = $3 WHERE job_id = $1', [
    job,
    status,
    seconds,
  ]);

async function statistics() {
  const { rows } = await db.query(
    `SELECT date = CURRENT_DATE AS today, total_jobs AS total, completed_jobs AS completed, failed_jobs AS failed,
       cancelled_jobs AS cancelled, avg_processing_time AS avg, max_processing_time AS max, total_processing_time AS sum
     FROM job_statistics ORDER BY date`,
  );
  return rows;
}

test('a day with jobs that end in each way', async () => {
  await start();
  await finish(db, await start(), 'cancelled');
  expect(await statistics()).toEqual([
    { today: true, total: 1, completed: 0, failed: 0, cancelled: 1, avg: 0, max: 0, sum: 0 },
  ]);
  await finish(db, await start(), 'completed', 10);
  await finish(db, await start(), 'completed', 40);
  await finish(db, await start(), 'failed', 7);
  await finish(db, await start(), 'cancelled');
  expect(await statistics()).toEqual([
    { today: true, total: 5, completed: 2, failed: 1, cancelled: 2, avg: 19, max: 40, sum: 57 },
  ]);
});

test('the average stays exact over many jobs', async () => {
  const seconds = Array.from({ length: 100 }, (_, i) => 1 + ((i * 37) % 101));
  for (const each of seconds) await finish(db, await start(), 'completed', each);
  const sum = seconds.reduce((left, right) => left + right);
  const [row] = await statistics();
  expect(row).toMatchObject({ total: 100, completed: 100, sum, max: Math.max(...seconds) });
  expect(row.avg).toBeCloseTo(sum / 100, 9);
});

test.each([null, 0])('with %s as its duration, the time from start to end counts', async (duration) => {
  const job = await start({ startedAt: '2026-01-01 08:00:00' });
  await db.query(
    `UPDATE processing_jobs SET status = 'completed', completed_at = '2026-01-01 08:00:00.25', actual_duration = $2
     WHERE job_id = $1`,
    [job, duration],
  );
  expect(await statistics()).toMatchObject([{ avg: 0.25, max: 0.25, sum: 0.25 }]);
});

test('other changes count nothing: progress, a status said again, work that goes on', async () => {
  const job = await start();
  await db.query('UPDATE processing_jobs SET progress = 50');
  await db.query("UPDATE processing_jobs SET status = 'retrying'");
  expect(await statistics()).toEqual([]);
  await finish(db, job, 'completed', 5);
  await finish(db, job, 'completed', 5);
  await db.query("UPDATE processing_jobs SET result = '{}'");
  expect(await statistics()).toMatchObject([{ total: 1, completed: 1, sum: 5 }]);
});

test('a job that is tried again counts once for each time it ends', async () => {
  const job = await start();
  await finish(db, job, 'failed', 3);
  await finish(db, job, 'retrying');
  await finish(db, job, 'completed', 5);
  expect(await statistics()).toMatchObject([{ total: 2, completed: 1, failed: 1, avg: 4, sum: 8 }]);
});

test('deleting jobs takes nothing away', async () => {
  await finish(db, await start(), 'failed', 3);
  await db.query('DELETE FROM processing_jobs');
  await finish(db, await start(), 'completed', 5);
  expect(await statistics()).toMatchObject([{ total: 2, completed: 1, failed: 1, sum: 8 }]);
});

test('each day has its own row', async () => {
  await db.query('INSERT INTO job_statistics (date, total_jobs, completed_jobs) VALUES (CURRENT_DATE - 1, 9, 9)');
  await finish(db, await start(), 'completed', 5);
  expect(await statistics()).toMatchObject([
    { today: false, total: 9, completed: 9 },
    { today: true, total: 1, completed: 1 },
  ]);
});

test('a row of an earlier LocalRAG with gaps is counted on', async () => {
  await db.query(`
    INSERT INTO job_statistics (date, total_jobs, avg_processing_time, max_processing_time, total_processing_time)
    VALUES (CURRENT_DATE, 1, NULL, NULL, NULL)`);
  await finish(db, await start(), 'completed', 5);
  expect(await statistics()).toMatchObject([{ total: 2, completed: 1, avg: 5, max: 5, sum: 5 }]);
});

test('two jobs that end at the same moment are both counted', async () => {
  const [first, second] = [await start(), await start()];
  const other = new pg.Client(db.fresh.url);
  await other.connect();
  try {
    const { pid } = (await other.query('SELECT pg_backend_pid() AS pid')).rows[0];
    await db.query('BEGIN');
    await finish(db, first, 'completed', 10);
    const waiting = finish(other, second, 'completed', 20);
    await vi.waitFor(async () => {
      const { rows } = await db.query('SELECT pg_backend_pid() = ANY (pg_blocking_pids($1)) AS waits', [pid]);
      expect(rows).toEqual([{ waits: true }]);
    });
    await db.query('COMMIT');
    await waiting;
    expect(await statistics()).toMatchObject([{ total: 2, completed: 2, avg: 15, max: 20, sum: 30 }]);
  } finally {
    await other.end();
  }
});
