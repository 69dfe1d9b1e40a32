import type { Objects } from './catalog.ts';

/**
 * The schema that LocalRAG's code reads and writes, as PostgreSQL describes it: a contract, so it is written down here
 * and never derived from the migrations.
 */

const TABLES: Readonly<Record<string, Objects>> = {
  documents: {
    id: "integer NOT NULL DEFAULT nextval('documents_id_seq'::regclass)",
    file_path: 'character varying(1000) NOT NULL',
    file_name: 'character varying(255) NOT NULL',
    file_size: 'bigint NOT NULL',
    content_hash: 'character varying(64)',
    chunk_count: 'integer DEFAULT 0',
    created_at: 'timestamp with time zone DEFAULT CURRENT_TIMESTAMP',
    updated_at: 'timestamp with time zone DEFAULT CURRENT_TIMESTAMP',
    metadata: "jsonb DEFAULT '{}'::jsonb",
  },
  chunks: {
    id: "integer NOT NULL DEFAULT nextval('chunks_id_seq'::regclass)",
    document_id: 'integer',
    content: 'text NOT NULL',
    start_index: 'integer NOT NULL',
    end_index: 'integer NOT NULL',
    word_count: 'integer NOT NULL',
    chunk_index: 'integer NOT NULL',
    embedding: 'vector(768)',
    created_at: 'timestamp with time zone DEFAULT CURRENT_TIMESTAMP',
    metadata: "jsonb DEFAULT '{}'::jsonb",
  },
  chat_sessions: {
    id: 'uuid NOT NULL DEFAULT gen_random_uuid()',
    user_id: 'character varying(255)',
    created_at: 'timestamp with time zone DEFAULT CURRENT_TIMESTAMP',
    updated_at: 'timestamp with time zone DEFAULT CURRENT_TIMESTAMP',
    message_count: 'integer DEFAULT 0',
    metadata: "jsonb DEFAULT '{}'::jsonb",
  },
  chat_messages: {
    id: 'uuid NOT NULL DEFAULT gen_random_uuid()',
    session_id: 'uuid',
    role: 'character varying(20) NOT NULL',
    content: 'text NOT NULL',
    created_at: 'timestamp with time zone DEFAULT CURRENT_TIMESTAMP',
    metadata: "jsonb DEFAULT '{}'::jsonb",
    parent_message_id: 'uuid',
    thread_id: 'uuid DEFAULT gen_random_uuid()',
  },
  processing_jobs: {
    id: "integer NOT NULL DEFAULT nextval('processing_jobs_id_seq'::regclass)",
    job_id: 'character varying(36) NOT NULL',
    task_type: 'character varying(50) NOT NULL',
    priority: 'character varying(10) NOT NULL',
    status: 'character varying(20) NOT NULL',
    created_at: 'timestamp without time zone DEFAULT CURRENT_TIMESTAMP',
    started_at: 'timestamp without time zone',
    completed_at: 'timestamp without time zone',
    progress: 'double precision DEFAULT 0.0',
    error_message: 'text',
    retry_count: 'integer DEFAULT 0',
    payload: 'jsonb NOT NULL',
    result: 'jsonb',
    worker_id: 'character varying(50)',
    estimated_duration: 'integer',
    actual_duration: 'integer',
  },
  job_statistics: {
    id: "integer NOT NULL DEFAULT nextval('job_statistics_id_seq'::regclass)",
    date: 'date DEFAULT CURRENT_DATE',
    total_jobs: 'integer DEFAULT 0',
    completed_jobs: 'integer DEFAULT 0',
    failed_jobs: 'integer DEFAULT 0',
    cancelled_jobs: 'integer DEFAULT 0',
    avg_processing_time: 'double precision DEFAULT 0.0',
    max_processing_time: 'double precision DEFAULT 0.0',
    total_processing_time: 'double precision DEFAULT 0.0',
    created_at: 'timestamp without time zone DEFAULT CURRENT_TIMESTAMP',
    updated_at: 'timestamp without time zone DEFAULT CURRENT_TIMESTAMP',
  },
};

