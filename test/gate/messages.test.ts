import { expect, test } from 'vitest';
import { freshPair } from '../journeys/pair.ts';
import { directoryOf, run } from '../program.ts';
import { roundTrips } from './round-trips.ts';

// How often a run waits for a server does not depend on the machine; how long it takes is mostly that. Whoever needs
// more has to raise a number here, and say what for.

/** What is the same for every run: startup, two answers of SCRAM, one query. */
const POSTGRES_NOTHING = 4;
/** Handshake, HELLO with LOGON, one query. */
const NEO4J_NOTHING = 3;
/**
 * The lock, looks at the history before it, under it and at the end, the session's settings, giving the lock back. The restore
 * point costs Neo4j one of these; PostgreSQL answers it with the question about the history table.
 */
const POSTGRES_ONCE = 13;
const NEO4J_ONCE = 16;
/** The file with its history row in one message. */
const POSTGRES_EACH = 1;
/** All statements with the history, then COMMIT, which waits for the fence. */
const NEO4J_EACH = 2;

/** The first `count` tables and nodes. */
function migrations(count: number): Promise<string> {
  const files = Array.from({ length: count }, (_, index) => [
    [`${101 + 2 * index}_table.sql`, `CREATE TABLE t${index} (i int); INSERT INTO t${index} VALUES (1);`],
    [`${102 + 2 * index}_node.cypher`, `CREATE (:N {i: ${index}}); CREATE (:M {i: ${index}});`],
  ]);
  return directoryOf(Object.fromEntries(files.flat()));
}

/** Empty databases behind what counts, and the settings that lead there. */
async function counting() {
  const { postgres, neo4j, env } = await freshPair();
  const { hostname, port } = new URL(neo4j.uri);
  const sql = await roundTrips('postgres', postgres);
  const bolt = await roundTrips('bolt', { host: hostname, port: Number(port) });
  const through = {
    ...env,
    POSTGRES_HOST: '127.0.0.1',
    POSTGRES_PORT: String(sql.port),
    POSTGRES_SSLMODE: 'disable',
    NEO4J_URI: `bolt://127.0.0.1:${bolt.port}`,
  };
  return { sql, bolt, env, through };
}

test('round trips: of a run that finds nothing to do, and of each migration', async () => {
  const { sql, bolt, through } = await counting();
  const counted = async (count: number) => {
    sql.reset();
    bolt.reset();
    const { code, stderr } = await run(['migrate'], { env: { ...through, MIGRATIONS_DIR: await migrations(count) } });
    expect(code, stderr).toBe(0);
    return { postgres: sql.count, neo4j: bolt.count, connections: [sql.connections, bolt.connections] };
  };

  // The first makes tables and constraints, and what a server does for the first time may last: then it is observed.
  await counted(1);
  const one = await counted(2);
  expect(one.connections).toEqual([1, 1]);
  expect(one.postgres).toBeLessThanOrEqual(POSTGRES_ONCE + POSTGRES_EACH);
  expect(one.neo4j).toBeLessThanOrEqual(NEO4J_ONCE + NEO4J_EACH);
  const five = await counted(7);
  expect(five.postgres - one.postgres).toBeLessThanOrEqual(4 * POSTGRES_EACH);
  expect(five.neo4j - one.neo4j).toBeLessThanOrEqual(4 * NEO4J_EACH);
  expect(await counted(7)).toEqual({ postgres: POSTGRES_NOTHING, neo4j: NEO4J_NOTHING, connections: [1, 1] });
  expect(sql.said.filter((message) => message.startsWith('Query '))).toHaveLength(1);
  expect(bolt.said.filter((message) => message.startsWith('RUN '))).toHaveLength(1);
});

test('what the history claims is looked for in the same round trip', async () => {
  const { sql, bolt, env, through } = await counting();
  const first = await run(['migrate'], { env });
  expect(first.code, first.stderr).toBe(0);
  const { code, stderr } = await run(['migrate'], { env: through });
  expect(code, stderr).toBe(0);
  expect([sql.connections, bolt.connections]).toEqual([1, 1]);
  expect(sql.count).toBe(POSTGRES_NOTHING);
  expect(sql.said.filter((message) => message.startsWith('Query '))).toHaveLength(1);
  // Both questions go out before the answer to either; nothing waits for the end of their transaction.
  expect(bolt.said.filter((message) => message.startsWith('RUN '))).toEqual([
    expect.stringContaining('_Migration'),
    expect.stringContaining('SHOW INDEXES'),
  ]);
  expect(bolt.count).toBe(NEO4J_NOTHING);
});

test.for(['migrate', 'wait'])(
  '%s with a wrong password asks once: servers lock out who asks often',
  async (command) => {
    const { sql, bolt, through } = await counting();
    const password = 'not-the-password';
    const MIGRATIONS_DIR = await migrations(1);
    const env = { ...through, POSTGRES_PASSWORD: password, NEO4J_PASSWORD: password, MIGRATIONS_DIR };
    expect((await run([command], { env })).code).toBe(77);
    expect([sql.connections, bolt.connections]).toEqual([1, 1]);
  },
);
