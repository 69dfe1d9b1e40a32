import { describe, expect, test } from 'vitest';
import { freshPair } from '../journeys/pair.ts';
import { directoryOf, run, start } from '../program.ts';
import { type EmptyNeo4j, forgetHistory } from '../servers/databases.ts';
import { graphTransaction, transactionsOf } from './held.ts';

const NAME = '001_data.cypher';

/** A statement long enough to be met while it runs. */
const FILES = {
  [NAME]: `CREATE (:Thing);
UNWIND range(1, 3000) AS a UNWIND range(1, 1000) AS b WITH sum(a * b) AS s CREATE (:Sum {s: s});
`,
  '002_more.cypher': 'CREATE (:More);\n',
};

function working(neo4j: EmptyNeo4j): Promise<{ n: number }[]> {
  return neo4j.run(
    `SHOW TRANSACTIONS YIELD metaData, currentQuery
     WHERE metaData.migration = $name AND currentQuery STARTS WITH 'UNWIND' RETURN count(*) AS n`,
    { name: NAME },
  );
}

describe('a runner that was frozen', () => {
  test('inside a transaction of Neo4j, while another one takes the lease over and finishes: nothing comes twice', async () => {
    const { neo4j, env } = await freshPair();
    const settings = { ...env, MIGRATIONS_DIR: await directoryOf(FILES) };
    const frozen = start(['neo4j', 'migrate'], { env: settings });
    await expect.poll(() => working(neo4j), { timeout: 30_000, interval: 10 }).toEqual([{ n: 1 }]);
    frozen.process.kill('SIGSTOP');
    // As time alone would have it for a holder that does not renew its lease.
    await neo4j.run('MATCH (l:`_MigrationLease`) SET l.until = datetime() - duration("PT1S")');

    const other = start(['neo4j', 'migrate'], { env: settings });
    const { code, events } = await other.ended;
    expect(code).toBe(0);
    expect(events).toContainEqual(expect.objectContaining({ event: 'done', applied: 2 }));

    frozen.process.kill('SIGCONT');
    const ended = await frozen.ended;
    expect([0, 75]).toContain(ended.code);
    expect(ended.events.filter(({ event }) => event === 'applied')).toEqual([]);
    expect(await neo4j.run('MATCH (n:Thing|Sum|More) RETURN labels(n)[0] AS label ORDER BY label')).toEqual([
      { label: 'More' },
      { label: 'Sum' },
      { label: 'Thing' },
    ]);
    expect(await neo4j.run('MATCH (m:`_Migration`) RETURN m.name AS name, m.state AS state ORDER BY name')).toEqual([
      { name: NAME, state: 'applied' },
      { name: '002_more.cypher', state: 'applied' },
    ]);
  });
  test('before it has recorded a migration that another one records meanwhile: it looks at the history again', async () => {
    const { neo4j, env } = await freshPair();
    const settings = { ...env, MIGRATIONS_DIR: await directoryOf({ [NAME]: 'CREATE (:Thing);\n' }) };
    // Only the constraint of the history is wanted of this run.
    expect((await run(['neo4j', 'migrate', '--lock-timeout', '30s'], { env: settings })).code).toBe(0);
    const [recorded] = await neo4j.run('MATCH (m:`_Migration`) RETURN properties(m) AS properties');
    await neo4j.run('MATCH (n:Thing) DELETE n');
    await forgetHistory(neo4j);
    const other = await graphTransaction(neo4j);
    // The anchor is not locked meanwhile: the late run takes the lease.
    await other.run('CREATE (m:`_Migration`) SET m = $properties', { properties: recorded?.properties });

    const late = start(['neo4j', 'migrate'], { env: settings });
    await late.event('started');
    await expect.poll(() => transactionsOf(neo4j, NAME), { timeout: 30_000 }).toEqual([{ n: 1 }]);
    await other.commit();
    await neo4j.run('MATCH (b:`_MigrationBootstrap`) SET b.recorded = 1');
    const ended = await late.ended;
    expect(ended.code).toBe(0);
    expect(ended.events).toContainEqual(expect.objectContaining({ event: 'up-to-date' }));
    expect(await neo4j.run('MATCH (t:Thing) RETURN count(t) AS n')).toEqual([{ n: 0 }]);
  });
});
