-- Job tracking: who works on a job and how it went, one row of statistics a day, clean-up of old jobs,
-- and the queue's figures for monitoring.
--
-- The table is the one of 001. Where an older LocalRAG created it, the columns that tracking needs may be missing.
--
-- migrate: replayable

ALTER TABLE processing_jobs
  ADD COLUMN IF NOT EXISTS started_at timestamp without time zone,
  ADD COLUMN IF NOT EXISTS completed_at timestamp without time zone,
  ADD COLUMN IF NOT EXISTS progress double precision DEFAULT 0.0,
  ADD COLUMN IF NOT EXISTS error_message text,
  ADD COLUMN IF NOT EXISTS retry_count integer DEFAULT 0,
  ADD COLUMN IF NOT EXISTS payload jsonb, -- 003 makes it NOT NULL, after filling it
  ADD COLUMN IF NOT EXISTS result jsonb,
  ADD COLUMN IF NOT EXISTS worker_id varchar(50),
  ADD COLUMN IF NOT EXISTS estimated_duration integer,
  ADD COLUMN IF NOT EXISTS actual_duration integer;

CREATE INDEX IF NOT EXISTS idx_jobs_worker_id ON processing_jobs (worker_id);
-- Serves payload @> '{"user_id": …}'.
CREATE INDEX IF NOT EXISTS idx_jobs_payload_user_id ON processing_jobs USING gin (payload jsonb_path_ops);

CREATE TABLE IF NOT EXISTS job_statistics (
  id                    serial PRIMARY KEY,
  date                  date DEFAULT CURRENT_DATE,
  total_jobs            integer DEFAULT 0,
  completed_jobs        integer DEFAULT 0,
  failed_jobs           integer DEFAULT 0,
  cancelled_jobs        integer DEFAULT 0,
  avg_processing_time   double precision DEFAULT 0.0,
  max_processing_time   double precision DEFAULT 0.0,
  total_processing_time double precision DEFAULT 0.0,
  created_at            timestamp without time zone DEFAULT CURRENT_TIMESTAMP,
  updated_at            timestamp without time zone DEFAULT CURRENT_TIMESTAMP
);

CREATE UNIQUE INDEX IF NOT EXISTS idx_job_stats_date ON job_statistics (date);

-- The day's row counts endings: one each time a job that was not finished reaches completed, failed or cancelled.
-- It adds to the row instead of counting processing_jobs again, because LocalRAG deletes failed jobs at once and
-- cleanup_old_jobs deletes the others later; and because two jobs that end at the same moment do not see each other,
-- while ON CONFLICT DO UPDATE waits for the row's lock and adds to what the other has committed.
-- Times are seconds. A job without a measured time (cancelled before it began) has no part in the average; how many
-- have one is total / average, so no further column is needed. Rows of an earlier LocalRAG may hold NULL: COALESCE.
CREATE OR REPLACE FUNCTION update_job_statistics() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
  finished CONSTANT text[] := ARRAY['completed', 'failed', 'cancelled'];
  -- actual_duration is in whole seconds: 0 says no more than that it was short.
  seconds  CONSTANT double precision := GREATEST(0, COALESCE(
    NULLIF(NEW.actual_duration, 0), EXTRACT(EPOCH FROM NEW.completed_at - NEW.started_at), 0));
