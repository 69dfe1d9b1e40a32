import { describe, expect, test } from 'vitest';
import { directoryOf, run } from '../program.ts';
import type { EmptyNeo4j } from '../servers/databases.ts';
import { freshPair } from './pair.ts';

/* What files and applications do to the nodes of the history in Neo4j is found, and nothing is applied a second time. */

const FIRST = { '001_docs.cypher': "CREATE (:Doc {id: 1, state: 'new'})-[:HAS]->(:Chunk {name: 'a'});\n" };

async function prepared(files: Readonly<Record<string, string>> = {}) {
  const { neo4j, env } = await freshPair({ extensions: [] });
  const migrate = async (all: Readonly<Record<string, string>> = files) =>
    run(['neo4j', 'migrate'], { env: { ...env, MIGRATIONS_DIR: await directoryOf({ ...FIRST, ...all }) } });
  const command = async (args: readonly string[], all = files) =>
    run(['neo4j', ...args], { env: { ...env, MIGRATIONS_DIR: await directoryOf({ ...FIRST, ...all }) } });
  return { neo4j, migrate, command };
}

function docs(neo4j: EmptyNeo4j) {
  return neo4j.run('MATCH (d:Doc) RETURN count(d) AS n').then(([row]) => row?.n);
}

async function history(neo4j: EmptyNeo4j) {
  const rows = await neo4j.run<{ line: string }>(
    "MATCH (m:`_Migration`) RETURN m.name + ' ' + m.state AS line ORDER BY line",
  );
  return rows.map(({ line }) => line);
}

test('a clean-up of unconnected nodes passes the history by, in a file and between two runs', async () => {
  const cleanUp = 'MATCH (n) WHERE NOT (n)--() DELETE n';
  const files = {
    '003_orphans.cypher': `// migrate: auto-commit\n// migrate: replayable\nMATCH (n) WHERE NOT (n)--() CALL (n) { DELETE n } IN TRANSACTIONS;\n`,
    '004_orphans.cypher': `${cleanUp};\n`,
  };
  const { neo4j, migrate } = await prepared(files);
  await neo4j.run('CREATE (:Orphan)');
  const first = await migrate();
  expect(first.code, first.stderr).toBe(0);
  expect(await neo4j.run('MATCH (o:Orphan) RETURN count(o) AS n')).toEqual([{ n: 0 }]);
  await neo4j.run(cleanUp);
  const again = await migrate();
  expect([again.code, again.events.at(-1)]).toEqual([0, expect.objectContaining({ event: 'up-to-date' })]);
  expect(await docs(neo4j)).toBe(1);
});

describe('a data statement that reaches the history is rolled back', () => {
  test.each([
    ['deletes everything', 'MATCH (n) DETACH DELETE n;'],
    ['renames a property', 'MATCH (n) WHERE n.state IS NOT NULL SET n.status = n.state REMOVE n.state;'],
    ['adds a property', 'MATCH (n) SET n.touched = true;'],
    ['adds a label', 'MATCH (n) WHERE n.version IS NOT NULL SET n:Versioned;'],
    ['replaces all properties', 'MATCH (n) WHERE n.checksum IS NOT NULL SET n = {};'],
    ['deletes all relationships', 'MATCH ()-[r]->() DELETE r;'],
    ['links every node to a root', 'CREATE (r:Root) WITH r MATCH (n) WHERE n <> r MERGE (n)-[:OF]->(r);'],
    ['deletes by id', "MATCH (n) WHERE n.name = '001_docs.cypher' DETACH DELETE n;"],
  ])('%s', async (_, statement) => {
    const { neo4j, migrate, command } = await prepared({ '002_all.cypher': `CREATE (:New);\n${statement}\n` });
    for (let count = 0; count < 3; count++) {
      const ended = await migrate();
      expect(ended.code, ended.stderr).toBe(70);
      expect(ended.events.at(-1)).toMatchObject({
        event: 'error',
        migration: '002_all.cypher',
        line: 2,
        message: expect.stringContaining("reaches the migration history's own nodes"),
        hint: expect.stringContaining('name the labels'),
      });
    }
    expect(await docs(neo4j)).toBe(1);
    expect(await neo4j.run('MATCH (n:New) RETURN count(n) AS n')).toEqual([{ n: 0 }]);
    expect(await history(neo4j)).toEqual(['001_docs.cypher applied']);
    expect((await command(['status'])).code).toBe(0);
  });
});

