import { readFileSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { referenceOf } from '../../scripts/reference.ts';
import { compare, type Difference } from '../../src/catalog/compare.ts';
import { expectedObjects, knownObjects, parseReference, type Reference } from '../../src/catalog/reference.ts';
import type { History } from '../../src/core/history.ts';
import type { Migration } from '../../src/core/migration.ts';
import { Neo4jEngine } from '../../src/engine/neo4j/engine.ts';
import { PostgresEngine } from '../../src/engine/postgres/engine.ts';
import { loadMigrations } from '../../src/files/load.ts';
import { budgets, identity } from '../contract/settings.ts';
import { ROOT } from '../docs/documents.ts';
import { directoryOf, run } from '../program.ts';
import { freshPair, freshPostgres, postgresEnv } from './pair.ts';

const DIRECTORY = `${ROOT}/migrations`;
const REFERENCE = parseReference(readFileSync(`${DIRECTORY}/schema.json`, 'utf8')) as Reference;

interface Verified {
  readonly code: number | null;
  readonly ok: boolean;
  readonly findings: readonly { readonly check: string; readonly ok: boolean; readonly detail: readonly string[] }[];
  readonly differences: readonly Difference[];
  readonly notes: readonly string[];
  readonly reapply: readonly { readonly version: number }[];
  readonly reference: readonly { readonly database: string; readonly compared: boolean; readonly reason?: string }[];
}

const BROKEN = [
  'missing sequence documents_id_seq',
  'different column documents.id',
  'different column documents.chunk_count',
  'different column chunks.content',
  'broken constraint chunks.chunks_document_id_fkey',
  'different constraint chat_messages.chat_messages_role_check',
  'different index idx_documents_created_at',
  'missing index idx_jobs_status',
  'broken index idx_jobs_priority',
  'different function update_updated_at_column()',
  'missing trigger documents.update_documents_updated_at',
  'missing table job_statistics',
  'missing constraint job_statistics.job_statistics_pkey',
  'missing index idx_job_stats_date',
  'broken trigger processing_jobs.trigger_update_job_statistics',
  'missing function cleanup_old_jobs(integer)',
  'different function get_job_queue_metrics()',
  'missing column chat_messages.thread_id',
  'missing constraint chat_messages.chk_no_self_reference',
  'missing index idx_chat_messages_thread_id',
  'missing index idx_chat_messages_session_thread',
  'missing view message_threads',
  'different trigger processing_jobs.trigger_validate_job_status',
  'missing graph constraint per_name_unique',
  'different graph index chunk_doc_id_idx',
  'missing graph index chunk_index_idx',
  'missing graph index document_status_idx',
];

async function verified(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Verified> {
  const { code, stdout } = await run([...args, 'verify', '--json'], { env });
  return { code, ...(JSON.parse(stdout) as Omit<Verified, 'code'>) };
}

/** Closed when the test ends. */
function postgresEngine(database: Awaited<ReturnType<typeof freshPostgres>>): PostgresEngine {
  const config = { ...database, sslmode: 'disable', tls: [false], connectTimeout: 10_000 } as const;
  const engine = new PostgresEngine({ config, budgets, identity, emit: () => {} });
  onTestFinished(() => engine.close());
  return engine;
}

function appliedHistory(files: readonly Migration[]): History {
  const database = files[0]?.database ?? 'postgres';
  return { database, entries: files.map(({ name, version }) => ({ database, name, version, state: 'applied' })) };
}

const keys = (differences: readonly Difference[]) =>
  differences.filter(({ told }) => !told).map(({ is, kind, name }) => `${is} ${kind} ${name}`);

/** One of each kind, and of each way in which it can be otherwise. */
const BROKEN_BY_THE_OWNER = `
  INSERT INTO documents (file_path, file_name, file_size) VALUES ('/a', 'a', 1), ('/b', 'b', 2);
  DROP INDEX idx_jobs_status;
  DROP INDEX idx_documents_created_at;
  CREATE INDEX idx_documents_created_at ON documents (updated_at);
  ALTER TABLE chat_messages DROP COLUMN thread_id CASCADE;
  ALTER TABLE documents ALTER COLUMN chunk_count DROP DEFAULT, ALTER COLUMN chunk_count TYPE text;
  ALTER TABLE chunks ALTER COLUMN content DROP NOT NULL, ALTER COLUMN document_id SET NOT NULL;
  ALTER TABLE chat_messages DROP CONSTRAINT chk_no_self_reference, DROP CONSTRAINT chat_messages_role_check,
    ADD CONSTRAINT chat_messages_role_check CHECK (role IN ('user', 'assistant', 'tool'));
  ALTER TABLE chunks DROP CONSTRAINT chunks_document_id_fkey,
    ADD CONSTRAINT chunks_document_id_fkey FOREIGN KEY (document_id) REFERENCES documents ON DELETE CASCADE NOT VALID;
  DROP FUNCTION cleanup_old_jobs;
  DROP FUNCTION get_job_queue_metrics;
  CREATE FUNCTION get_job_queue_metrics() RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint';
  CREATE OR REPLACE FUNCTION update_updated_at_column() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
  DROP TRIGGER update_documents_updated_at ON documents;
  ALTER TABLE processing_jobs DISABLE TRIGGER trigger_update_job_statistics;
  CREATE OR REPLACE TRIGGER trigger_validate_job_status BEFORE UPDATE ON processing_jobs
    FOR EACH ROW EXECUTE FUNCTION refuse_job_status_transition();
  DROP TABLE job_statistics;
  DROP SEQUENCE documents_id_seq CASCADE;
  CREATE TABLE surplus (id serial PRIMARY KEY);
  ALTER TABLE documents ADD COLUMN surplus text`;
const BROKEN_BY_THE_SUPERUSER = `DROP EXTENSION "uuid-ossp";
  UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'idx_jobs_priority'::regclass`;
const BROKEN_GRAPH = [
  'DROP INDEX document_status_idx',
  'DROP INDEX chunk_doc_id_idx',
  'CREATE INDEX chunk_doc_id_idx FOR (n:Chunk) ON (n.document)',
  'DROP INDEX chunk_index_idx',
  'CREATE INDEX same_under_another_name FOR (n:Chunk) ON (n.chunk_index)',
  'DROP CONSTRAINT per_name_unique',
  'CREATE INDEX per_name_idx FOR (n:PER) ON (n.name)',
  'CREATE INDEX surplus FOR (n:PER) ON (n.surplus)',
];

test('the reference says what each of the files makes, whatever the schemas are called (npm run schema writes it)', async () => {
  const files = loadMigrations(DIRECTORY).filter(({ database }) => database === 'postgres');
  const postgres = await freshPostgres({ extensions: [] });
  await postgres.asSuperuser(`CREATE SCHEMA extensions; GRANT USAGE ON SCHEMA extensions TO PUBLIC;
    CREATE EXTENSION vector SCHEMA extensions; CREATE EXTENSION "uuid-ossp" SCHEMA extensions;
    CREATE SCHEMA "Lokal RAG" AUTHORIZATION ${postgres.user};
    ALTER ROLE ${postgres.user} SET search_path = "Lokal RAG", extensions`);
  const made = await referenceOf(files, [postgresEngine(postgres)]);
  expect(made.stages.postgres).toEqual(REFERENCE.stages.postgres);
  expect(REFERENCE.files).toMatchObject(made.files);

  // For one who has not the extensions in the search_path all is called the same.
  await postgres.asSuperuser(`ALTER ROLE ${postgres.user} SET search_path = "Lokal RAG"`);
  const catalog = await postgresEngine(postgres).catalog(AbortSignal.timeout(10_000));
  expect(
    compare(catalog, expectedObjects(REFERENCE, appliedHistory(files)), knownObjects(REFERENCE, 'postgres')),
  ).toEqual([]);
});

test('embeddings of another dimension are found, by those who may read them', async () => {
  const postgres = await freshPostgres();
  const reader = { ...postgres, user: `${postgres.database}_reader`, password: 'reader' };
  await postgres.query(
    "CREATE TABLE chunks (id integer, embedding vector, summary vector); INSERT INTO chunks VALUES (1, '[1,2]'), (2, '[1,2,3]'), (3, NULL)",
  );
  await postgres.asSuperuser(`CREATE ROLE ${reader.user} LOGIN PASSWORD 'reader'`);
  const dimensions = async (role: typeof postgres) =>
    (await postgresEngine(role).catalog(AbortSignal.timeout(10_000))).dimensions;
  try {
    const both = (...found: readonly unknown[]) => [
      { table: 'chunks', column: 'embedding', found: found[0] },
      { table: 'chunks', column: 'summary', found: found[1] },
    ];
    expect(await dimensions(postgres)).toEqual(both([2, 3], []));
    expect(await dimensions(reader)).toEqual(both(undefined, undefined));
  } finally {
    await postgres.asSuperuser(`DROP ROLE ${reader.user}`);
  }
  const { code, findings } = await verified(['postgres'], postgresEnv(postgres));
  expect(code).toBe(3);
  expect(findings.find(({ check }) => check === 'embeddings')?.detail).toEqual([
    'chunks.embedding holds embeddings of different dimensions: 2, 3 (the first 1000 rows and 1000 of the last ones)',
  ]);
});

describe('repair --reapply', () => {
  test('brings a database that an earlier LocalRAG migrated level, file by file, each once', async () => {
    const postgres = await freshPostgres();
    const env = postgresEnv(postgres);
    await postgres.query(readFileSync(`${ROOT}/test/schema/earlier/migrated.sql`, 'utf8'));
    await postgres.query(
      'CREATE TABLE migrations (id serial PRIMARY KEY, filename varchar(255) NOT NULL UNIQUE, applied_at timestamptz DEFAULT now())',
    );
    const names = Object.keys(REFERENCE.files).filter((name) => name.endsWith('.sql'));
    for (const name of names) await postgres.query('INSERT INTO migrations (filename) VALUES ($1)', [name]);
    await postgres.query(
      "INSERT INTO processing_jobs (job_id, task_type, priority, status, payload) VALUES ('1', 'single_document', 'high', 'pending', '{}')",
    );

    const lacking = await verified(['postgres'], env);
    expect(lacking.code).toBe(3);
    expect(keys(lacking.differences)).toEqual([
      'different function update_updated_at_column()',
      'different function update_job_statistics()',
      'different function cleanup_old_jobs(integer)',
      'different function get_job_queue_metrics()',
      'different view message_threads',
      'different function get_thread_summary(uuid)',
      'missing function refuse_job_status_transition()',
      'missing trigger processing_jobs.trigger_validate_job_status',
    ]);
    expect(lacking.reapply.map(({ version }) => version)).toEqual([1, 2, 4, 5]);

    // What the file stumbles over changes nothing, in the database or in the history.
    await postgres.query(
      "ALTER TABLE processing_jobs DROP CONSTRAINT processing_jobs_status_check; UPDATE processing_jobs SET status = 'queued'",
    );
    const stumbled = await run(['postgres', 'repair', '--reapply', '5', '--yes'], { env });
    expect(stumbled.code).toBe(70);
    expect(stumbled.stderr).toContain("a status that LocalRAG does not know: 'queued'");
    expect(stumbled.stderr).toContain('database and history are as they were');
    await postgres.query("UPDATE processing_jobs SET status = 'running'");

    const reapply = (version: number) => run(['postgres', 'repair', '--reapply', String(version), '--yes'], { env });
    for (const version of [1, 2, 4]) expect((await reapply(version)).code).toBe(0);
    const both = await Promise.all([reapply(5), reapply(5)]);
    expect(both.map(({ code }) => code).sort()).toEqual([0, 65]);
    expect(both.map(({ stderr }) => stderr).join()).toContain('005_fix_job_status_constraint.sql is applied');
    expect(await verified(['postgres'], env)).toMatchObject({ code: 0, ok: true, differences: [], reapply: [] });
    expect(await postgres.query('SELECT id, filename, state, checksum FROM migrations ORDER BY id')).toEqual(
      names.map((filename, index) => ({
        id: index + 1,
        filename,
        ...(index === 2 ? { state: null, checksum: null } : { state: 'applied', checksum: REFERENCE.files[filename] }),
      })),
    );
    expect(await postgres.query('SELECT status FROM processing_jobs')).toEqual([{ status: 'processing' }]);
  });

  test('runs Cypher and SQL that was baselined; and only what says that it may run again', async () => {
    const { postgres, neo4j, env: both } = await freshPair();
    const env = {
      ...both,
      MIGRATIONS_DIR: await directoryOf({
        '001_graph.cypher': 'CREATE INDEX example_name_idx IF NOT EXISTS FOR (n:Example) ON (n.name);\n',
        '002_once.sql': 'CREATE TABLE once (id integer);\n',
        '003_steps.sql':
          '-- migrate: no-transaction\n-- migrate: replayable\nCREATE TABLE IF NOT EXISTS steps (id integer);\nCREATE INDEX CONCURRENTLY IF NOT EXISTS steps_id_idx ON steps (id);\n',
      }),
    };
    expect((await run(['baseline', '--to', '3'], { env })).code).toBe(0);
    const refused = await run(['repair', '--reapply', '2', '--yes'], { env });
    expect(refused.code).toBe(65);
    expect(refused.stderr).toContain('002_once.sql does not say that it may run');
    const asked = await run(['repair', '--reapply', '1'], { env });
    expect(asked.code).toBe(64);
    expect(asked.stderr).toContain(
      'it would: run 001_graph.cypher again in neo4j, step by step, and record it as applied',
    );
    for (const version of ['1', '3'])
      expect((await run(['repair', '--reapply', version, '--yes'], { env })).code).toBe(0);
    expect(await neo4j.run("SHOW INDEXES YIELD name WHERE name = 'example_name_idx' RETURN name")).toHaveLength(1);
    expect(await neo4j.run('MATCH (m:`_Migration`) RETURN m.state AS state, m.stepsDone AS done')).toEqual([
      { state: 'applied', done: 1 },
    ]);
    expect(
      await postgres.query(
        "SELECT filename, state, to_regclass('steps_id_idx') IS NOT NULL AS made FROM migrations ORDER BY id",
      ),
    ).toEqual([
      { filename: '002_once.sql', state: 'baseline', made: true },
      { filename: '003_steps.sql', state: 'applied', made: true },
    ]);
    const { reference } = await verified(['postgres'], env);
    expect(reference).toEqual([
      { database: 'postgres', compared: false, reason: 'there is no schema.json beside the migrations' },
    ]);
  });
});

test('what is broken is found, with the statement that mends it; mended, all is as the files make it', async () => {
  const { postgres, neo4j, env } = await freshPair();
  expect((await run(['migrate'], { env })).code).toBe(0);

  // The reference is current: nothing is missing, and nothing is there besides.
  const level = await verified([], env);
  expect(level).toMatchObject({ code: 0, ok: true, differences: [], reapply: [] });
  const { uri, user, password } = neo4j;
  const graph = new Neo4jEngine({
    config: { uri, user, password, database: undefined },
    budgets,
    identity,
    emit: () => {},
  });
  await neo4j.run("CREATE (:Chunk {chunk_index: 1})-[:MENTIONS]->(:PER {name: 'Ani'})");
  const { objects } = await graph.catalog(AbortSignal.timeout(10_000));
  expect(await graph.connections(AbortSignal.timeout(10_000))).toMatchObject({
    labels: expect.not.arrayContaining(['_Migration']),
    links: [{ type: 'MENTIONS', from: 'Chunk', to: 'PER' }],
  });
  await graph.close();
  const files = loadMigrations(DIRECTORY).filter(({ database }) => database === 'neo4j');
  expect(expectedObjects(REFERENCE, appliedHistory(files)).map(({ object }) => object)).toEqual(objects);

  await postgres.query(BROKEN_BY_THE_OWNER);
  await postgres.asSuperuser(BROKEN_BY_THE_SUPERUSER);
  for (const command of BROKEN_GRAPH) await neo4j.run(command);

  const broken = await verified([], env);
  expect(broken.code).toBe(3);
  expect(keys(broken.differences)).toEqual(BROKEN);
  expect(broken.notes).toEqual([
    'extension "uuid-ossp" is missing (001_initial_schema.sql)',
    'column chunks.document_id is NOT NULL, which no migration makes it (001_initial_schema.sql)',
    'column documents.surplus is made by no migration',
    'table surplus is made by no migration',
    'graph index per_name_idx is made by no migration',
    'graph index same_under_another_name is made by no migration',
    'graph index surplus is made by no migration',
  ]);
  const failed = broken.findings.filter(({ ok }) => !ok);
  expect(failed.map(({ check }) => check)).toEqual([
    'tables',
    'idx_ indexes',
    'columns',
    'constraints',
    'functions',
    'views',
    'triggers',
    'neo4j indexes',
    'neo4j constraints',
  ]);
  expect(failed[1]?.detail).toContain('idx_jobs_status is missing (001_initial_schema.sql)');

  for (const { database, mend } of broken.differences.filter(({ told }) => !told)) {
    expect(mend.length).toBeGreaterThan(0);
    for (const statement of mend) await (database === 'postgres' ? postgres.query(statement) : neo4j.run(statement));
  }
  await neo4j.run('CALL db.awaitIndexes(60)');
  const mended = await verified([], env);
  expect(keys(mended.differences)).toEqual([]);
  expect(mended).toMatchObject({ code: 0, ok: true });
  // A number that is free, behind those that are there.
  expect(
    await postgres.query("INSERT INTO documents (file_path, file_name, file_size) VALUES ('/c', 'c', 3) RETURNING id"),
  ).toEqual([{ id: 3 }]);
});
