import { expect, test } from 'vitest';
import { run } from '../program.ts';
import { freshPostgres, postgresEnv } from './pair.ts';

/** The tables that LocalRAG's ORM creates when it starts, each only if it is missing. */
const ORM = {
  documents: `CREATE TABLE IF NOT EXISTS documents (
    id serial NOT NULL, file_path varchar(1000) NOT NULL, file_name varchar(255) NOT NULL, file_size bigint NOT NULL,
    content_hash varchar(64), chunk_count integer NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL, updated_at timestamp with time zone DEFAULT now() NOT NULL,
    metadata jsonb NOT NULL, PRIMARY KEY (id), UNIQUE (file_path))`,
  chunks: `CREATE TABLE IF NOT EXISTS chunks (
    id serial NOT NULL, document_id integer NOT NULL, content text NOT NULL, start_index integer NOT NULL,
    end_index integer NOT NULL, word_count integer NOT NULL, chunk_index integer NOT NULL, embedding vector(768),
    created_at timestamp with time zone DEFAULT now() NOT NULL, metadata jsonb NOT NULL,
    PRIMARY KEY (id), FOREIGN KEY (document_id) REFERENCES documents (id) ON DELETE CASCADE)`,
  chat_sessions: `CREATE TABLE IF NOT EXISTS chat_sessions (
    id uuid NOT NULL, user_id varchar(255), created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL, message_count integer NOT NULL, metadata jsonb NOT NULL,
    PRIMARY KEY (id))`,
  chat_messages: `CREATE TABLE IF NOT EXISTS chat_messages (
    id uuid NOT NULL, session_id uuid NOT NULL, role varchar(20) NOT NULL, content text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL, metadata jsonb NOT NULL,
    parent_message_id uuid, thread_id uuid NOT NULL, PRIMARY KEY (id),
    CONSTRAINT ck_chat_messages_role CHECK (role IN ('user', 'assistant')),
    FOREIGN KEY (session_id) REFERENCES chat_sessions (id) ON DELETE CASCADE,
    FOREIGN KEY (parent_message_id) REFERENCES chat_messages (id) ON DELETE SET NULL)`,
} as const;

type Table = keyof typeof ORM;
const ALL = Object.keys(ORM) as readonly Table[];

/** A row of each table, as the ORM writes it: it fills every column that has no default. */
const ROWS: Readonly<Record<Table, string>> = {
  documents: `INSERT INTO documents (file_path, file_name, file_size, chunk_count, metadata) VALUES ('/a', 'a', 1, 1, '{}')`,
  chunks: `INSERT INTO chunks (document_id, content, start_index, end_index, word_count, chunk_index, metadata)
    VALUES (1, 'Halo', 0, 4, 1, 0, '{}')`,
  chat_sessions: `INSERT INTO chat_sessions (id, message_count, metadata) VALUES (gen_random_uuid(), 1, '{}')`,
  chat_messages: `INSERT INTO chat_messages (id, session_id, role, content, metadata, thread_id)
    SELECT gen_random_uuid(), id, 'user', 'Halo', '{}', gen_random_uuid() FROM chat_sessions`,
};

const COUNTS = `SELECT ${ALL.map((table) => `(SELECT count(*)::int FROM ${table}) AS ${table}`).join(', ')}`;

async function verification(env: Readonly<Record<string, string>>) {
  const { code, stdout } = await run(['postgres', 'verify', '--json'], { env });
  const { differences } = JSON.parse(stdout) as {
    differences: readonly { name: string; told: boolean; says: string }[];
  };
  return { code, failing: differences.filter(({ told }) => !told), notes: differences.filter(({ told }) => told) };
}

