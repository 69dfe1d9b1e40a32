import { describe, expect, onTestFinished, test } from 'vitest';
import { boltFrames } from '../faults/frames.ts';
import { FaultyProxy, type Link } from '../faults/proxy.ts';
import { directoryOf, type Ended, run, start } from '../program.ts';
import type { EmptyNeo4j } from '../servers/databases.ts';
import { graphTransaction, transactionsOf } from '../traffic/held.ts';
import { freshPair } from './pair.ts';

const LONG_CYPHER =
  'CREATE (:Thing);\nUNWIND range(1, 100000) AS a UNWIND range(1, 100000) AS b WITH sum(a * b) AS s RETURN s;\n';

const FIRST = { '001_first.cypher': 'CREATE (:First);\n' };

/** The lease says itself that it was taken from a run that is gone: its end is a minute away. */
function takenOver({ events }: Ended): readonly unknown[] {
  return events.filter(
    ({ event, message }) => event === 'warning' && /is gone: this run has taken/.test(String(message)),
  );
}

function working(neo4j: EmptyNeo4j, start: string): Promise<{ n: number }[]> {
  return neo4j.run(
    'SHOW TRANSACTIONS YIELD metaData, currentQuery WHERE currentQuery STARTS WITH $start RETURN count(*) AS n',
    { start },
  );
}

async function expectTakenOver(next: Ended, neo4j: EmptyNeo4j): Promise<void> {
  expect([next.code, takenOver(next).length], next.stderr).toEqual([0, 1]);
  expect(await neo4j.run('MATCH (l:`_MigrationLease`) RETURN l.until < datetime.realtime() AS free')).toEqual([
    { free: true },
  ]);
}

/** The same files, whose pending one is done at once. */
function shortened(files: Readonly<Record<string, string>>): Record<string, string> {
  const names = Object.keys(files);
  return Object.fromEntries(names.map((name) => [name, name.endsWith('sql') ? 'SELECT 2;\n' : 'CREATE (:First);\n']));
}

/** Time in which a run that waits for the lease would take it, if it did not belong to a run that lives. */
const LOCK_TIMEOUT = '6s';

describe('after a run that was killed, the next one takes its lease over', () => {
  test.each([
    { scope: [], killed: 'in the graph', files: { ...FIRST, '002_long.cypher': LONG_CYPHER } },
    { scope: [], killed: 'in PostgreSQL', files: { ...FIRST, '002_long.sql': 'SELECT pg_sleep(3600);\n' } },
    { scope: ['neo4j'], killed: 'in the graph', files: { ...FIRST, '002_long.cypher': LONG_CYPHER } },
  ])('$scope: killed $killed', async ({ scope, files }) => {
    const { neo4j, env } = await freshPair();
    const settings = { ...env, MIGRATIONS_DIR: await directoryOf(files) };
    const killed = start([...scope, 'migrate'], { env: settings });
    await killed.event('applied');
    if ('002_long.cypher' in files)
      await expect.poll(() => working(neo4j, 'UNWIND'), { timeout: 30_000 }).toEqual([{ n: 1 }]);
    killed.process.kill('SIGKILL');
    await killed.ended;

    const next = await run([...scope, 'migrate', '--lock-timeout', '60s'], {
      env: { ...env, MIGRATIONS_DIR: await directoryOf(shortened(files)) },
    });
    await expectTakenOver(next, neo4j);
  });

  test('killed in a command on the schema that waits for the application', async () => {
    const { neo4j, env } = await freshPair();
    const index = 'CREATE INDEX first_id IF NOT EXISTS FOR (n:First) ON (n.id);\n';
    const settings = { ...env, MIGRATIONS_DIR: await directoryOf({ '001_index.cypher': index }) };
    const application = await graphTransaction(neo4j);
    await application.run('CREATE (:First {id: 1})');
    const killed = start(['neo4j', 'migrate'], { env: settings });
    await expect.poll(() => transactionsOf(neo4j, '001_index.cypher'), { timeout: 30_000 }).toEqual([{ n: 1 }]);
    killed.process.kill('SIGKILL');
    await killed.ended;
    await application.commit();
    await expectTakenOver(await run(['neo4j', 'migrate', '--lock-timeout', '60s'], { env: settings }), neo4j);
    expect(await neo4j.run("SHOW INDEXES YIELD name, state WHERE name = 'first_id' RETURN state")).toEqual([
      { state: 'ONLINE' },
    ]);
  });
});

