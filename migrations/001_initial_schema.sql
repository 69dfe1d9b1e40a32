-- The tables that LocalRAG stores its library and its chats in: documents, their chunks with embeddings,
-- chat sessions, chat messages, and the queue of background jobs.
--
-- Every statement also holds where its object stands already: an earlier LocalRAG may have migrated this
-- database in full, and its application creates processing_jobs with the first four indexes by itself.
--
-- migrate: replayable

-- pgvector is not a trusted extension: where it is missing, a superuser has to create it once.
-- Where it is installed, the role that migrates needs no right to it.
CREATE EXTENSION IF NOT EXISTS vector;

-- LocalRAG lists uuid-ossp among its prerequisites, but nothing here calls it (gen_random_uuid() is part of
-- PostgreSQL itself since 13). A server that does not have it, or a role that may not create it, is no reason to stop.
DO $$
BEGIN
  CREATE EXTENSION IF NOT EXISTS "uuid-ossp";
EXCEPTION
  -- Not available is 58P01 before PostgreSQL 16, 0A000 since.
  WHEN insufficient_privilege OR undefined_file OR feature_not_supported THEN
    RAISE NOTICE 'extension "uuid-ossp" is not created (%); this schema works without it', SQLERRM;
END
$$;

CREATE TABLE IF NOT EXISTS documents (
  id           serial PRIMARY KEY,
  file_path    varchar(1000) NOT NULL UNIQUE,
  file_name    varchar(255) NOT NULL,
  file_size    bigint NOT NULL,
  content_hash varchar(64),
  chunk_count  integer DEFAULT 0,
  created_at   timestamp with time zone DEFAULT CURRENT_TIMESTAMP,
  updated_at   timestamp with time zone DEFAULT CURRENT_TIMESTAMP,
  metadata     jsonb DEFAULT '{}'::jsonb
);

CREATE TABLE IF NOT EXISTS chunks (
  id          serial PRIMARY KEY,
  document_id integer REFERENCES documents (id) ON DELETE CASCADE,
  content     text NOT NULL,
  start_index integer NOT NULL,
  end_index   integer NOT NULL,
  word_count  integer NOT NULL,
  chunk_index integer NOT NULL,
  embedding   vector(768), -- what multilingual-e5-base puts out
  created_at  timestamp with time zone DEFAULT CURRENT_TIMESTAMP,
  metadata    jsonb DEFAULT '{}'::jsonb
);

CREATE TABLE IF NOT EXISTS chat_sessions (
  id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id       varchar(255),
  created_at    timestamp with time zone DEFAULT CURRENT_TIMESTAMP,
  updated_at    timestamp with time zone DEFAULT CURRENT_TIMESTAMP,
  message_count integer DEFAULT 0,
  metadata      jsonb DEFAULT '{}'::jsonb
);

CREATE TABLE IF NOT EXISTS chat_messages (
  id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  session_id uuid REFERENCES chat_sessions (id) ON DELETE CASCADE,
  role       varchar(20) NOT NULL CHECK (role IN ('user', 'assistant')),
  content    text NOT NULL,
  created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP,
  metadata   jsonb DEFAULT '{}'::jsonb
);

-- The whole queue at once, because LocalRAG writes all of these columns from its first job on.
-- Durations are whole seconds. The timestamps are without time zone: LocalRAG's code counts on that.
CREATE TABLE IF NOT EXISTS processing_jobs (
  id                 serial PRIMARY KEY,
  job_id             varchar(36) NOT NULL UNIQUE,
  task_type          varchar(50) NOT NULL,
  priority           varchar(10) NOT NULL,
  status             varchar(20) NOT NULL,
  created_at         timestamp without time zone DEFAULT CURRENT_TIMESTAMP,
  started_at         timestamp without time zone,
  completed_at       timestamp without time zone,
  progress           double precision DEFAULT 0.0,
  error_message      text,
  retry_count        integer DEFAULT 0,
  payload            jsonb NOT NULL,
  result             jsonb,
  worker_id          varchar(50),
  estimated_duration integer,
  actual_duration    integer
);

-- Where LocalRAG started before its first migration, its ORM has created the first four tables: without defaults for
-- what it always fills itself, and with another name of the check. The catalog alone changes; rows are neither read nor
-- written. Columns that it made NOT NULL stay so.
ALTER TABLE documents
  ALTER COLUMN chunk_count SET DEFAULT 0,
  ALTER COLUMN created_at SET DEFAULT CURRENT_TIMESTAMP,
  ALTER COLUMN updated_at SET DEFAULT CURRENT_TIMESTAMP,
  ALTER COLUMN metadata SET DEFAULT '{}'::jsonb;

