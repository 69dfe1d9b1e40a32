import type { Remedy } from '../../remedy.ts';

/** Rights, transactions, locks, limits, and the state of the server. */
export const SERVER: readonly Remedy[] = [
  {
    code: '0A000',
    when: /extension "(?<name>[^"]+)" is not available/,
    means: "the database server's machine or image does not have the extension's files",
    hint: extensionMissing,
  },
  {
    code: '58P01',
    when: /(?<name>[^/"]+)\.control"/,
    // The words of newer servers, by which people look for it.
    means: ({ name }) =>
      `extension "${name}" is not available: the database server's machine or image does not have the extension's files`,
    hint: extensionMissing,
  },
  {
    code: '42501',
    when: /permission denied to create extension "?(?<name>[^" ]+)"?/,
    means: 'the extension is not one that an ordinary role may install (pgvector is none)',
    hint: ({ name = 'vector' }) =>
      `once, as superuser, in this database: CREATE EXTENSION IF NOT EXISTS "${name}"; then run migrate again`,
  },
  {
    code: '42501',
    when: /permission denied for schema (?<schema>\S+)/,
    means: 'the role that migrates may not create in this schema, or not even look into it',
    hint: ({ schema }) =>
      `GRANT USAGE, CREATE ON SCHEMA ${schema} TO this user (PostgreSQL 15 and later give CREATE on public to its owner only)`,
  },
  {
    code: '42501',
    when: /permission denied for (?:table|sequence) migrations/,
    means: 'the history belongs to another role, and without it nothing may be applied',
    hint: 'migrate as the role that owns the history, which is the one that migrated first',
  },
  {
    code: '42501',
    when: /permission denied for database/,
    means: 'the role that migrates may not create schemas or trusted extensions in this database',
    hint: 'GRANT CREATE ON DATABASE … TO this user',
  },
  {
    code: '42501',
    when: /must be owner of/,
    means: 'only the owner of an object may change or drop it',
    hint: 'run migrate as the role that owns the object, or ALTER … OWNER TO this user',
  },
  {
    code: '42501',
    when: /row-level security/,
    means: 'a policy of the table does not let the role that migrates see or write the row',
    hint: 'migrate as the owner of the table (without FORCE ROW LEVEL SECURITY), or as a role with BYPASSRLS',
  },
  {
    code: '42501',
    means: 'the role that migrates lacks a right',
    hint: 'grant this user the right that the message names',
  },
  {
    code: '25001',
    when: /must be (?:called|set) before any query/,
    means: 'a transaction is told what it is like before its first statement, or not at all',
    hint: 'move it to the head of the file, before every other statement',
  },
  {
    code: '25001',
    means: 'PostgreSQL takes this statement only outside of a transaction, and a file is one',
    hint: 'put this statement into a file of its own with `-- migrate: no-transaction`',
  },
  {
    code: '25006',
    means: 'the session may only read',
    hint: 'the server is a read-only standby, or default_transaction_read_only is on: connect to the primary',
  },
  {
    code: '25',
    means: 'the statement does not fit the state of the transaction',
    hint: 'put it into a file of its own',
  },
  {
    code: '2D000',
    means: 'a procedure or a DO block commits or rolls back, which would tear the file from its row in the history',
    hint: 'remove COMMIT and ROLLBACK from it, or put it into a file of its own with `-- migrate: no-transaction`, where it may commit',
  },
  {
    code: '40001',
    means:
      'another transaction has changed the same rows; nothing of the file has stayed, and tries within DDL_LOCK_RETRY_FOR were in vain',
    hint: 'run migrate again when there is less traffic; without SET TRANSACTION ISOLATION LEVEL it does not happen',
  },
  {
    code: '40P01',
    means:
      'the file and another transaction have waited for each other; the server has ended the file, and nothing of it has stayed',
    hint: 'run migrate again; where it comes back, lock the tables in the order in which the application does, or make the file smaller',
  },
  {
    code: '40',
    means: 'the server has rolled the transaction back; nothing of the file has stayed',
    hint: 'run migrate again',
  },
  {
    code: '53100',
    means: 'the disk of the database server is full; nothing of the file has stayed',
    hint: 'free space on the disk of the database server, then run migrate again',
  },
  {
    code: '53200',
    when: /shared memory/,
    means: 'the file locks more objects than the server has room for; nothing of it has stayed',
    hint: 'break the file into smaller ones, or raise max_locks_per_transaction and restart the server: without that it fails in the same way',
  },
  {
    code: '53200',
    means: 'the database server has no memory left; nothing of the file has stayed',
    hint: 'give the server more memory, or lower work_mem and maintenance_work_mem: without that it may fail in the same way',
  },
  {
    code: '53400',
    means: 'a limit that is set for this role, database or server is reached: temporary files, replication slots, …',
    hint: 'raise the setting that the message names, or break the work into smaller migrations',
  },
  {
    code: '53',
    means: 'the database server lacks something: connections, memory or disk; nothing of the file has stayed',
    hint: 'look at its log, and run migrate again when it has some',
  },
  {
    code: '54000',
    when: /more than \d+ dimensions for (?:hnsw|ivfflat) index/,
    means: "pgvector's indexes take vectors of 2,000 dimensions at most (halfvec: 4,000)",
    hint: 'index the column as halfvec: USING hnsw ((embedding::halfvec(n)) halfvec_cosine_ops), or take a model with fewer dimensions',
  },
  {
    code: '54000',
    when: /index row (?:size|requires)/,
    means: 'a value is too long for a B-tree index, which takes about 2,700 bytes',
    hint: 'index a digest of it (md5(column), or left(column, 200)), or use GIN or a hash index',
  },
  {
    code: '54001',
    means: 'functions or triggers call each other without an end, or an expression is nested too deeply',
    hint: 'look at `where`: a trigger that updates its own table needs a condition (WHEN, or pg_trigger_depth())',
  },
  {
    code: '54',
    means: 'a limit that is built into PostgreSQL is reached',
    hint: 'make it smaller: fewer columns, arguments or dimensions, shorter values',
  },
  {
    code: '55006',
    when: /pending trigger events/,
    means: 'rows of this table wait for a check (a deferred foreign key, a constraint trigger) that comes with COMMIT',
    hint: 'write SET CONSTRAINTS ALL IMMEDIATE before this statement, or put it into the next file',
  },
  {
    code: '55006',
    means: 'somebody uses the object',
    hint: 'end the sessions that use it, then run migrate again',
  },
  {
    code: '55P02',
    means: 'the setting cannot be changed by a session',
    hint: 'take it out, and set it in postgresql.conf, or with ALTER DATABASE or ALTER ROLE',
  },
  {
    code: '55P03',
    means:
      'somebody else holds a lock on the table; the file gave up so that it does not hold up everybody behind it, and nothing of it has stayed',
    hint: 'end that session, or raise DDL_LOCK_TIMEOUT or DDL_LOCK_RETRY_FOR; a quieter hour helps too',
  },
  {
    code: '55P04',
    means: 'a value that ALTER TYPE … ADD VALUE has just made may be used only when it is committed',
    hint: 'put ALTER TYPE … ADD VALUE into a file of its own before this one',
  },
  {
    code: '55000',
    when: /cannot detach partitions concurrently/,
    means:
      'PostgreSQL detaches a partition concurrently only while the table has no default partition; it refused before it did anything',
    hint: 'detach it without CONCURRENTLY, in a file without `-- migrate: no-transaction`, or detach the default partition first',
  },
  {
    code: '55000',
    when: /cannot refresh materialized view/,
    means: 'the materialized view cannot be refreshed like this',
    hint: 'give it a unique index over whole columns, or refresh it without CONCURRENTLY',
  },
  {
    code: '55',
    means: 'the object is not in the state that this needs',
    hint: 'do first what the message asks for (nextval before currval, WITH DATA before a query)',
  },
  {
    code: '57014',
    when: /statement timeout/,
    means: 'the statement took longer than STATEMENT_TIMEOUT allows',
    hint: 'raise STATEMENT_TIMEOUT (0 means none), give the file `-- migrate: statement-timeout=…`, or break the work into smaller migrations',
  },
  {
    code: '57014',
    means: 'somebody has cancelled the statement (pg_cancel_backend)',
    hint: 'ask who ends long statements on this server, then run migrate again',
  },
  {
    code: '58',
    means: 'the database server could not read or write a file of its own',
    hint: "look at the server's log and at its disk",
  },
  {
    code: 'XX001',
    means: 'data on the disk of the database server is damaged',
    hint: 'stop, and restore from a backup; amcheck (pg_amcheck) finds how far it goes',
  },
  {
    code: 'XX002',
    means: 'an index is damaged',
    hint: 'REINDEX it, and look for what damaged it',
  },
  {
    code: 'XX',
    means: 'an internal error of the database server or of an extension',
    hint: "look at the server's log; update PostgreSQL and its extensions to their newest minor versions",
  },
];

function extensionMissing({ name = 'the extension' }: Readonly<Record<string, string | undefined>>): string {
  return name === 'vector'
    ? 'install pgvector on the database server (Debian and Ubuntu: apt install postgresql-<version>-pgvector; images: pgvector/pgvector), then run migrate again'
    : `install the package that brings ${name} on the database server (often postgresql-contrib), then run migrate again`;
}