describe('a statement that commits by itself has its change of the history put back', () => {
  test.each([
    ['deletes everything', 'MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 1 ROW', 0],
    ['adds a property', 'MATCH (n) CALL (n) { SET n.touched = true } IN TRANSACTIONS OF 1 ROW', 1],
    ['adds labels', 'MATCH (n) CALL (n) { SET n:Seen } IN TRANSACTIONS OF 1 ROW', 1],
    ['replaces all properties', 'MATCH (n) CALL (n) { SET n = {} } IN TRANSACTIONS OF 1 ROW', 1],
    [
      'links every node',
      'MATCH (r:Doc) MATCH (n) WHERE n <> r CALL (n, r) { MERGE (n)-[:OF]->(r) } IN TRANSACTIONS',
      1,
    ],
  ])('%s', async (_, statement, left) => {
    for (const directive of ['', '// migrate: replayable\n']) {
      const { neo4j, migrate } = await prepared({
        '002_all.cypher': `// migrate: auto-commit\n${directive}${statement};\n`,
        '003_after.cypher': 'CREATE (:After);\n',
      });
      const codes: (number | null)[] = [];
      for (let count = 0; count < 3; count++) {
        const ended = await migrate();
        codes.push(ended.code);
        if (count === 0)
          expect(ended.events.at(-1)).toMatchObject({
            migration: '002_all.cypher',
            line: directive === '' ? 2 : 3,
            message: expect.stringContaining('put back as they were'),
          });
      }
      expect(codes).toEqual(directive === '' ? [76, 76, 76] : [70, 70, 70]);
      expect(await docs(neo4j)).toBe(left);
      expect(await history(neo4j)).toEqual(['001_docs.cypher applied', '002_all.cypher started']);
      expect(await neo4j.run('MATCH (n:After) RETURN count(n) AS n')).toEqual([{ n: 0 }]);
      expect(await neo4j.run('MATCH (m:`_Migration`) RETURN DISTINCT labels(m) AS labels')).toEqual([
        { labels: ['_Migration'] },
      ]);
    }
  });
});

