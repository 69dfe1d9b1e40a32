-- Threads in chats: a message may answer another one, and a thread id groups the messages of one conversation.
-- The view message_threads shows the trees, get_thread_summary() one thread's figures.
--
-- migrate: replayable

-- Each message that stands already becomes a thread of its own. The default differs from row to row, so PostgreSQL
-- writes the table anew under an exclusive lock; seconds for a million messages.
ALTER TABLE chat_messages
  ADD COLUMN IF NOT EXISTS parent_message_id uuid REFERENCES chat_messages (id) ON DELETE SET NULL,
  ADD COLUMN IF NOT EXISTS thread_id uuid DEFAULT gen_random_uuid();

-- LocalRAG's ORM fills the column itself: where it has created the table, there is no default.
ALTER TABLE chat_messages ALTER COLUMN thread_id SET DEFAULT gen_random_uuid();

DO $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM pg_constraint
    WHERE conrelid = 'chat_messages'::regclass AND conname = 'chk_no_self_reference'
  ) THEN
    ALTER TABLE chat_messages ADD CONSTRAINT chk_no_self_reference CHECK (parent_message_id <> id);
  END IF;
END
$$;

CREATE INDEX IF NOT EXISTS idx_chat_messages_parent_id ON chat_messages (parent_message_id);
CREATE INDEX IF NOT EXISTS idx_chat_messages_thread_id ON chat_messages (thread_id);
CREATE INDEX IF NOT EXISTS idx_chat_messages_session_thread ON chat_messages (session_id, thread_id);

-- CREATE OR REPLACE can neither change a view's columns (42P16) nor a function's result or argument names (42P13):
-- what an earlier LocalRAG made otherwise has to go first. What fits stays, and keeps the rights granted on it.
DO $$
BEGIN
  IF (
    SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum)
    FROM pg_attribute
    WHERE attrelid = to_regclass('message_threads') AND attnum > 0
  ) <> 'id uuid, session_id uuid, thread_id uuid, parent_message_id uuid, role character varying(20), content text, '
    'created_at timestamp with time zone, depth integer, path uuid[], root_message_id uuid, thread_length integer'
  THEN
    DROP VIEW message_threads;
  END IF;

  IF pg_get_function_arguments(to_regprocedure('get_thread_summary(uuid)')) <> 'p_thread_id uuid'
    OR pg_get_function_result(to_regprocedure('get_thread_summary(uuid)')) <> 'TABLE(thread_id uuid, session_id uuid, '
      'message_count bigint, max_depth integer, created_at timestamp with time zone, '
      'last_message_at timestamp with time zone)'
  THEN
    DROP FUNCTION get_thread_summary(uuid);
  END IF;
END
$$;

-- path leads from the root to the message itself; thread_length is how many messages that is.
-- It begins at messages without a parent and every message has one parent at most, so none comes twice and the
-- recursion ends. Messages that an UPDATE has linked into a ring have no root: they are not in the view.
CREATE OR REPLACE VIEW message_threads AS
WITH RECURSIVE tree AS (
  SELECT
    id, session_id, thread_id, parent_message_id, role, content, created_at,
    0 AS depth,
    ARRAY[id] AS path,
    id AS root_message_id
  FROM chat_messages
  WHERE parent_message_id IS NULL
  UNION ALL
  SELECT
    answer.id, answer.session_id, answer.thread_id, answer.parent_message_id, answer.role, answer.content,
    answer.created_at,
    tree.depth + 1,
    tree.path || answer.id,
    tree.root_message_id
  FROM tree
  JOIN chat_messages AS answer ON answer.parent_message_id = tree.id
)
SELECT
  id, session_id, thread_id, parent_message_id, role, content, created_at,
  depth, path, root_message_id,
  cardinality(path) AS thread_length
FROM tree;

-- No row for an unknown thread; one for each session where a thread reaches over several. Depth as in the view.
CREATE OR REPLACE FUNCTION get_thread_summary(p_thread_id uuid)
RETURNS TABLE (
  thread_id uuid, session_id uuid, message_count bigint, max_depth integer,
  created_at timestamp with time zone, last_message_at timestamp with time zone
)
LANGUAGE sql STABLE AS $$
  SELECT
    message.thread_id,
    message.session_id,
    count(*),
    max(message.depth),
    min(message.created_at),
    max(message.created_at)
  FROM message_threads AS message
  WHERE message.thread_id = p_thread_id
  GROUP BY message.thread_id, message.session_id
$$;

-- Rollback:
-- -- Loses which message answers which. The messages stay. The constraint and the indexes go with their columns.
-- DROP FUNCTION get_thread_summary(uuid);
-- DROP VIEW message_threads;
-- ALTER TABLE chat_messages DROP CONSTRAINT chk_no_self_reference;
-- ALTER TABLE chat_messages DROP COLUMN parent_message_id, DROP COLUMN thread_id;
