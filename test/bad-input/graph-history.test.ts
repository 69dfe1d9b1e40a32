import { afterAll, beforeEach, expect, test } from 'vitest';
import { type EmptyNeo4j, emptyNeo4j } from '../servers/databases.ts';
import { historyOfGraph, nodesOfGraph, onGraph } from './graph-migrating.ts';
import { expectRefusal, expectSuccess } from './refusal.ts';

const AUTO = '// migrate: auto-commit\n';
const REPLAYABLE = `${AUTO}// migrate: replayable\n`;
const DOC = { '001_doc.cypher': 'CREATE (:Doc)-[:HAS]->(:Chunk);\n', '002_orphan.cypher': 'CREATE (:Orphan);\n' };
const APPLIED = ['001_doc.cypher applied', '002_orphan.cypher applied'];

let graph: EmptyNeo4j;
beforeEach(async () => {
  await graph?.close();
  graph = await emptyNeo4j();
});
afterAll(() => graph.close());

test('a file that deletes unconnected nodes passes by the history', async () => {
  const files = {
    ...DOC,
    '003_clean.cypher': `${REPLAYABLE}MATCH (n) WHERE NOT (n)--() CALL (n) { DELETE n } IN TRANSACTIONS;\n`,
  };
  expectSuccess(await onGraph(files));
  expectSuccess(await onGraph(files));
  expect(await nodesOfGraph(graph)).toEqual({ Doc: 1, Chunk: 1 });
  expect(await historyOfGraph(graph)).toEqual([...APPLIED, '003_clean.cypher applied']);
});

test.each([
  ['MATCH (n) DETACH DELETE n'],
  ['MATCH (n) WHERE n.state IS NOT NULL SET n.status = n.state REMOVE n.state'],
  ['MATCH (n) SET n:Archived'],
  ['MATCH (n) SET n.name = "x"'],
  ['MATCH ()-[r]->() DELETE r'],
  ['MERGE (r:Root) WITH r MATCH (n) MERGE (n)-[:IN]->(r)'],
  ['MATCH (n) WHERE n.version = 1 DETACH DELETE n'],
  ['MATCH (n) WHERE n.holder IS NOT NULL DETACH DELETE n'],
  ['MATCH (n) WHERE n.version IS NOT NULL SET n.version = n.version - 100'],
])('a data migration that touches the history is rolled back: %s', async (statement) => {
  const files = { ...DOC, '003_all.cypher': `CREATE (:Third);\n\n${statement};\n` };
  for (let runs = 0; runs < 2; runs++) {
    expectRefusal(await onGraph(files), {
      kind: 'failed',
      says: "this statement also reaches the migration history's own nodes",
      hint: 'name the labels',
      at: '003_all.cypher:3:1',
    });
    expect(await nodesOfGraph(graph)).toEqual({ Doc: 1, Chunk: 1, Orphan: 1 });
    expect(await historyOfGraph(graph)).toEqual(APPLIED);
  }
});

test('a data migration that changes nothing of the history is applied, whatever it matches', async () => {
  const files = { ...DOC, '003_all.cypher': 'MATCH (n) SET n += {};\nMATCH (n) WHERE n:Doc SET n.seen = true;\n' };
  expectSuccess(await onGraph(files));
  expect(await historyOfGraph(graph)).toEqual([...APPLIED, '003_all.cypher applied']);
});