describe('between two runs', () => {
  const COMMANDS = [
    ['migrate'],
    ['status'],
    ['wait'],
    ['plan'],
    ['verify'],
    ['baseline', '--to', '1'],
    ['repair', '--forget', '1', '--yes'],
  ];

  test.each([
    [
      'all entries are deleted',
      'MATCH (m:`_Migration`) DETACH DELETE m',
      /damaged.* 0 entries are there, and 2 were recorded/,
    ],
    [
      'one entry is deleted',
      'MATCH (m:`_Migration` {version: 2}) DETACH DELETE m',
      /1 entries are there, and 2 were recorded/,
    ],
    [
      'all nodes of ours are deleted',
      'MATCH (m) WHERE NOT m:Doc AND NOT m:Chunk AND NOT m:More DETACH DELETE m',
      /history is lost/,
    ],
    ['a property is removed', 'MATCH (n) REMOVE n.state', /001_docs.cypher lacks state/],
    [
      'a property has another type',
      'MATCH (n) WHERE n.stepsDone IS NOT NULL SET n.stepsDone = toString(n.stepsDone)',
      /stepsDone that is no number/,
    ],
    [
      'a time is none',
      "MATCH (n) WHERE n.appliedAt IS NOT NULL SET n.appliedAt = 'yesterday'",
      /appliedAt that is no time/,
    ],
    ['a state is unknown', "MATCH (m:`_Migration`) SET m.state = 'done'", /has the state .{0,2}done/],
    ['a name is taken', "MATCH (m:`_Migration`) SET m.name = 'x'", /x stands there twice/],
  ])('%s: 65 from every command, nothing applied, and repair after a person has looked', async (_, change, says) => {
    const files = { '002_more.cypher': 'CREATE (:More);\n' };
    const { neo4j, migrate, command } = await prepared(files);
    expect((await migrate()).code).toBe(0);
    await neo4j.run(change);
    for (const args of COMMANDS) {
      const ended = await command([...args, '--json', '--wait-timeout', '5s']);
      expect(ended.code, `${args}: ${ended.stderr}`).toBe(65);
      expect(ended.stdout + ended.stderr).toMatch(says);
      expect(ended.stdout + ended.stderr).not.toMatch(/^\s+at .*:\d+:\d+/m);
      expect(ended.stdout + ended.stderr).toContain('repair --rebuild-history');
    }
    expect((await command(['health'])).code).toBe(0);
    expect([await docs(neo4j), await neo4j.run('MATCH (m:More) RETURN count(m) AS n')]).toEqual([1, [{ n: 1 }]]);

    const rebuilt = await command(['repair', '--rebuild-history', '2', '--yes']);
    expect(rebuilt.code, rebuilt.stderr).toBe(0);
    const after = await migrate({ ...files, '003_new.cypher': 'CREATE (:New);\n' });
    expect(after.code, after.stderr).toBe(0);
    expect(after.stdout).toContain('Applied 1 migration: 003_new.cypher');
    expect([await docs(neo4j), await neo4j.run('MATCH (m:More) RETURN count(m) AS n')]).toEqual([1, [{ n: 1 }]]);
  });

  test('the graph is emptied on purpose: a fresh start, with a warning', async () => {
    const { neo4j, migrate } = await prepared();
    expect((await migrate()).code).toBe(0);
    await neo4j.run('MATCH (n) DETACH DELETE n');
    const ended = await migrate();
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.events.filter(({ event }) => event === 'warning')).toMatchObject([
      { message: expect.stringContaining('is empty now') },
    ]);
    expect(await docs(neo4j)).toBe(1);
  });

  test.each([
    ['the lease', 'MATCH (l:`_MigrationLease`) DETACH DELETE l'],
    ['the relationships', 'MATCH ()-[r]->() DELETE r'],
    ['what earlier versions did not have', 'MATCH (b:`_MigrationBootstrap`) DETACH DELETE b'],
  ])('%s gone: the next run makes it again', async (_, change) => {
    const { neo4j, migrate } = await prepared();
    expect((await migrate()).code).toBe(0);
    await neo4j.run(change);
    const ended = await migrate({ '002_more.cypher': 'CREATE (:More);\n' });
    expect(ended.code, ended.stderr).toBe(0);
    expect(await docs(neo4j)).toBe(1);
    expect(
      await neo4j.run(
        "MATCH (n) WHERE any(l IN labels(n) WHERE l STARTS WITH '_Mi') AND NOT (n)--() RETURN count(n) AS n",
      ),
    ).toEqual([{ n: 0 }]);
    expect(await neo4j.run('MATCH (b:`_MigrationBootstrap`) RETURN b.recorded AS n')).toEqual([{ n: 2 }]);
  });

  test('a first run that made the constraints and nothing else is no lost history', async () => {
    const { neo4j, migrate } = await prepared();
    await neo4j.run('CREATE (:Doc {id: 7})');
    expect((await migrate({ '001_docs.cypher': 'CREATE (:Broken {id: 1 / 0});\n' })).code).toBe(70);
    const ended = await migrate();
    expect(ended.code, ended.stderr).toBe(0);
    expect(await docs(neo4j)).toBe(2);
  });
});
