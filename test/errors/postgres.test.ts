import pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { PostgresConfig } from '../../src/config.ts';
import { PostgresEngine } from '../../src/engine/postgres/engine.ts';
import { statementError, advised as withAdvice } from '../../src/engine/postgres/errors.ts';
import { CONNECTING } from '../../src/engine/postgres/remedies/connecting.ts';
import { REMEDIES } from '../../src/engine/postgres/remedies.ts';
import { advised, UNREAD } from '../../src/engine/remedy.ts';
import { type ErrorKind, MigrateError } from '../../src/errors.ts';
import { budgets, identity } from '../contract/settings.ts';
import { type FreshDatabase, freshDatabase } from '../servers/databases.ts';
import { Capture } from './captured.ts';
import { type Held, hold } from './held.ts';
import { DATA } from './rows/postgres-data.ts';
import { SERVER } from './rows/postgres-server.ts';
import { PREPARED, STATEMENTS } from './rows/postgres-statements.ts';
import type { Row } from './rows/row.ts';

/* What the real server says, what this program makes of it, and that every remedy is for something that happens. */

const SQL = '001_a.sql';
const signal = new AbortController().signal;
const capture = new Capture(REMEDIES, [
  [/test_[0-9a-f]+/g, 'localrag'],
  [/; blocked by .*/, ''],
  [/127\.0\.0\.1:\d+/, '127.0.0.1:5432'],
]);

let database: FreshDatabase;
let engine: PostgresEngine;
let held: Held;

beforeAll(async () => {
  database = await freshDatabase({ extensions: [] });
  const { user } = database;
  await database.asSuperuser(`${PREPARED.superuser}
    ALTER ROLE ${user} SET temp_file_limit = '64kB'; ALTER ROLE ${user} SET deadlock_timeout = '10ms';
    CREATE ROLE errors_weak; GRANT errors_weak TO ${user}`);
  await database.query(PREPARED.owner);
  await database.asSuperuser(`CREATE FUNCTION broken() RETURNS int LANGUAGE sql AS 'SELECT 1';
    UPDATE pg_proc SET prolang = 99999 WHERE proname = 'broken'`);
  engine = open({});
  held = await hold(engine);
});
afterAll(async () => {
  await held.release();
  await engine.close();
  await database.asSuperuser('DROP ROLE errors_weak');
  await database.drop();
});

function open(changes: Partial<PostgresConfig>): PostgresEngine {
  const config = {
    ...database,
    sslmode: 'disable' as const,
    tls: [false as const],
    connectTimeout: 10_000,
    ...changes,
  };
  return new PostgresEngine({ config, budgets: { ...budgets, ddlLockRetryFor: 0 }, identity, emit: () => {} });
}

async function superuser(): Promise<pg.Client> {
  const url = new URL(inject('postgres').url);
  url.pathname = `/${database.database}`;
  const client = new pg.Client(url.href);
  await client.connect();
  return client;
}

function check(error: MigrateError, { code, kind = 'failed', hint, at = '1:1', raised }: Row): void {
  const { place, server } = error;
  const [line, column] = at.split(':').map(Number);
  expect({ kind: error.kind, code: server?.code, place, message: error.message }).toEqual({
    kind,
    code,
    place: at === '' ? { file: SQL } : { file: SQL, line, column },
    message: expect.stringMatching(/^001_a\.sql: ./),
  });
  expect(error.hint).toContain(hint);
  expect(error.hint?.includes('; the whole file was rolled back: mend it')).toBe(kind === 'failed');
  expect(error.means).toBeTruthy();
  capture.note(error, { raised: raised === true });
}

test.each([...STATEMENTS, ...DATA, ...SERVER])('$code: $hint', async (row) =>
  check(await held.refused(SQL, row.file), row),
);

