import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { migratedDatabase, type OwnedDatabase } from './database.ts';

let db: OwnedDatabase;
let session: string;
const thread = randomUUID();

beforeAll(async () => {
  db = await migratedDatabase();
});
afterAll(() => db.drop());
beforeEach(async () => {
  await db.query('BEGIN');
  const { rows } = await db.query(
    "INSERT INTO chat_sessions (user_id, updated_at) VALUES ('ani', '2020-01-01') RETURNING id",
  );
  session = rows[0].id;
});
afterEach(() => db.query('ROLLBACK'));

/** `minute` is when it was written, so that the order of messages is known. */
async function say(content: string, minute: number, parent: string | null = null): Promise<string> {
  const { rows } = await db.query(
    `INSERT INTO chat_messages (session_id, role, content, parent_message_id, thread_id, created_at)
     VALUES ($1, 'user', $2, $3, $4, timestamptz '2026-01-01 08:00Z' + make_interval(mins => $5)) RETURNING id`,
    [session, content, parent, thread, minute],
  );
  return rows[0].id;
}

async function threads() {
  return (await db.query('SELECT * FROM message_threads ORDER BY created_at')).rows;
}

test('message_threads shows each message with its way from the root', async () => {
  const question = await say('Di mana laporan?', 0);
  const answer = await say('Di sini.', 1, question);
  const thanks = await say('Terima kasih.', 2, answer);
  const other = await say('Atau di sana.', 3, question);

  const common = { session_id: session, thread_id: thread, role: 'user', root_message_id: question };
  expect(await threads()).toEqual([
    {
      ...common,
      id: question,
      parent_message_id: null,
      content: 'Di mana laporan?',
      created_at: new Date('2026-01-01T08:00:00Z'),
      depth: 0,
      path: [question],
      thread_length: 1,
    },
    expect.objectContaining({ ...common, id: answer, depth: 1, path: [question, answer], thread_length: 2 }),
    expect.objectContaining({ ...common, id: thanks, depth: 2, path: [question, answer, thanks], thread_length: 3 }),
    expect.objectContaining({ ...common, id: other, depth: 1, path: [question, other], thread_length: 2 }),
  ]);
});

test('a message without a thread begins one', async () => {
  const insert =
    "INSERT INTO chat_messages (session_id, role, content) VALUES ($1, 'user', 'Halo') RETURNING thread_id";
  const [first, second] = [await db.query(insert, [session]), await db.query(insert, [session])];
  expect(first.rows[0].thread_id).not.toBeNull();
  expect(first.rows[0].thread_id).not.toBe(second.rows[0].thread_id);
});

test('a message does not answer itself', async () => {
  const message = await say('Halo', 0);
  await expect(
    db.query('UPDATE chat_messages SET parent_message_id = id WHERE id = $1', [message]),
  ).rejects.toMatchObject({ code: '23514', constraint: 'chk_no_self_reference' });
});

test('messages linked into a ring are left out, and the others still come', async () => {
  const [root, first] = [await say('akar', 0), await say('satu', 1)];
  const second = await say('dua', 2, first);
  await say('tiga', 3, second);
  await db.query('UPDATE chat_messages SET parent_message_id = $1 WHERE id = $2', [second, first]);
  expect((await threads()).map((row) => row.id)).toEqual([root]);
});

test('an answer whose question is deleted becomes a root', async () => {
  const question = await say('Di mana?', 0);
  const answer = await say('Di sini.', 1, question);
  await db.query('DELETE FROM chat_messages WHERE id = $1', [question]);
  expect(await threads()).toEqual([expect.objectContaining({ id: answer, depth: 0, root_message_id: answer })]);
});

test('get_thread_summary gives the figures of one thread', async () => {
  const question = await say('Di mana?', 0);
  const answer = await say('Di sini.', 5, question);
  await say('Terima kasih.', 7, answer);
  await say('Dan kapan?', 6, question);
  await db.query("INSERT INTO chat_messages (session_id, role, content) VALUES ($1, 'assistant', 'lain')", [session]);

  expect((await db.query('SELECT * FROM get_thread_summary($1)', [thread])).rows).toEqual([
    {
      thread_id: thread,
      session_id: session,
      message_count: '4',
      max_depth: 2,
      created_at: new Date('2026-01-01T08:00:00Z'),
      last_message_at: new Date('2026-01-01T08:07:00Z'),
    },
  ]);
});

test('get_thread_summary of an unknown thread is empty', async () => {
  expect((await db.query('SELECT * FROM get_thread_summary($1)', [randomUUID()])).rows).toEqual([]);
});

test('only user and assistant speak', async () => {
  await expect(
    db.query("INSERT INTO chat_messages (session_id, role, content) VALUES ($1, 'system', '…')", [session]),
  ).rejects.toMatchObject({ code: '23514', constraint: 'chat_messages_role_check' });
});

test('deleting a session deletes its messages, however they are threaded', async () => {
  const question = await say('Di mana?', 0);
  await say('Di sini.', 1, question);
  await db.query('DELETE FROM chat_sessions WHERE id = $1', [session]);
  expect((await db.query('SELECT * FROM chat_messages')).rows).toEqual([]);
});

test('an update of a session sets its updated_at', async () => {
  await db.query('UPDATE chat_sessions SET message_count = 1');
  expect((await db.query('SELECT updated_at = now() AS updated_now FROM chat_sessions')).rows).toEqual([
    { updated_now: true },
  ]);
});
