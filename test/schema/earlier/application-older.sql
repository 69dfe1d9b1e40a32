-- The same from an older application: fewer columns, nothing required but the task, and its own idea of statuses.
CREATE TABLE processing_jobs (
  id serial PRIMARY KEY, job_id varchar(36), task_type varchar(50), priority varchar(10),
  status varchar(20) CHECK (status IN ('pending', 'running', 'completed', 'failed')), created_at timestamp
);
CREATE INDEX idx_jobs_status ON processing_jobs (status);
CREATE INDEX idx_jobs_created_at ON processing_jobs (created_at);
CREATE INDEX idx_jobs_priority ON processing_jobs (priority);
CREATE INDEX idx_jobs_task_type ON processing_jobs (task_type);
INSERT INTO processing_jobs (job_id, task_type, status, created_at) VALUES
  (NULL, 'single_document', 'running', now()),
  ('5b2f2b0e-8f0e-4c55-9b0e-0a1f5d1d7c11', 'directory_batch', 'completed', now());