const VIEWS: Readonly<Record<string, Objects>> = {
  message_threads: {
    id: 'uuid',
    session_id: 'uuid',
    thread_id: 'uuid',
    parent_message_id: 'uuid',
    role: 'character varying(20)',
    content: 'text',
    created_at: 'timestamp with time zone',
    depth: 'integer',
    path: 'uuid[]',
    root_message_id: 'uuid',
    thread_length: 'integer',
  },
};

const SEQUENCES: Objects = {
  documents_id_seq: 'of documents.id',
  chunks_id_seq: 'of chunks.id',
  processing_jobs_id_seq: 'of processing_jobs.id',
  job_statistics_id_seq: 'of job_statistics.id',
};

const INDEXES: Objects = {
  documents_pkey: 'unique documents btree (id)',
  documents_file_path_key: 'unique documents btree (file_path)',
  idx_documents_file_path: 'documents btree (file_path)',
  idx_documents_created_at: 'documents btree (created_at)',
  idx_documents_content_hash: 'documents btree (content_hash)',
  chunks_pkey: 'unique chunks btree (id)',
  idx_chunks_document_id: 'chunks btree (document_id)',
  idx_chunks_chunk_index: 'chunks btree (chunk_index)',
  idx_chunks_embedding: 'chunks hnsw (embedding vector_cosine_ops)',
  idx_chunks_metadata_gin: 'chunks gin (metadata jsonb_path_ops)',
  chat_sessions_pkey: 'unique chat_sessions btree (id)',
  idx_chat_sessions_user_id: 'chat_sessions btree (user_id)',
  idx_chat_sessions_created_at: 'chat_sessions btree (created_at)',
  chat_messages_pkey: 'unique chat_messages btree (id)',
  idx_chat_messages_session_id: 'chat_messages btree (session_id)',
  idx_chat_messages_created_at: 'chat_messages btree (created_at)',
  idx_chat_messages_role: 'chat_messages btree (role)',
  idx_chat_messages_parent_id: 'chat_messages btree (parent_message_id)',
  idx_chat_messages_thread_id: 'chat_messages btree (thread_id)',
  idx_chat_messages_session_thread: 'chat_messages btree (session_id, thread_id)',
  processing_jobs_pkey: 'unique processing_jobs btree (id)',
  processing_jobs_job_id_key: 'unique processing_jobs btree (job_id)',
  idx_jobs_status: 'processing_jobs btree (status)',
  idx_jobs_created_at: 'processing_jobs btree (created_at)',
  idx_jobs_priority: 'processing_jobs btree (priority)',
  idx_jobs_task_type: 'processing_jobs btree (task_type)',
  idx_jobs_worker_id: 'processing_jobs btree (worker_id)',
  idx_jobs_payload_user_id: 'processing_jobs gin (payload jsonb_path_ops)',
  idx_jobs_created_at_status: 'processing_jobs btree (created_at, status)',
  idx_jobs_status_retry_count: 'processing_jobs btree (status, retry_count)',
  job_statistics_pkey: 'unique job_statistics btree (id)',
  idx_job_stats_date: 'unique job_statistics btree (date)',
};

const oneOf = (column: string, values: readonly string[]) =>
  `CHECK (${column}::text = ANY (ARRAY[${values.map((value) => `'${value}'::character varying`).join(', ')}]::text[]))`;

