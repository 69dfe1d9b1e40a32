import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { freshPair, freshPostgres, postgresEnv } from '../journeys/pair.ts';
import { directoryOf, run } from '../program.ts';
import type { FreshDatabase } from '../servers/databases.ts';
import { boltFrames, postgresFrames } from './frames.ts';
import { FaultyProxy, type Protocol } from './proxy.ts';

/* A reply to COMMIT that never arrives: the work is committed, and the run says that it is its own. */

async function proxyTo(protocol: Protocol, target: { readonly host: string; readonly port: number }) {
  const proxy = await FaultyProxy.open(protocol, target);
  onTestFinished(() => proxy.close());
  return proxy;
}

async function postgresThroughProxy() {
  const postgres = await freshPostgres({ extensions: [] });
  const proxy = await proxyTo(postgresFrames, postgres);
  const direct = postgresEnv(postgres);
  return {
    postgres,
    proxy,
    direct,
    env: { ...direct, POSTGRES_HOST: '127.0.0.1', POSTGRES_PORT: String(proxy.port), POSTGRES_SSLMODE: 'disable' },
  };
}

const SQL = (count: number) =>
  directoryOf(
    Object.fromEntries(
      Array.from({ length: count }, (_, index) => [`00${index + 1}_t.sql`, `CREATE TABLE t${index + 1} (id int);\n`]),
    ),
  );
const names = (...numbers: number[]) => numbers.map((number) => `00${number}_t.sql`);

function told(events: readonly Record<string, unknown>[]): readonly unknown[] {
  return events.flatMap(({ event, migration }) => (event === 'applied' ? [migration] : []));
}

async function recorded(postgres: FreshDatabase): Promise<number> {
  const rows = await postgres.query("SELECT filename FROM migrations WHERE state = 'applied'").catch(() => []);
  return rows.length;
}

/** Cuts the connection at the reply to the first file; says whether it came to that. */
function losingTheReplyTo001(proxy: FaultyProxy): () => boolean {
  let cut = false;
  proxy.watch = ({ direction, name }, link) => {
    if (direction === 'up' && name.startsWith('Query BEGIN /* 001_') && !cut) {
      cut = true;
      link.cutAtReply();
    }
    return true;
  };
  return () => cut;
}

test('the only file of PostgreSQL', async () => {
  const { proxy, env } = await postgresThroughProxy();
  const lost = losingTheReplyTo001(proxy);
  const MIGRATIONS_DIR = await SQL(1);
  const { code, stdout, events } = await run(['postgres', 'migrate', '--json'], { env: { ...env, MIGRATIONS_DIR } });
  expect([code, lost()]).toEqual([0, true]);
  expect(JSON.parse(stdout).applied).toEqual(names(1));
  expect(told(events)).toEqual(names(1));
  expect(events.at(-1)).toMatchObject({ event: 'done', applied: 1 });
});

test('files of PostgreSQL that were sent ahead', async () => {
  const { postgres, proxy, env } = await postgresThroughProxy();
  let cut = false;
  proxy.watch = async ({ direction, request }, link) => {
    if (direction === 'up' || !/^Query BEGIN \/\* 00[2-5]_/.test(request) || cut) return true;
    cut = true;
    await expect.poll(() => recorded(postgres)).toBe(5);
    link.cut();
    return false;
  };
  const MIGRATIONS_DIR = await SQL(5);
  const { code, stdout, events } = await run(['postgres', 'migrate', '--json'], { env: { ...env, MIGRATIONS_DIR } });
  expect([code, cut]).toEqual([0, true]);
  expect(JSON.parse(stdout).applied).toEqual(names(1, 2, 3, 4, 5));
  expect(told(events)).toEqual(names(1, 2, 3, 4, 5));
});

test('the termination message has it, where the run fails later', async () => {
  const { proxy, env } = await postgresThroughProxy();
  const lost = losingTheReplyTo001(proxy);
  const MIGRATIONS_DIR = await directoryOf({
    '001_t.sql': 'CREATE TABLE t1 (id int);\n',
    '002_t.sql': 'SELECT 1/0;\n',
  });
  const TERMINATION_LOG = join(MIGRATIONS_DIR, '.termination');
  const { code, events } = await run(['postgres', 'migrate'], { env: { ...env, MIGRATIONS_DIR, TERMINATION_LOG } });
  expect([code, lost()]).toEqual([70, true]);
  const message = JSON.parse(await readFile(TERMINATION_LOG, 'utf8'));
  expect(message.applied).toEqual(names(1));
  // The point is the one from before 001, also if the run begins again behind it.
  const points = events.filter(({ event }) => event === 'restore-point').map(({ restorePoint }) => restorePoint);
  expect(points).toEqual([message.restorePoint]);
});

test('what another host has applied meanwhile is not its own', async () => {
  const { postgres, proxy, env, direct } = await postgresThroughProxy();
  const MIGRATIONS_DIR = await SQL(2);
  expect((await run(['postgres', 'migrate', '--to', '1'], { env: { ...direct, MIGRATIONS_DIR } })).code).toBe(0);
  let other: Promise<unknown> | undefined;
  proxy.watch = async ({ direction, name }, link) => {
    if (direction === 'down') return true;
    if (other !== undefined) await other;
    else if (name.startsWith('Query BEGIN /* 002_')) {
      const { promise, resolve } = Promise.withResolvers<void>();
      other = promise;
      link.cut();
      await run(['postgres', 'migrate'], { env: { ...direct, MIGRATIONS_DIR } });
      await postgres.query("UPDATE migrations SET host = 'elsewhere'");
      resolve();
      return false;
    }
    return true;
  };
  const { code, stdout, events } = await run(['postgres', 'migrate', '--json'], { env: { ...env, MIGRATIONS_DIR } });
  expect([code, other !== undefined]).toEqual([0, true]);
  expect(JSON.parse(stdout).applied).toEqual([]);
  expect(told(events)).toEqual([]);
});

test.each([
  ['one transaction', 'CREATE (:A);\n', /^RUN CREATE \(:A\)/],
  [
    'the last of several steps',
    'CREATE INDEX i IF NOT EXISTS FOR (a:A) ON (a.id);\nCREATE (:A);\n',
    /^RUN CREATE \(:A\)/,
  ],
])('a file of Neo4j: %s', async (_, text, statement) => {
  const { neo4j, env } = await freshPair();
  const bolt = new URL(neo4j.uri);
  const proxy = await proxyTo(boltFrames, { host: bolt.hostname, port: Number(bolt.port) });
  let working: unknown;
  let cut = false;
  proxy.watch = ({ direction, name }, link) => {
    if (direction === 'up' && statement.test(name)) working ??= link;
    if (direction === 'up' && name === 'COMMIT' && link === working && !cut) {
      cut = true;
      link.cutAtReply();
    }
    return true;
  };
  const { code, stdout, events } = await run(['neo4j', 'migrate', '--json'], {
    env: {
      ...env,
      NEO4J_URI: `bolt://127.0.0.1:${proxy.port}`,
      MIGRATIONS_DIR: await directoryOf({ '001_a.cypher': text }),
    },
  });
  expect([code, cut]).toEqual([0, true]);
  expect(JSON.parse(stdout).applied).toEqual(['001_a.cypher']);
  expect(told(events)).toEqual(['001_a.cypher']);
  expect(await neo4j.run('MATCH (a:A) RETURN count(a) AS n')).toEqual([{ n: 1 }]);
});
