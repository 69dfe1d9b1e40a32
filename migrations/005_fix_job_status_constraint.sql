-- A job's status is one of the six that LocalRAG knows, and a finished job stays finished unless it is tried again.
--
-- migrate: replayable

-- First, because an older check may refuse 'processing'; and from here on nobody else writes to the table.
ALTER TABLE processing_jobs DROP CONSTRAINT IF EXISTS processing_jobs_status_check;

-- What an older LocalRAG called running.
UPDATE processing_jobs SET status = 'processing' WHERE status = 'running';

-- ADD CONSTRAINT would refuse such rows too, but without saying which statuses they hold.
DO $$
DECLARE
  unknown text;
BEGIN
  SELECT string_agg(DISTINCT quote_literal(status), ', ') INTO unknown
  FROM processing_jobs
  WHERE status NOT IN ('pending', 'processing', 'completed', 'failed', 'cancelled', 'retrying');

  IF unknown IS NOT NULL THEN
    RAISE EXCEPTION 'processing_jobs holds jobs with a status that LocalRAG does not know: %', unknown
      USING ERRCODE = 'check_violation', TABLE = 'processing_jobs', COLUMN = 'status',
        HINT = 'Give these jobs one of the statuses pending, processing, completed, failed, cancelled, retrying, '
          'or delete them; then migrate again.';
  END IF;
END
$$;

ALTER TABLE processing_jobs ADD CONSTRAINT processing_jobs_status_check
  CHECK (status IN ('pending', 'processing', 'completed', 'failed', 'cancelled', 'retrying'));

-- A check constraint does not see the status before; a trigger does. Its WHEN says the rule, so that every other update
-- costs no function call.
CREATE OR REPLACE FUNCTION refuse_job_status_transition() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'job % is %, so its status cannot become %', OLD.job_id, OLD.status, NEW.status
    USING ERRCODE = 'check_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, COLUMN = 'status',
      HINT = 'A finished job goes back to work only as retrying or pending.';
END
$$;

CREATE OR REPLACE TRIGGER trigger_validate_job_status
  BEFORE UPDATE OF status ON processing_jobs
  FOR EACH ROW
  WHEN (
    OLD.status IN ('completed', 'failed', 'cancelled')
    AND NEW.status <> OLD.status
    AND NEW.status NOT IN ('retrying', 'pending')
  )
  EXECUTE FUNCTION refuse_job_status_transition();

-- Rollback:
-- -- Jobs that were running stay processing: nothing tells them apart from the others any more.
-- DROP TRIGGER trigger_validate_job_status ON processing_jobs;
-- DROP FUNCTION refuse_job_status_transition();
-- ALTER TABLE processing_jobs DROP CONSTRAINT processing_jobs_status_check;
