import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { migratedDatabase, type OwnedDatabase } from './database.ts';

const WORKING = ['pending', 'processing', 'retrying'];
const FINISHED = ['completed', 'failed', 'cancelled'];
const STATUSES = [...WORKING, ...FINISHED];

let db: OwnedDatabase;

beforeAll(async () => {
  db = await migratedDatabase();
});
afterAll(() => db.drop());
beforeEach(() => db.query('BEGIN'));
afterEach(() => db.query('ROLLBACK'));

async function insertJob(
  status: string,
  columns: { ageHours?: number; seconds?: number | null } = {},
): Promise<string> {
  const id = randomUUID();
  await db.query(
    `INSERT INTO processing_jobs (job_id, task_type, priority, status, payload, created_at, actual_duration)
     VALUES ($1, 'single_document', 'medium', $2, '{"user_id": "ani"}', LOCALTIMESTAMP - make_interval(hours => $3), $4)`,
    [id, status, columns.ageHours ?? 0, columns.seconds ?? null],
  );
  return id;
}

const setStatus = (job: string, status: string) =>
  db.query('UPDATE processing_jobs SET status = $2 WHERE job_id = $1', [job, status]);

describe('status', () => {
  const pairs = STATUSES.flatMap((from) => STATUSES.map((to) => ({ from, to })));
  const refused = ({ from, to }: { from: string; to: string }) =>
    FINISHED.includes(from) && from !== to && to !== 'retrying' && to !== 'pending';

  test('nine of the thirty-six changes are refused', () => {
    expect(pairs.filter(refused)).toHaveLength(9);
  });

  test.each(pairs.filter((pair) => !refused(pair)))('$from may become $to', async ({ from, to }) => {
    const job = await insertJob(from);
    await setStatus(job, to);
    expect((await db.query('SELECT status FROM processing_jobs')).rows).toEqual([{ status: to }]);
  });

  test.each(pairs.filter(refused))('$from does not become $to', async ({ from, to }) => {
    const job = await insertJob(from);
    await expect(setStatus(job, to)).rejects.toMatchObject({
      code: '23514',
      message: `job ${job} is ${from}, so its status cannot become ${to}`,
      hint: 'A finished job goes back to work only as retrying or pending.',
      table: 'processing_jobs',
      column: 'status',
    });
  });

  test('a finished job keeps its status while the rest of it changes', async () => {
    const job = await insertJob('completed');
    await db.query("UPDATE processing_jobs SET status = 'completed', result = '{}' WHERE job_id = $1", [job]);
    expect((await db.query('SELECT result FROM processing_jobs')).rows).toEqual([{ result: {} }]);
  });

  test.each(['running', 'done', ''])('"%s" is not a status', async (status) => {
    await expect(insertJob(status)).rejects.toMatchObject({
      code: '23514',
      constraint: 'processing_jobs_status_check',
    });
  });
});

describe('cleanup_old_jobs', () => {
  beforeEach(async () => {
    for (const status of STATUSES) {
      for (const days of [0, 6, 8]) await insertJob(status, { ageHours: days * 24 });
    }
  });

  const left = async () =>
    (
      await db.query(
        `SELECT status, count(*)::integer FROM processing_jobs GROUP BY status ORDER BY array_position($1, status::text)`,
        [STATUSES],
      )
    ).rows.map((row) => row.count);

  test('deletes finished jobs older than a week', async () => {
    expect((await db.query('SELECT cleanup_old_jobs()')).rows).toEqual([{ cleanup_old_jobs: 3 }]);
    expect(await left()).toEqual([3, 3, 3, 2, 2, 2]);
  });

  test('or than the days it is told', async () => {
    expect((await db.query('SELECT cleanup_old_jobs(5)')).rows).toEqual([{ cleanup_old_jobs: 6 }]);
    expect(await left()).toEqual([3, 3, 3, 1, 1, 1]);
  });

  test('and nothing where all are younger', async () => {
    expect((await db.query('SELECT cleanup_old_jobs(days_old => 9)')).rows).toEqual([{ cleanup_old_jobs: 0 }]);
    expect(await left()).toEqual([3, 3, 3, 3, 3, 3]);
  });
});

test('get_job_queue_metrics gives the last 24 hours by status, the most frequent first', async () => {
  for (const seconds of [10, 11, null]) await insertJob('completed', { seconds });
  await insertJob('pending');
  await insertJob('failed', { ageHours: 23, seconds: 7 });
  await insertJob('failed', { ageHours: 25, seconds: 1000 });

  const { rows } = await db.query('SELECT * FROM get_job_queue_metrics()');
  expect(
    rows.map((row) => ({ ...row, avg_duration: row.avg_duration === null ? null : Number(row.avg_duration) })),
  ).toEqual([
    { status: 'completed', count: '3', avg_duration: 10.5, min_duration: '10', max_duration: '11' },
    { status: 'failed', count: '1', avg_duration: 7, min_duration: '7', max_duration: '7' },
    { status: 'pending', count: '1', avg_duration: null, min_duration: null, max_duration: null },
  ]);
});

test('jobs are found by what their payload says, through the GIN index', async () => {
  await insertJob('pending');
  const search = `SELECT task_type FROM processing_jobs WHERE payload @> '{"user_id": "ani"}'`;
  await db.query('SET LOCAL enable_seqscan = off');
  const plan = await db.query(`EXPLAIN ${search}`);
  expect(plan.rows.map((row) => row['QUERY PLAN']).join('\n')).toContain('idx_jobs_payload_user_id');
  expect((await db.query(search)).rows).toEqual([{ task_type: 'single_document' }]);
});