BEGIN
  IF NEW.status <> ALL (finished) OR OLD.status = ANY (finished) THEN
    RETURN NULL;
  END IF;

  INSERT INTO job_statistics AS day (
    date, total_jobs, completed_jobs, failed_jobs, cancelled_jobs,
    avg_processing_time, max_processing_time, total_processing_time
  ) VALUES (
    CURRENT_DATE, 1, (NEW.status = 'completed')::integer, (NEW.status = 'failed')::integer,
    (NEW.status = 'cancelled')::integer, seconds, seconds, seconds
  )
  ON CONFLICT (date) DO UPDATE SET
    total_jobs = COALESCE(day.total_jobs, 0) + 1,
    completed_jobs = COALESCE(day.completed_jobs, 0) + EXCLUDED.completed_jobs,
    failed_jobs = COALESCE(day.failed_jobs, 0) + EXCLUDED.failed_jobs,
    cancelled_jobs = COALESCE(day.cancelled_jobs, 0) + EXCLUDED.cancelled_jobs,
    avg_processing_time = CASE
      WHEN seconds = 0 THEN COALESCE(day.avg_processing_time, 0)
      WHEN day.avg_processing_time > 0 THEN (day.total_processing_time + seconds)
        / (round(day.total_processing_time / day.avg_processing_time) + 1)
      ELSE seconds
    END,
    max_processing_time = GREATEST(day.max_processing_time, seconds),
    total_processing_time = COALESCE(day.total_processing_time, 0) + seconds,
    updated_at = CURRENT_TIMESTAMP;
  RETURN NULL;
END
$$;

CREATE OR REPLACE TRIGGER trigger_update_job_statistics
  AFTER UPDATE ON processing_jobs
  FOR EACH ROW EXECUTE FUNCTION update_job_statistics();

-- CREATE OR REPLACE cannot change a function's result or the names of its arguments (42P13): one that an earlier
-- LocalRAG made otherwise has to go first. One that fits stays, and keeps the rights granted on it.
DO $$
DECLARE
  outdated regprocedure;
BEGIN
  FOR outdated IN
    SELECT to_regprocedure(wanted.signature)
    FROM (VALUES
      ('cleanup_old_jobs(integer)', 'days_old integer DEFAULT 7', 'integer'),
      ('get_job_queue_metrics()', '', 'TABLE(status character varying, count bigint, '
        'avg_duration numeric, min_duration numeric, max_duration numeric)')
    ) AS wanted (signature, arguments, result)
    WHERE pg_get_function_arguments(to_regprocedure(wanted.signature)) <> wanted.arguments
      OR pg_get_function_result(to_regprocedure(wanted.signature)) <> wanted.result
  LOOP
    EXECUTE format('DROP FUNCTION %s', outdated);
  END LOOP;
END
$$;

-- A job's age counts from its creation, as in LocalRAG's own clean-up.
CREATE OR REPLACE FUNCTION cleanup_old_jobs(days_old integer DEFAULT 7) RETURNS integer
LANGUAGE sql AS $$
  WITH deleted AS (
    DELETE FROM processing_jobs
    WHERE status IN ('completed', 'failed', 'cancelled')
      AND created_at < LOCALTIMESTAMP - make_interval(days => days_old)
    RETURNING 1
  )
  SELECT count(*)::integer FROM deleted
$$;

-- The jobs of the last 24 hours by status. min and max of integers are integers, avg is numeric: all three are cast
-- to what the function declares, or it would fail when it is called.
CREATE OR REPLACE FUNCTION get_job_queue_metrics()
RETURNS TABLE (status varchar, count bigint, avg_duration numeric, min_duration numeric, max_duration numeric)
LANGUAGE sql STABLE AS $$
  SELECT
    job.status,
    count(*),
    avg(job.actual_duration)::numeric,
    min(job.actual_duration)::numeric,
    max(job.actual_duration)::numeric
  FROM processing_jobs AS job
  WHERE job.created_at >= LOCALTIMESTAMP - INTERVAL '24 hours'
  GROUP BY job.status
  ORDER BY count(*) DESC, job.status
$$;

-- Rollback:
-- -- Loses the statistics. The table processing_jobs and its columns are those of 001 and stay.
-- DROP TRIGGER trigger_update_job_statistics ON processing_jobs;
-- DROP FUNCTION update_job_statistics();
-- DROP FUNCTION cleanup_old_jobs(integer);
-- DROP FUNCTION get_job_queue_metrics();
-- DROP TABLE job_statistics;
-- DROP INDEX idx_jobs_worker_id;
-- DROP INDEX idx_jobs_payload_user_id;
