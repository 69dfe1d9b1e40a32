import neo4j, { type Driver } from 'neo4j-driver';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Neo4jConfig } from '../../src/config.ts';
import { Neo4jEngine } from '../../src/engine/neo4j/engine.ts';
import { advised, statementError } from '../../src/engine/neo4j/errors.ts';
import { CONNECTING } from '../../src/engine/neo4j/remedies/connecting.ts';
import { REMEDIES } from '../../src/engine/neo4j/remedies.ts';
import type { ErrorKind, MigrateError } from '../../src/errors.ts';
import { http, stranger } from '../bad-input/peers.ts';
import { budgets, identity } from '../contract/settings.ts';
import { type EmptyNeo4j, emptyNeo4j } from '../servers/databases.ts';
import { Capture } from './captured.ts';
import { type Held, hold } from './held.ts';
import { APPLIED, PREPARED, SENT } from './rows/neo4j.ts';
import type { Row } from './rows/row.ts';

/* What the real server says, what this program makes of it, and that every remedy is for something that happens. */

const signal = new AbortController().signal;
const capture = new Capture(REMEDIES, [
  [/127\.0\.0\.1:\d+/, '127.0.0.1:7687'],
  [/Node\(\d+\)/g, 'Node(…)'],
  [/node<\d+>/, 'node<…>'],
  [/\bid(=| )\d+/, 'id$1…'],
  [/[\d.]+ MiB/g, '… MiB'],
  [/ForsetiClient\[[^\]]*\]/g, 'ForsetiClient[…]'],
  [/NODE\(\d+\)/, 'NODE(…)'],
  [/ Wait list:.*/, ''],
  [/ Index: Index\(.*/, ''],
]);

let graph: EmptyNeo4j;
let driver: Driver;
let engine: Neo4jEngine;
let held: Held;
let version = 0;

beforeAll(async () => {
  graph = await emptyNeo4j();
  for (const statement of PREPARED) await graph.run(statement);
  await graph.run("CREATE OR REPLACE USER fresh SET PASSWORD 'change-me-soon' CHANGE REQUIRED");
  driver = neo4j.driver(graph.uri, neo4j.auth.basic(graph.user, graph.password), { maxTransactionRetryTime: 0 });
  engine = open({});
  held = await hold(engine);
});
afterAll(async () => {
  await held.release();
  await engine.close();
  await driver.close();
  await graph.run('DROP USER fresh');
  await graph.close();
});

function open(changes: Partial<Neo4jConfig>): Neo4jEngine {
  const { uri, user, password } = graph;
  const config = { uri, user, password, database: undefined, ...changes };
  return new Neo4jEngine({ config, budgets: { ...budgets, ddlLockRetryFor: 0 }, identity, emit: () => {} });
}

/** Each as a migration of its own: those of schema commands stay `started` in the history. */
async function check({ code, kind = 'failed', file, hint, at = '1:1' }: Row, meanwhile?: () => Promise<void>) {
  version += 1;
  const name = `${String(version).padStart(3, '0')}_a.cypher`;
  const applying = held.refused(name, file);
  await meanwhile?.();
  const error = await applying;
  const [line, column] = at.split(':').map(Number);
  expect({ kind: error.kind, code: error.server?.code, place: error.place, message: error.message }).toEqual({
    kind,
    code: expect.stringContaining(code),
    place: at === '' ? { file: name } : { file: name, line, column },
    message: expect.stringMatching(/^\d+_a\.cypher: .*[^\s^]$/),
  });
  expect(error.hint).toContain(hint);
  expect(error.hint?.includes('; its transaction was rolled back')).toBe(kind === 'failed');
  expect(error.means).toBeTruthy();
  capture.note(error);
}

test.each(APPLIED)('$code: $hint', (row) => check(row));

test('a migration that somebody ends', () =>
  check(
    {
      code: 'Neo.ClientError.Transaction.Terminated',
      kind: 'busy',
      file: 'UNWIND range(1, 100000000) AS a UNWIND range(1, 100000000) AS b WITH a WHERE a < -1 RETURN count(a);',
      hint: 'ask who ends long transactions',
    },
    async () => {
      for (let ended = 0; ended === 0; ) {
        const rows = await graph.run(
          "SHOW TRANSACTIONS YIELD transactionId AS id, currentQuery AS query WHERE query CONTAINS 'a < -1' AND NOT query CONTAINS 'SHOW' RETURN id",
        );
        for (const { id } of rows) await graph.run(`TERMINATE TRANSACTION '${id}'`);
        ended = rows.length;
      }
    },
  ));

