import { readFileSync } from 'node:fs';
import type { Client } from 'pg';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { readBodies, readCatalog } from './catalog.ts';
import { emptyDatabase, migratedDatabase, type OwnedDatabase } from './database.ts';
import { EXPECTED_CATALOG } from './expected.ts';
import { apply, POSTGRES } from './shipped.ts';

const earlier = (name: string) => readFileSync(new URL(`earlier/${name}.sql`, import.meta.url), 'utf8');

/** What an earlier LocalRAG may have left otherwise than earlier/migrated.sql has it. */
const VARIANTS = {
  'everything there': '',
  'rows, some running, and no status check': `
    ALTER TABLE processing_jobs DROP CONSTRAINT processing_jobs_status_check;
    INSERT INTO processing_jobs (job_id, task_type, priority, status, payload) VALUES
      ('1', 'single_document', 'high', 'running', '{}'), ('2', 'single_document', 'low', 'completed', '{}');
    INSERT INTO documents (file_path, file_name, file_size) VALUES ('/a', 'a', 1);
    INSERT INTO chat_messages (role, content) VALUES ('user', 'Halo');
    INSERT INTO job_statistics (total_jobs) VALUES (2)`,
  'an older status check, and rows that it asked for': `
    ALTER TABLE processing_jobs DROP CONSTRAINT processing_jobs_status_check;
    ALTER TABLE processing_jobs ADD CONSTRAINT processing_jobs_status_check
      CHECK (status IN ('pending', 'running', 'completed', 'failed'));
    INSERT INTO processing_jobs (job_id, task_type, priority, status, payload) VALUES
      ('1', 'single_document', 'high', 'running', '{}')`,
  'functions that return something else': `
    DROP FUNCTION get_job_queue_metrics();
    CREATE FUNCTION get_job_queue_metrics() RETURNS TABLE (status text, count integer) LANGUAGE sql AS
      'SELECT status::text, count(*)::integer FROM processing_jobs GROUP BY status';
    DROP FUNCTION get_thread_summary(uuid);
    CREATE FUNCTION get_thread_summary(thread uuid) RETURNS bigint LANGUAGE sql AS
      'SELECT count(*) FROM chat_messages WHERE thread_id = thread';
    DROP FUNCTION cleanup_old_jobs(integer);
    CREATE FUNCTION cleanup_old_jobs(days integer) RETURNS void LANGUAGE sql AS 'DELETE FROM processing_jobs'`,
  'a view with other columns': `
    DROP VIEW message_threads;
    CREATE VIEW message_threads AS SELECT id, thread_id, 0 AS depth FROM chat_messages`,
  'no threads yet': `
    DROP FUNCTION get_thread_summary(uuid);
    DROP VIEW message_threads;
    INSERT INTO chat_messages (role, content) VALUES ('user', 'Halo'), ('assistant', 'Halo juga');
    ALTER TABLE chat_messages DROP CONSTRAINT chk_no_self_reference;
    ALTER TABLE chat_messages DROP COLUMN parent_message_id, DROP COLUMN thread_id`,
};

let bodies: Record<string, string>;

beforeAll(async () => {
  const db = await migratedDatabase();
  bodies = await readBodies(db);
  await db.drop();
});

async function startingFrom(sql: string): Promise<OwnedDatabase> {
  const db = await emptyDatabase();
  onTestFinished(() => db.drop());
  await db.query(sql);
  return db;
}

async function expectTheSchema(db: Client) {
  expect(await readCatalog(db)).toEqual(EXPECTED_CATALOG);
  expect(await readBodies(db)).toEqual(bodies);
}

const statuses = async (db: Client) =>
  (await db.query('SELECT DISTINCT status FROM processing_jobs ORDER BY status')).rows.map((row) => row.status);

describe('a database that an earlier LocalRAG migrated in full', () => {
  test.each(Object.entries(VARIANTS))('%s', async (_, variant) => {
    const db = await startingFrom(`${earlier('migrated')}; ${variant}`);
    const rows = async () =>
      (await db.query('SELECT (SELECT count(*) FROM processing_jobs) + (SELECT count(*) FROM chat_messages) AS n'))
        .rows;
    const before = await rows();
    await apply(db, POSTGRES);
    await expectTheSchema(db);
    expect(await rows()).toEqual(before);
    expect(await statuses(db)).not.toContain('running');
  });

  test('rights granted on what fits stay', async () => {
    const db = await startingFrom(`${earlier('migrated')};
      GRANT SELECT ON message_threads TO PUBLIC; REVOKE EXECUTE ON FUNCTION cleanup_old_jobs FROM PUBLIC`);
    const rights = async () =>
      (
        await db.query(`SELECT relacl::text AS acl FROM pg_class WHERE relname = 'message_threads'
        UNION ALL SELECT proacl::text FROM pg_proc WHERE proname = 'cleanup_old_jobs'`)
      ).rows;
    const before = await rights();
    await apply(db, POSTGRES);
    expect(await rights()).toEqual(before);
  });
});

describe('a database that the application has started on', () => {
  test('as it creates its queue', async () => {
    const db = await startingFrom(earlier('application'));
    await apply(db, POSTGRES);
    await expectTheSchema(db);
  });

  test('as an older one created its queue', async () => {
    const db = await startingFrom(earlier('application-older'));
    await apply(db, POSTGRES);
    await expectTheSchema(db);
    const { rows } = await db.query(
      'SELECT status, priority, payload, length(job_id) AS length FROM processing_jobs ORDER BY id',
    );
    expect(rows).toEqual([
      { status: 'processing', priority: 'medium', payload: {}, length: 36 },
      { status: 'completed', priority: 'medium', payload: {}, length: 36 },
    ]);
  });
});

describe('a database that these migrations have made', () => {
  test.each(POSTGRES)('$name once more changes nothing', async (migration) => {
    const db = await startingFrom('');
    await apply(db, POSTGRES);
    await apply(db, [migration]);
    await expectTheSchema(db);
  });
});

test('a status that LocalRAG does not know stops 005, and says which', async () => {
  const db = await startingFrom(earlier('application'));
  await db.query(`INSERT INTO processing_jobs (job_id, task_type, priority, status, payload)
    VALUES ('1', 'single_document', 'high', 'queued', '{}'), ('2', 'single_document', 'high', 'running', '{}')`);
  await expect(apply(db, POSTGRES)).rejects.toMatchObject({
    code: '23514',
    message: "processing_jobs holds jobs with a status that LocalRAG does not know: 'queued'",
  });
  // The file is one transaction: what it had done before stands no more.
  expect(await statuses(db)).toEqual(['queued', 'running']);
});

test('a role that owns the schema and nothing more is enough, where vector is installed', async () => {
  const db = await emptyDatabase({ extensions: ['vector'] });
  onTestFinished(() => db.drop());
  const { database, user } = db.fresh;
  await db.fresh.asSuperuser(`ALTER SCHEMA public OWNER TO ${user}; ALTER DATABASE ${database} OWNER TO CURRENT_USER`);
  await expect(db.query('CREATE SCHEMA more')).rejects.toMatchObject({ code: '42501' });
  await apply(db, POSTGRES);
  await expectTheSchema(db);
});