ALTER TABLE chunks
  ALTER COLUMN created_at SET DEFAULT CURRENT_TIMESTAMP,
  ALTER COLUMN metadata SET DEFAULT '{}'::jsonb;

ALTER TABLE chat_sessions
  ALTER COLUMN id SET DEFAULT gen_random_uuid(),
  ALTER COLUMN created_at SET DEFAULT CURRENT_TIMESTAMP,
  ALTER COLUMN updated_at SET DEFAULT CURRENT_TIMESTAMP,
  ALTER COLUMN message_count SET DEFAULT 0,
  ALTER COLUMN metadata SET DEFAULT '{}'::jsonb;

ALTER TABLE chat_messages
  ALTER COLUMN id SET DEFAULT gen_random_uuid(),
  ALTER COLUMN created_at SET DEFAULT CURRENT_TIMESTAMP,
  ALTER COLUMN metadata SET DEFAULT '{}'::jsonb;

DO $$
BEGIN
  IF EXISTS (
    SELECT FROM pg_constraint WHERE conrelid = 'chat_messages'::regclass AND conname = 'ck_chat_messages_role'
  ) AND NOT EXISTS (
    SELECT FROM pg_constraint WHERE conrelid = 'chat_messages'::regclass AND conname = 'chat_messages_role_check'
  ) THEN
    ALTER TABLE chat_messages RENAME CONSTRAINT ck_chat_messages_role TO chat_messages_role_check;
  END IF;
END
$$;

CREATE INDEX IF NOT EXISTS idx_documents_file_path ON documents (file_path);
CREATE INDEX IF NOT EXISTS idx_documents_created_at ON documents (created_at);
CREATE INDEX IF NOT EXISTS idx_documents_content_hash ON documents (content_hash);

CREATE INDEX IF NOT EXISTS idx_chunks_document_id ON chunks (document_id);
CREATE INDEX IF NOT EXISTS idx_chunks_chunk_index ON chunks (chunk_index);
CREATE INDEX IF NOT EXISTS idx_chunks_metadata_gin ON chunks USING gin (metadata jsonb_path_ops);
-- Nothing to wait for on a new table. To build this index where many embeddings stand already, write a migration
-- with the directive no-transaction that says CREATE INDEX CONCURRENTLY, and raise maintenance_work_mem for it.
CREATE INDEX IF NOT EXISTS idx_chunks_embedding ON chunks USING hnsw (embedding vector_cosine_ops);

CREATE INDEX IF NOT EXISTS idx_chat_sessions_user_id ON chat_sessions (user_id);
CREATE INDEX IF NOT EXISTS idx_chat_sessions_created_at ON chat_sessions (created_at);
CREATE INDEX IF NOT EXISTS idx_chat_messages_session_id ON chat_messages (session_id);
CREATE INDEX IF NOT EXISTS idx_chat_messages_created_at ON chat_messages (created_at);
CREATE INDEX IF NOT EXISTS idx_chat_messages_role ON chat_messages (role);

CREATE INDEX IF NOT EXISTS idx_jobs_status ON processing_jobs (status);
CREATE INDEX IF NOT EXISTS idx_jobs_created_at ON processing_jobs (created_at);
CREATE INDEX IF NOT EXISTS idx_jobs_priority ON processing_jobs (priority);
CREATE INDEX IF NOT EXISTS idx_jobs_task_type ON processing_jobs (task_type);

CREATE OR REPLACE FUNCTION update_updated_at_column() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  NEW.updated_at := CURRENT_TIMESTAMP;
  RETURN NEW;
END
$$;

CREATE OR REPLACE TRIGGER update_documents_updated_at
  BEFORE UPDATE ON documents
  FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();

CREATE OR REPLACE TRIGGER update_chat_sessions_updated_at
  BEFORE UPDATE ON chat_sessions
  FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();

-- Rollback:
-- -- Deletes every document, embedding, chat and job. The extensions stay: they belong to the database and its
-- -- administrator, and other schemas may use them.
-- DROP TABLE processing_jobs;
-- DROP TABLE chat_messages;
-- DROP TABLE chat_sessions;
-- DROP TABLE chunks;
-- DROP TABLE documents;
-- DROP FUNCTION update_updated_at_column();