test.each<[what: string, statement: string]>([
  ['deletes all nodes', 'MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 1 ROW'],
  ['relabels all nodes', 'MATCH (n) CALL (n) { SET n:Archived } IN TRANSACTIONS'],
  ['renames a property', 'MATCH (n) CALL (n) { SET n.title = n.name, n.name = null } IN TRANSACTIONS'],
  ['changes numbers', 'MATCH (n) CALL (n) { SET n.version = n.version - 100 } IN TRANSACTIONS'],
  [
    'exchanges numbers',
    'MATCH (n) WHERE n.version > 0 WITH n ORDER BY n.version DESC CALL (n) { SET n.version = n.version + 1 } IN TRANSACTIONS OF 1 ROW',
  ],
  ['deletes relationships', 'MATCH ()-[r]->() CALL (r) { DELETE r } IN TRANSACTIONS'],
  ['connects everything', 'MATCH (r:Doc) MATCH (n) CALL (n, r) { MERGE (n)-[:IN]->(r) } IN TRANSACTIONS'],
  [
    'deletes everything and fails',
    'MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 1 ROW RETURN 1 / (size(collect(n)) - size(collect(n)))',
  ],
])('a step that commits by itself and %s: the history is put back', async (_, statement) => {
  const refused = {
    kind: 'failed',
    says: "this statement also reaches the migration history's own nodes",
    at: '003_all.cypher:3:1',
  } as const;
  const replayable = { ...DOC, '003_all.cypher': `${REPLAYABLE}${statement};\n` };
  for (let runs = 0; runs < 4; runs++) {
    expectRefusal(await onGraph(replayable), refused);
    expect(await historyOfGraph(graph)).toEqual([...APPLIED, '003_all.cypher started']);
    expect((await nodesOfGraph(graph)).Doc ?? 0).toBeLessThanOrEqual(1);
  }
  const status = await onGraph(replayable, 'status');
  expect(status.code).toBe(0);
});

test('a step that commits by itself and may not run twice: the next run leaves it to a person', async () => {
  const files = {
    ...DOC,
    '003_all.cypher': `${AUTO}\nMATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 1 ROW;\n`,
  };
  expectRefusal(await onGraph(files), { kind: 'unfinished', says: "history's own nodes", at: '003_all.cypher:3:1' });
  expectRefusal(await onGraph(files), {
    kind: 'unfinished',
    says: '003_all.cypher stopped inside step 1',
    at: '003_all.cypher',
  });
  expect(await historyOfGraph(graph)).toEqual([...APPLIED, '003_all.cypher started begun 0']);
  expect(await nodesOfGraph(graph)).toEqual({});
});

const EVERY = [
  'migrate',
  'status',
  'plan',
  'verify',
  'wait',
  'baseline --to 2',
  'rollback-plan',
  'repair --forget 1 --yes',
];

test.each<[what: string, act: string, says: string]>([
  [
    'unconnected nodes were deleted, of a graph of an earlier version',
    'MATCH (n:_Migration|_MigrationLease|_MigrationBootstrap) DETACH DELETE n',
    'history is lost',
  ],
  [
    'one entry was deleted',
    'MATCH (m:_Migration {version: 2}) DETACH DELETE m',
    '1 entries are there, and 2 were recorded',
  ],
  ['the entries were deleted', 'MATCH (m:_Migration) DETACH DELETE m', '0 entries are there, and 2 were recorded'],
  [
    'a property was renamed',
    'MATCH (n) WHERE n.state IS NOT NULL SET n.status = n.state REMOVE n.state',
    '001_doc.cypher lacks state',
  ],
  ['a property has another type', "MATCH (m:_Migration) SET m.stepsDone = 'one'", 'a stepsDone that is no number'],
  ['a property is a list', 'MATCH (m:_Migration {version: 1}) SET m.appliedAt = [1]', 'appliedAt that is no time'],
  ['names are gone', 'MATCH (n) REMOVE n.name', 'the node of version 1 lacks name'],
  ['the label is another one', 'MATCH (m:_Migration) REMOVE m:_Migration SET m:Archived', '0 entries are there'],
])('a history that was changed from outside stops every command, and is rebuilt: %s', async (_, act, says) => {
  expectSuccess(await onGraph(DOC));
  await graph.run(act);
  const before = await historyOfGraph(graph);
  for (const args of EVERY)
    expectRefusal(await onGraph(DOC, args), {
      kind: 'source',
      says,
      hint: 'repair --rebuild-history N',
    });
  expectSuccess(await onGraph(DOC, 'health'));
  expect(await nodesOfGraph(graph)).toMatchObject({ Doc: 1, Chunk: 1, Orphan: 1 });
  expect(await historyOfGraph(graph)).toEqual(before);

  expectRefusal(await onGraph(DOC, 'repair --rebuild-history 2'), { kind: 'usage', says: 'nobody is there to answer' });
  expectSuccess(await onGraph(DOC, 'repair --rebuild-history 2 --yes'));
  const added = { ...DOC, '003_more.cypher': 'CREATE (:More);\n' };
  expectSuccess(await onGraph(added));
  expect(await nodesOfGraph(graph)).toMatchObject({ Doc: 1, Chunk: 1, Orphan: 1, More: 1 });
  const names = (await historyOfGraph(graph)).map((line) => line.split(' ')[0]);
  expect(names).toEqual(['001_doc.cypher', '002_orphan.cypher', '003_more.cypher']);
  expect((await onGraph(added, 'status')).code).toBe(0);
});