async function note(run: () => PromiseLike<unknown>, code: string, hint: string, kind: ErrorKind = 'failed') {
  const error = await advised(
    statementError(
      await run().then(
        () => new Error('nothing was refused'),
        (error: unknown) => error,
      ),
    ),
  );
  expect(error.server?.code, error.message).toBe(code);
  expect(error).toMatchObject({ kind, hint: expect.stringContaining(hint) });
  capture.note(error);
}

test.each(SENT)('$code: $hint', async ({ code, statements, hint }) => {
  const session = driver.session();
  const inOrder = async () => {
    const transaction = session.beginTransaction();
    for (const statement of statements) await transaction.run(statement);
  };
  await note(inOrder, code, hint);
  await session.close();
});

test('writing where only reading is allowed', async () => {
  const session = driver.session({ defaultAccessMode: 'READ' });
  await note(() => session.run('CREATE (:A)'), 'Neo.ClientError.Statement.AccessMode', 'connect to the leader');
  await session.close();
});

test('two who wait for each other', async () => {
  const sessions = [driver.session(), driver.session()];
  const [one, other] = await Promise.all(sessions.map((session) => session.beginTransaction()));
  const lock = (n: number) => `MATCH (n:Linked {n: ${n}}) SET n.seen = true`;
  await Promise.all([one?.run(lock(1)), other?.run(lock(2))]);
  // The server chooses one of them.
  await note(
    () => Promise.all([one?.run(lock(2)), other?.run(lock(1))]),
    'Neo.TransientError.Transaction.DeadlockDetected',
    'touch nodes in the order in which the application does',
    'busy',
  );
  await Promise.all(sessions.map((session) => session.close()));
});

test.each<{
  topic: keyof typeof CONNECTING;
  kind: ErrorKind;
  code?: string;
  changes: () => Promise<Partial<Neo4jConfig>>;
}>([
  { topic: 'host name', kind: 'unreachable', changes: async () => ({ uri: 'bolt://graph.invalid:7687' }) },
  { topic: 'unreachable', kind: 'unreachable', changes: async () => ({ uri: 'bolt://127.0.0.1:1' }) },
  { topic: 'http', kind: 'config', changes: async () => ({ uri: `bolt://127.0.0.1:${await stranger(http)}` }) },
  {
    topic: 'cut handshake',
    kind: 'unreachable',
    changes: async () => ({ uri: graph.uri.replace('bolt://', 'bolt+s://') }),
  },
  {
    topic: 'password',
    kind: 'denied',
    code: 'Neo.ClientError.Security.Unauthorized',
    changes: async () => ({ user: 'nobody' }),
  },
  {
    topic: 'password expired',
    kind: 'denied',
    code: 'Neo.ClientError.Security.CredentialsExpired',
    changes: async () => ({ user: 'fresh', password: 'change-me-soon' }),
  },
  {
    topic: 'too many attempts',
    kind: 'denied',
    code: 'Neo.ClientError.Security.AuthenticationRateLimit',
    changes: async () => {
      for (let attempt = 0; attempt < 3; attempt += 1) {
        const wrong = open({ user: 'fresh', password: 'guessed-wrong' });
        await wrong.ping(signal).catch(() => {});
        await wrong.close();
      }
      return { user: 'fresh', password: 'guessed-wrong' };
    },
  },
  {
    topic: 'database',
    kind: 'config',
    code: 'Neo.ClientError.Database.DatabaseNotFound',
    changes: async () => ({ database: 'nowhere' }),
  },
])('no connection: $topic', async ({ topic, kind, code, changes }) => {
  const other = open(await changes());
  const error = await other.ping(signal).catch((error: unknown) => error);
  await other.close();
  expect(error).toMatchObject({ kind, ...CONNECTING[topic] });
  expect((error as MigrateError).server?.code).toBe(code);
  capture.note(error as MigrateError, { topic });
});

test('every remedy is for something that happens', () => {
  expect(capture.unmet()).toEqual([
    // Classes, for what is not listed by itself; and what only the Enterprise Edition or a cluster says.
    'Neo.ClientError.Statement',
    'Neo.ClientError.Procedure',
    'Neo.ClientError.Schema',
    'Neo.ClientError.Transaction',
    'Neo.TransientError',
    'Neo.ClientError.Security',
    'Neo.DatabaseError',
  ]);
});

test('the messages are those of docs/errors.md', async () => {
  const [row] = await graph.run('CALL dbms.components() YIELD versions RETURN versions[0] AS version');
  await capture.compare('neo4j', `Neo4j ${String(row?.version).split('.')[0]}`);
});