test('a run without the time to be sure says that the holder seems to have died', async () => {
  const { neo4j, env } = await freshPair();
  const settings = { ...env, MIGRATIONS_DIR: await directoryOf({ '001_long.cypher': LONG_CYPHER }) };
  const killed = start(['neo4j', 'migrate'], { env: settings });
  await expect.poll(() => working(neo4j, 'UNWIND'), { timeout: 30_000 }).toEqual([{ n: 1 }]);
  killed.process.kill('SIGKILL');
  await killed.ended;
  await expect.poll(() => working(neo4j, 'UNWIND'), { timeout: 30_000 }).toEqual([{ n: 0 }]);
  const { code, stderr, events } = await run(['neo4j', 'migrate', '--lock-timeout', '0'], { env: settings });
  expect(code).toBe(75);
  expect(stderr).toContain('seems to have died');
  expect(events.find(({ event }) => event === 'lock-waiting')).toMatchObject({
    holder: { pid: killed.process.pid, doing: expect.stringContaining('seems to have died') },
  });
});

describe('a run that lives keeps its lease', () => {
  test('idle in the graph while it works in PostgreSQL', async () => {
    const { env } = await freshPair();
    const settings = {
      ...env,
      MIGRATIONS_DIR: await directoryOf({ ...FIRST, '002_long.sql': 'SELECT pg_sleep(3600);\n' }),
    };
    const holder = start(['migrate'], { env: settings });
    await holder.event('applied');
    const other = await run(['neo4j', 'repair', '--forget', '1', '--yes', '--lock-timeout', LOCK_TIMEOUT], {
      env: settings,
    });
    expect([other.code, takenOver(other)]).toEqual([75, []]);
    holder.process.kill('SIGKILL');
  });

  test('frozen', async () => {
    const { neo4j, env } = await freshPair();
    const settings = { ...env, MIGRATIONS_DIR: await directoryOf({ '001_long.cypher': LONG_CYPHER }) };
    const holder = start(['neo4j', 'migrate'], { env: settings });
    await expect.poll(() => working(neo4j, 'UNWIND'), { timeout: 30_000 }).toEqual([{ n: 1 }]);
    holder.process.kill('SIGSTOP');
    const other = await run(['neo4j', 'migrate', '--lock-timeout', LOCK_TIMEOUT], { env: settings });
    expect([other.code, takenOver(other)]).toEqual([75, []]);
    holder.process.kill('SIGKILL');
  });

  test('cut off from the graph again and again, and back at once', async () => {
    const { neo4j, env } = await freshPair();
    const { hostname: host, port } = new URL(neo4j.uri);
    const proxy = await FaultyProxy.open(boltFrames, { host, port: Number(port) });
    onTestFinished(() => proxy.close());
    const links = new Set<Link>();
    proxy.watch = (_, link) => {
      links.add(link);
      return true;
    };
    const settings = {
      ...env,
      MIGRATIONS_DIR: await directoryOf({ ...FIRST, '002_long.sql': 'SELECT pg_sleep(3600);\n' }),
    };
    const holder = start(['migrate'], { env: { ...settings, NEO4J_URI: `bolt://127.0.0.1:${proxy.port}` } });
    await holder.event('applied');
    const other = start(['neo4j', 'repair', '--forget', '1', '--yes', '--lock-timeout', LOCK_TIMEOUT], {
      env: settings,
    });
    await other.event('lock-waiting');
    for (const link of links) link.cut();
    const ended = await other.ended;
    expect([ended.code, takenOver(ended)]).toEqual([75, []]);
    holder.process.kill('SIGKILL');
  });
});
