import { expect, test } from 'vitest';
import { freshPair } from '../journeys/pair.ts';
import { directoryOf, start } from '../program.ts';
import { told } from './told.ts';

/** Processes that wait, and connections that the database lets this user have. */
const WAITING = 20;
const LIMIT = 8;

const FILES = { '001_table.sql': 'CREATE TABLE items (id int);\n', '002_node.cypher': 'CREATE (:Item);\n' };

test.each([
  { waits: 'wait', words: ['wait', '--wait-timeout', '100s'] },
  { waits: 'migrate', words: ['migrate', '--lock-timeout', '100s'] },
])('$waits holds no connection while it waits: more processes than connections', async ({ words, waits }) => {
  const { postgres, env } = await freshPair();
  const settings = { ...env, MIGRATIONS_DIR: await directoryOf(FILES), WAIT_TIMEOUT: '100s' };
  // A run of another directory has the migration lock, for as long as the test wants.
  const holder =
    waits === 'migrate'
      ? start(['migrate'], {
          env: { ...settings, MIGRATIONS_DIR: await directoryOf({ '001_table.sql': 'SELECT pg_sleep(3600);\n' }) },
        })
      : undefined;
  await holder?.event('started');
  await postgres.asSuperuser(`ALTER ROLE ${postgres.user} CONNECTION LIMIT ${LIMIT}`);
  const waiting = Array.from({ length: WAITING }, () => start(words, { env: settings }));
  const reports = waiting.map((each) => told(each, waits === 'wait' ? 'waiting' : 'lock-waiting'));
  await expect.poll(() => reports.filter(({ length }) => length > 0).length, { timeout: 60_000 }).toBe(WAITING);
  // The application gets a connection, too.
  await expect.poll(() => postgres.query('SELECT 1 AS one').catch(String), { timeout: 30_000 }).toEqual([{ one: 1 }]);
  if (holder === undefined) {
    expect((await start(['migrate'], { env: settings }).ended).code).toBe(0);
  } else {
    holder.process.kill('SIGKILL');
    await holder.ended;
    await postgres.asSuperuser(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_sleep(3600)%' AND pid <> pg_backend_pid()`,
    );
  }
  const ended = await Promise.all(waiting.map((each) => each.ended));
  expect(ended.map(({ code }) => code)).toEqual(waiting.map(() => 0));
  expect(await postgres.query('SELECT count(*)::int AS n FROM migrations')).toEqual([{ n: 1 }]);
});
