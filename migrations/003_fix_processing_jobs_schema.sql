-- Brings a processing_jobs table that an older LocalRAG created to what 001 makes (status check, required columns,
-- defaults, unique job_id), and adds the two indexes that workers and clean-up search by.
--
-- migrate: replayable

-- An older check knows 'running' but not 'processing', 'cancelled' or 'retrying', so it refuses what LocalRAG writes.
-- 005 adds the one that fits; if it stands already, it stays.
DO $$
BEGIN
  IF EXISTS (
    SELECT FROM pg_constraint
    WHERE conrelid = 'processing_jobs'::regclass
      AND conname = 'processing_jobs_status_check'
      AND pg_get_constraintdef(oid) NOT LIKE '%retrying%'
  ) THEN
    ALTER TABLE processing_jobs DROP CONSTRAINT processing_jobs_status_check;
  END IF;
END
$$;

-- What LocalRAG itself writes where nobody says otherwise. A row without task_type or status stops the migration:
-- only a person can know what it was.
UPDATE processing_jobs
SET job_id = COALESCE(job_id, gen_random_uuid()::text),
    priority = COALESCE(priority, 'medium'),
    payload = COALESCE(payload, '{}'::jsonb)
WHERE job_id IS NULL OR priority IS NULL OR payload IS NULL;

-- Columns that are NOT NULL already are not read again.
ALTER TABLE processing_jobs
  ALTER COLUMN job_id SET NOT NULL,
  ALTER COLUMN task_type SET NOT NULL,
  ALTER COLUMN priority SET NOT NULL,
  ALTER COLUMN status SET NOT NULL,
  ALTER COLUMN payload SET NOT NULL,
  ALTER COLUMN created_at SET DEFAULT CURRENT_TIMESTAMP,
  ALTER COLUMN progress SET DEFAULT 0.0,
  ALTER COLUMN retry_count SET DEFAULT 0;

DO $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM pg_constraint
    WHERE conrelid = 'processing_jobs'::regclass AND conname = 'processing_jobs_job_id_key'
  ) THEN
    ALTER TABLE processing_jobs ADD CONSTRAINT processing_jobs_job_id_key UNIQUE (job_id);
  END IF;
END
$$;

CREATE INDEX IF NOT EXISTS idx_jobs_created_at_status ON processing_jobs (created_at, status);
CREATE INDEX IF NOT EXISTS idx_jobs_status_retry_count ON processing_jobs (status, retry_count);

-- Rollback:
-- -- The repairs above make the table what 001 says; there is nothing in them to undo.
-- DROP INDEX idx_jobs_created_at_status;
-- DROP INDEX idx_jobs_status_retry_count;