const CONSTRAINTS: Objects = {
  'documents.documents_pkey': 'PRIMARY KEY (id)',
  'documents.documents_file_path_key': 'UNIQUE (file_path)',
  'chunks.chunks_pkey': 'PRIMARY KEY (id)',
  'chunks.chunks_document_id_fkey': 'FOREIGN KEY (document_id) REFERENCES documents(id) ON DELETE CASCADE',
  'chat_sessions.chat_sessions_pkey': 'PRIMARY KEY (id)',
  'chat_messages.chat_messages_pkey': 'PRIMARY KEY (id)',
  'chat_messages.chat_messages_session_id_fkey':
    'FOREIGN KEY (session_id) REFERENCES chat_sessions(id) ON DELETE CASCADE',
  'chat_messages.chat_messages_parent_message_id_fkey':
    'FOREIGN KEY (parent_message_id) REFERENCES chat_messages(id) ON DELETE SET NULL',
  'chat_messages.chat_messages_role_check': oneOf('role', ['user', 'assistant']),
  'chat_messages.chk_no_self_reference': 'CHECK (parent_message_id <> id)',
  'processing_jobs.processing_jobs_pkey': 'PRIMARY KEY (id)',
  'processing_jobs.processing_jobs_job_id_key': 'UNIQUE (job_id)',
  'processing_jobs.processing_jobs_status_check': oneOf('status', [
    'pending',
    'processing',
    'completed',
    'failed',
    'cancelled',
    'retrying',
  ]),
  'job_statistics.job_statistics_pkey': 'PRIMARY KEY (id)',
};

const TRIGGERS: Objects = {
  'documents.update_documents_updated_at':
    'CREATE TRIGGER update_documents_updated_at BEFORE UPDATE ON documents ' +
    'FOR EACH ROW EXECUTE FUNCTION update_updated_at_column()',
  'chat_sessions.update_chat_sessions_updated_at':
    'CREATE TRIGGER update_chat_sessions_updated_at BEFORE UPDATE ON chat_sessions ' +
    'FOR EACH ROW EXECUTE FUNCTION update_updated_at_column()',
  'processing_jobs.trigger_update_job_statistics':
    'CREATE TRIGGER trigger_update_job_statistics AFTER UPDATE ON processing_jobs ' +
    'FOR EACH ROW EXECUTE FUNCTION update_job_statistics()',
  'processing_jobs.trigger_validate_job_status':
    'CREATE TRIGGER trigger_validate_job_status BEFORE UPDATE OF status ON processing_jobs FOR EACH ROW WHEN (' +
    "(old.status::text = ANY (ARRAY['completed'::character varying, 'failed'::character varying, " +
    "'cancelled'::character varying]::text[])) AND new.status::text <> old.status::text AND " +
    "(new.status::text <> ALL (ARRAY['retrying'::character varying, 'pending'::character varying]::text[]))) " +
    'EXECUTE FUNCTION refuse_job_status_transition()',
};

const FUNCTIONS: Objects = {
  'update_updated_at_column()': 'trigger',
  'update_job_statistics()': 'trigger',
  'refuse_job_status_transition()': 'trigger',
  'cleanup_old_jobs(days_old integer DEFAULT 7)': 'integer',
  'get_job_queue_metrics()':
    'TABLE(status character varying, count bigint, ' +
    'avg_duration numeric, min_duration numeric, max_duration numeric)',
  'get_thread_summary(p_thread_id uuid)':
    'TABLE(thread_id uuid, session_id uuid, message_count bigint, max_depth integer, ' +
    'created_at timestamp with time zone, last_message_at timestamp with time zone)',
};

const named = (kind: string, objects: Objects) =>
  Object.entries(objects).map(([name, definition]) => [`${kind} ${name}`, definition]);

const columns = (relations: Readonly<Record<string, Objects>>) =>
  Object.entries(relations).flatMap(([relation, objects]) =>
    named('column', objects).map(([key, type]) => [String(key).replace(' ', ` ${relation}.`), type]),
  );

export const EXPECTED_CATALOG: Objects = Object.fromEntries([
  ...Object.keys(TABLES).map((table) => [`table ${table}`, '']),
  ...Object.keys(VIEWS).map((view) => [`view ${view}`, '']),
  ...columns({ ...TABLES, ...VIEWS }),
  ...named('sequence', SEQUENCES),
  ...named('index', INDEXES),
  ...named('constraint', CONSTRAINTS),
  ...named('trigger', TRIGGERS),
  ...named('function', FUNCTIONS),
]);
