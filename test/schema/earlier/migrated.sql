-- What an earlier LocalRAG's own migrations left: every object of the schema, three of them not as they are now
-- (job statistics counted anew each time, metrics that fail when called, no watch over a job's status changes).
CREATE TABLE documents (
  id serial PRIMARY KEY, file_path varchar(1000) NOT NULL UNIQUE, file_name varchar(255) NOT NULL,
  file_size bigint NOT NULL, content_hash varchar(64), chunk_count integer DEFAULT 0,
  created_at timestamptz DEFAULT CURRENT_TIMESTAMP, updated_at timestamptz DEFAULT CURRENT_TIMESTAMP,
  metadata jsonb DEFAULT '{}'
);
CREATE TABLE chunks (
  id serial PRIMARY KEY, document_id integer REFERENCES documents ON DELETE CASCADE, content text NOT NULL,
  start_index integer NOT NULL, end_index integer NOT NULL, word_count integer NOT NULL, chunk_index integer NOT NULL,
  embedding vector(768), created_at timestamptz DEFAULT CURRENT_TIMESTAMP, metadata jsonb DEFAULT '{}'
);
CREATE TABLE chat_sessions (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id varchar(255),
  created_at timestamptz DEFAULT CURRENT_TIMESTAMP, updated_at timestamptz DEFAULT CURRENT_TIMESTAMP,
  message_count integer DEFAULT 0, metadata jsonb DEFAULT '{}'
);
CREATE TABLE chat_messages (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(), session_id uuid REFERENCES chat_sessions ON DELETE CASCADE,
  role varchar(20) NOT NULL CHECK (role IN ('user', 'assistant')), content text NOT NULL,
  created_at timestamptz DEFAULT CURRENT_TIMESTAMP, metadata jsonb DEFAULT '{}',
  parent_message_id uuid REFERENCES chat_messages ON DELETE SET NULL, thread_id uuid DEFAULT gen_random_uuid(),
  CONSTRAINT chk_no_self_reference CHECK (parent_message_id <> id)
);
CREATE TABLE processing_jobs (
  id serial PRIMARY KEY, job_id varchar(36) UNIQUE NOT NULL, task_type varchar(50) NOT NULL,
  priority varchar(10) NOT NULL, status varchar(20) NOT NULL, created_at timestamp DEFAULT CURRENT_TIMESTAMP,
  started_at timestamp, completed_at timestamp, progress float DEFAULT 0.0, error_message text,
  retry_count integer DEFAULT 0, payload jsonb NOT NULL, result jsonb, worker_id varchar(50),
  estimated_duration integer, actual_duration integer,
  CONSTRAINT processing_jobs_status_check
    CHECK (status IN ('pending', 'processing', 'completed', 'failed', 'cancelled', 'retrying'))
);
CREATE TABLE job_statistics (
  id serial PRIMARY KEY, date date DEFAULT CURRENT_DATE, total_jobs integer DEFAULT 0,
  completed_jobs integer DEFAULT 0, failed_jobs integer DEFAULT 0, cancelled_jobs integer DEFAULT 0,
  avg_processing_time float DEFAULT 0.0, max_processing_time float DEFAULT 0.0,
  total_processing_time float DEFAULT 0.0,
  created_at timestamp DEFAULT CURRENT_TIMESTAMP, updated_at timestamp DEFAULT CURRENT_TIMESTAMP
);

CREATE INDEX idx_documents_file_path ON documents (file_path);
CREATE INDEX idx_documents_created_at ON documents (created_at);
CREATE INDEX idx_documents_content_hash ON documents (content_hash);
CREATE INDEX idx_chunks_document_id ON chunks (document_id);
CREATE INDEX idx_chunks_chunk_index ON chunks (chunk_index);
CREATE INDEX idx_chunks_embedding ON chunks USING hnsw (embedding vector_cosine_ops);
CREATE INDEX idx_chunks_metadata_gin ON chunks USING gin (metadata jsonb_path_ops);
CREATE INDEX idx_chat_sessions_user_id ON chat_sessions (user_id);
CREATE INDEX idx_chat_sessions_created_at ON chat_sessions (created_at);
CREATE INDEX idx_chat_messages_session_id ON chat_messages (session_id);
CREATE INDEX idx_chat_messages_created_at ON chat_messages (created_at);
CREATE INDEX idx_chat_messages_role ON chat_messages (role);
CREATE INDEX idx_chat_messages_parent_id ON chat_messages (parent_message_id);
CREATE INDEX idx_chat_messages_thread_id ON chat_messages (thread_id);
CREATE INDEX idx_chat_messages_session_thread ON chat_messages (session_id, thread_id);
CREATE INDEX idx_jobs_status ON processing_jobs (status);
CREATE INDEX idx_jobs_created_at ON processing_jobs (created_at);
CREATE INDEX idx_jobs_priority ON processing_jobs (priority);
CREATE INDEX idx_jobs_task_type ON processing_jobs (task_type);
CREATE INDEX idx_jobs_worker_id ON processing_jobs (worker_id);
CREATE INDEX idx_jobs_payload_user_id ON processing_jobs USING gin (payload jsonb_path_ops);
CREATE INDEX idx_jobs_created_at_status ON processing_jobs (created_at, status);
CREATE INDEX idx_jobs_status_retry_count ON processing_jobs (status, retry_count);
CREATE UNIQUE INDEX idx_job_stats_date ON job_statistics (date);

CREATE FUNCTION update_updated_at_column() RETURNS trigger LANGUAGE plpgsql AS
  'BEGIN NEW.updated_at = now(); RETURN NEW; END';
CREATE TRIGGER update_documents_updated_at BEFORE UPDATE ON documents
  FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();
CREATE TRIGGER update_chat_sessions_updated_at BEFORE UPDATE ON chat_sessions
  FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();

CREATE FUNCTION update_job_statistics() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO job_statistics (date, total_jobs) SELECT CURRENT_DATE, count(*) FROM processing_jobs
  ON CONFLICT (date) DO UPDATE SET total_jobs = EXCLUDED.total_jobs;
  RETURN NEW;
END $$;
CREATE TRIGGER trigger_update_job_statistics AFTER UPDATE ON processing_jobs
  FOR EACH ROW EXECUTE FUNCTION update_job_statistics();

CREATE FUNCTION cleanup_old_jobs(days_old integer DEFAULT 7) RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM processing_jobs WHERE created_at < now() - days_old * interval '1 day';
  RETURN 0;
END $$;

CREATE FUNCTION get_job_queue_metrics()
RETURNS TABLE (status varchar(20), count bigint, avg_duration numeric, min_duration numeric, max_duration numeric)
LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY
    SELECT j.status, count(*), avg(j.actual_duration), min(j.actual_duration), max(j.actual_duration)
    FROM processing_jobs j GROUP BY j.status;
END $$;

CREATE VIEW message_threads AS
WITH RECURSIVE t AS (
  SELECT id, session_id, thread_id, parent_message_id, role, content, created_at,
    0 AS depth, ARRAY[id] AS path, id AS root_message_id
  FROM chat_messages WHERE parent_message_id IS NULL
  UNION ALL
  SELECT m.id, m.session_id, m.thread_id, m.parent_message_id, m.role, m.content, m.created_at,
    t.depth + 1, t.path || m.id, t.root_message_id
  FROM chat_messages m JOIN t ON m.parent_message_id = t.id
)
SELECT *, cardinality(path) AS thread_length FROM t ORDER BY thread_id, depth;

CREATE FUNCTION get_thread_summary(p_thread_id uuid)
RETURNS TABLE (thread_id uuid, session_id uuid, message_count bigint, max_depth integer,
  created_at timestamptz, last_message_at timestamptz)
LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY SELECT p_thread_id, m.session_id, count(*), max(m.depth), min(m.created_at), max(m.created_at)
    FROM message_threads m WHERE m.thread_id = p_thread_id GROUP BY m.session_id;
END $$;