test.each([
  [ALL],
  [['documents']],
  [['documents', 'chunks']],
  [['chat_sessions']],
  [['chat_sessions', 'chat_messages']],
] as const)(
  'LocalRAG started first and created %s: after migrate the schema is as the files make it, and the rows are there',
  async (tables) => {
    const postgres = await freshPostgres();
    const env = postgresEnv(postgres);
    for (const table of tables) await postgres.query(ORM[table]);
    for (const table of tables) await postgres.query(ROWS[table]);

    const migrated = await run(['postgres', 'migrate'], { env });
    expect(migrated.code, migrated.stderr).toBe(0);
    const { code, failing, notes } = await verification(env);
    expect(failing).toEqual([]);
    expect(code).toBe(0);
    expect(new Set(notes.map(({ says }) => says))).toEqual(new Set(['is NOT NULL, which no migration makes it']));
    const rows = Object.fromEntries(ALL.map((table) => [table, (tables as readonly Table[]).includes(table) ? 1 : 0]));
    expect(await postgres.query(COUNTS)).toEqual([rows]);

    // What is written without a word about these columns has their defaults.
    await postgres.query(
      `INSERT INTO documents (file_path, file_name, file_size) VALUES ('/b', 'b', 2);
       INSERT INTO chunks (document_id, content, start_index, end_index, word_count, chunk_index)
         SELECT id, 'x', 0, 1, 1, 0 FROM documents WHERE file_path = '/b';
       INSERT INTO chat_sessions (user_id) VALUES ('u');
       INSERT INTO chat_messages (session_id, role, content) SELECT id, 'user', 'x' FROM chat_sessions WHERE user_id = 'u'`,
    );
    // A second run, and LocalRAG's next start, find all of it there.
    for (const table of ALL) await postgres.query(ORM[table]);
    expect((await run(['postgres', 'migrate'], { env })).code).toBe(0);
    expect((await verification(env)).code).toBe(0);
  },
);

test('LocalRAG started after the migrations: nothing differs', async () => {
  const postgres = await freshPostgres();
  const env = postgresEnv(postgres);
  expect((await run(['postgres', 'migrate'], { env })).code).toBe(0);
  for (const table of ALL) await postgres.query(ORM[table]);
  expect(await verification(env)).toEqual({ code: 0, failing: [], notes: [] });
});

test('what means the same is no failure: spellings of a default, a stricter NOT NULL, a constraint by another name', async () => {
  const postgres = await freshPostgres();
  const env = postgresEnv(postgres);
  expect((await run(['postgres', 'migrate'], { env })).code).toBe(0);
  await postgres.query(`
    ALTER TABLE documents ALTER COLUMN created_at SET DEFAULT now(),
      ALTER COLUMN updated_at SET DEFAULT transaction_timestamp(),
      ALTER COLUMN chunk_count SET DEFAULT '0'::integer, ALTER COLUMN content_hash SET DEFAULT NULL::varchar;
    ALTER TABLE processing_jobs ALTER COLUMN created_at SET DEFAULT LOCALTIMESTAMP, ALTER COLUMN progress SET DEFAULT 0;
    ALTER TABLE job_statistics ALTER COLUMN date SET DEFAULT now()::date,
      ALTER COLUMN created_at SET DEFAULT 'now'::text::timestamp`);
  expect(await verification(env)).toEqual({ code: 0, failing: [], notes: [] });

  await postgres.query(`
    ALTER TABLE chunks ALTER COLUMN document_id SET NOT NULL;
    ALTER TABLE chat_messages RENAME CONSTRAINT chat_messages_role_check TO role_is_known;
    ALTER TABLE documents RENAME CONSTRAINT documents_file_path_key TO one_path;
    ALTER TABLE chunks RENAME CONSTRAINT chunks_document_id_fkey TO of_document`);
  const { code, failing, notes } = await verification(env);
  expect({ code, failing }).toEqual({ code: 0, failing: [] });
  expect(notes.map(({ name, says }) => `${name} ${says}`)).toEqual([
    'documents.documents_file_path_key is there under another name: one_path',
    'chunks.document_id is NOT NULL, which no migration makes it',
    'chunks.chunks_document_id_fkey is there under another name: of_document',
    'chat_messages.chat_messages_role_check is there under another name: role_is_known',
  ]);

  // A difference that matters stays one, whatever else is only a note.
  await postgres.query(`
    ALTER TABLE documents ALTER COLUMN chunk_count SET DEFAULT 1, ALTER COLUMN chunk_count SET NOT NULL,
      ALTER COLUMN created_at SET DEFAULT clock_timestamp();
    ALTER TABLE chat_messages DROP CONSTRAINT role_is_known, ADD CONSTRAINT role_is_known CHECK (role <> '')`);
  const again = await verification(env);
  expect(again.code).toBe(3);
  expect(again.failing.map(({ name }) => name)).toEqual([
    'documents.chunk_count',
    'documents.created_at',
    'chat_messages.chat_messages_role_check',
  ]);
});