/** With somebody else who has a lock before, and does something once the file waits for the advisory lock 1. */
test.each<Row & { readonly before: string; readonly meanwhile?: (pid: number) => string }>([
  {
    code: '55P03',
    kind: 'busy',
    file: '-- migrate: ddl-lock-timeout=20ms\nALTER TABLE filled ADD n int;',
    hint: 'end that session, or raise DDL_LOCK_TIMEOUT or DDL_LOCK_RETRY_FOR',
    at: '2:1',
    before: 'BEGIN; LOCK TABLE filled',
  },
  {
    code: '40P01',
    kind: 'busy',
    file: 'LOCK TABLE filled;\nSELECT pg_advisory_xact_lock(1);\nLOCK TABLE keyed;',
    hint: 'lock the tables in the order in which the application does',
    at: '3:1',
    // The one whose deadlock_timeout comes first is ended, and that is the owner's.
    before: "SET deadlock_timeout = '1min'; SELECT pg_advisory_lock(1); BEGIN; LOCK TABLE keyed",
    meanwhile: () => 'SELECT pg_advisory_unlock(1); LOCK TABLE filled',
  },
  {
    code: '40001',
    kind: 'busy',
    file: 'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;\nSELECT count(*) FROM keyed;\nSELECT pg_advisory_xact_lock(1);\nUPDATE keyed SET status = null;',
    hint: 'run migrate again when there is less traffic',
    at: '4:1',
    before: 'SELECT pg_advisory_lock(1)',
    meanwhile: () => "UPDATE keyed SET status = 'new'; SELECT pg_advisory_unlock(1)",
  },
  {
    code: '57014',
    file: 'SELECT pg_advisory_xact_lock(1);',
    hint: 'ask who ends long statements on this server',
    before: 'SELECT pg_advisory_lock(1)',
    meanwhile: (pid) => `SELECT pg_cancel_backend(${pid})`,
  },
])('$code: $hint', async ({ before, meanwhile, ...row }) => {
  const other = await superuser();
  try {
    await other.query(before);
    const applying = held.refused(SQL, row.file);
    if (meanwhile !== undefined) await other.query(meanwhile(await waiting(other)));
    check(await applying, row);
  } finally {
    await other.end();
  }
});

/** Who waits for an advisory lock in this database. */
async function waiting(other: pg.Client): Promise<number> {
  for (;;) {
    const { rows } = await other.query(`SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`);
    if (rows[0] !== undefined) return rows[0].pid;
  }
}

test('a partition that cannot be detached concurrently', async () => {
  const other = await superuser();
  await other.query(`CREATE TABLE split (id int) PARTITION BY LIST (id);
    CREATE TABLE one_part PARTITION OF split FOR VALUES IN (1); CREATE TABLE other_part PARTITION OF split DEFAULT`);
  const refused = await other.query('ALTER TABLE split DETACH PARTITION one_part CONCURRENTLY').catch((error) => error);
  await other.end();
  const error = await withAdvice(statementError(refused));
  expect(error).toMatchObject({ server: { code: '55000' }, hint: expect.stringContaining('without CONCURRENTLY') });
  expect(error.means).not.toContain('materialized');
  capture.note(error);
});

test.each<{
  topic: keyof typeof CONNECTING;
  kind: ErrorKind;
  code?: string;
  before?: (user: string, database: string) => string;
  changes?: Partial<PostgresConfig>;
}>([
  { topic: 'host name', kind: 'unreachable', changes: { host: 'db.invalid' } },
  { topic: 'password', kind: 'denied', code: '28P01', changes: { password: 'correct-horse' } },
  { topic: 'database', kind: 'config', code: '3D000', changes: { database: 'nowhere' } },
  { topic: 'no tls', kind: 'config', changes: { tls: [{ rejectUnauthorized: false }] } },
  { topic: 'channel binding', kind: 'config', changes: { channelBinding: 'require' } },
  { topic: 'unreachable', kind: 'unreachable', changes: { port: 1 } },
  {
    topic: 'too many',
    kind: 'unreachable',
    code: '53300',
    before: (user) => `ALTER ROLE ${user} CONNECTION LIMIT 1`,
  },
  {
    topic: 'connect',
    kind: 'denied',
    code: '42501',
    before: (user, name) =>
      `ALTER ROLE ${user} CONNECTION LIMIT -1; REVOKE CONNECT ON DATABASE ${name} FROM PUBLIC, ${user}`,
  },
  { topic: 'login', kind: 'denied', code: '28000', before: (user) => `ALTER ROLE ${user} NOLOGIN` },
])('no connection: $topic', async ({ topic, kind, code, before, changes = {} }) => {
  if (before !== undefined) await database.asSuperuser(before(database.user, database.database));
  const other = open(changes);
  const error = await other.ping(signal).catch((error: unknown) => error);
  await other.close();
  expect(error).toMatchObject({ kind, ...CONNECTING[topic] });
  expect((error as MigrateError).server?.code).toBe(code);
  capture.note(error as MigrateError, { topic });
});

test('an error is told all the same where the words cannot be read', async () => {
  const error = new MigrateError('failed', 'division by zero', { server: { code: '22012' } });
  const told = await advised(error, () => Promise.reject(new Error('ENOENT')));
  expect(told).toMatchObject({ kind: 'failed', message: 'division by zero', server: { code: '22012' }, ...UNREAD });
});

test('every remedy is for something that happens', () => {
  expect(capture.unmet()).toEqual([
    // test/bad-input/rights.test.ts has both: the one needs a server without pgvector that is older, the other a history of others.
    '58P01 (?<name>[^/"]+)\\.control"',
    '42501 permission denied for (?:table|sequence) migrations',
    // Some thousand tables.
    '53200 shared memory',
  ]);
});

test('the messages are those of docs/errors.md', async () => {
  await capture.compare('postgres', `PostgreSQL ${inject('postgres').version.split('.')[0]}`);
});
