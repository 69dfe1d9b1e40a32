-- What LocalRAG's application creates for itself when it starts on an empty database.
CREATE TABLE processing_jobs (
  id serial PRIMARY KEY, job_id varchar(36) UNIQUE NOT NULL, task_type varchar(50) NOT NULL,
  priority varchar(10) NOT NULL, status varchar(20) NOT NULL, created_at timestamp DEFAULT CURRENT_TIMESTAMP,
  started_at timestamp NULL, completed_at timestamp NULL, progress float DEFAULT 0.0, error_message text NULL,
  retry_count integer DEFAULT 0, payload jsonb NOT NULL, result jsonb NULL, worker_id varchar(50) NULL,
  estimated_duration integer NULL, actual_duration integer NULL
);
CREATE INDEX idx_jobs_status ON processing_jobs (status);
CREATE INDEX idx_jobs_created_at ON processing_jobs (created_at);
CREATE INDEX idx_jobs_priority ON processing_jobs (priority);
CREATE INDEX idx_jobs_task_type ON processing_jobs (task_type);