test('rebuilding keeps what is intact', async () => {
  expectSuccess(await onGraph(DOC));
  await graph.run('MATCH (m:_Migration {version: 2}) DETACH DELETE m');
  expectSuccess(await onGraph(DOC, 'repair --rebuild-history 2 --yes'));
  expect(await historyOfGraph(graph)).toEqual(['001_doc.cypher applied', '002_orphan.cypher baseline']);
  expectRefusal(await onGraph(DOC, 'repair --rebuild-history 2 --yes'), { kind: 'source', says: 'history is intact' });
});

test('an application that deletes unconnected nodes leaves the history', async () => {
  expectSuccess(await onGraph(DOC));
  await graph.run('MATCH (n) WHERE NOT (n)--() DELETE n');
  expectSuccess(await onGraph(DOC));
  expect(await nodesOfGraph(graph)).toEqual({ Doc: 1, Chunk: 1 });
});

test('the links of an earlier version, or that an application has deleted, are made by the next run', async () => {
  expectSuccess(await onGraph(DOC));
  await graph.run('MATCH ()-[r]->() DELETE r');
  await graph.run('MATCH (b:_MigrationBootstrap) REMOVE b.recorded');
  const added = { ...DOC, '003_more.cypher': 'CREATE (:More);\n' };
  expectSuccess(await onGraph(added));
  await graph.run('MATCH (n) WHERE NOT (n)--() DELETE n');
  expect(await historyOfGraph(graph)).toEqual([...APPLIED, '003_more.cypher applied']);
  expect(await graph.run('MATCH (b:_MigrationBootstrap) RETURN b.recorded AS n')).toEqual([{ n: 3 }]);
  expectSuccess(await onGraph(added));
});

test('a lease that was deleted is made again, with a greater token', async () => {
  expectSuccess(await onGraph(DOC));
  const token = async () =>
    (await graph.run<{ token: number }>('MATCH (l:_MigrationLease) RETURN l.token AS token'))[0]?.token;
  const before = (await token()) ?? 0;
  await graph.run('MATCH (l:_MigrationLease) DETACH DELETE l');
  expectSuccess(await onGraph({ ...DOC, '003_more.cypher': 'CREATE (:More);\n' }));
  expect(await token()).toBe(before + 1);
});

test('a graph that holds nothing at all begins from the start, with a warning', async () => {
  expectSuccess(await onGraph(DOC));
  await graph.run('MATCH (n) DETACH DELETE n');
  const ended = await onGraph(DOC);
  expectSuccess(ended);
  expect(ended.stderr.match(/^warning: the graph had a migration history/gm)).toHaveLength(1);
  expect(await nodesOfGraph(graph)).toEqual({ Doc: 1, Chunk: 1, Orphan: 1 });
  expect(await historyOfGraph(graph)).toEqual(APPLIED);
});

test('a first run on a graph that is in use is no lost history', async () => {
  await graph.run('CREATE (:App)');
  expectSuccess(await onGraph(DOC));
  expect(await historyOfGraph(graph)).toEqual(APPLIED);
});
