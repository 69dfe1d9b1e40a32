import { afterAll, beforeAll, expect, test } from 'vitest';
import { directoryOf } from '../program.ts';
import { type EmptyNeo4j, emptyNeo4j } from '../servers/databases.ts';
import { sharedNeo4j } from '../servers/shared-neo4j.ts';
import { contentsOfGraph } from './contents.ts';
import { closedPort, http, silent, stranger } from './peers.ts';
import { type Attempt, attempt, expectRefusal, expectSuccess, type Refusal } from './refusal.ts';

const CYPHER = '001_a.cypher';
const FINE = { [CYPHER]: 'CREATE (:A);' };

type Changes = Readonly<Record<string, string>>;

let graph: EmptyNeo4j;
beforeAll(async () => {
  graph = await emptyNeo4j();
});
afterAll(() => graph.close());

async function migrate(files: Readonly<Record<string, string>>, changes: Changes = {}): Promise<Attempt> {
  const { uri, user, password } = sharedNeo4j();
  const configured = { NEO4J_URI: uri, NEO4J_USER: user, NEO4J_PASSWORD: password };
  const env = { ...configured, MIGRATIONS_DIR: await directoryOf(files), ...changes };
  return attempt(['neo4j', 'migrate'], { env, secrets: [password] });
}

async function empty(): Promise<void> {
  await (await emptyNeo4j()).close();
}

async function expectUnchanged(act: () => Promise<void>): Promise<void> {
  const before = await contentsOfGraph(graph);
  await act();
  expect(await contentsOfGraph(graph)).toEqual(before);
}

const address = () => sharedNeo4j().uri.replace(/^\w+(\+\w+)?:\/\//, '');

test.each<[what: string, changes: () => Changes, refusal: Refusal]>([
  [
    'a wrong password',
    () => ({ NEO4J_PASSWORD: 'correct-horse' }),
    { kind: 'denied', says: 'user name or password is wrong', hint: 'check NEO4J_USER and NEO4J_PASSWORD' },
  ],
  [
    'a user whom the server does not know',
    () => ({ NEO4J_USER: 'nobody' }),
    { kind: 'denied', says: 'user name or password is wrong', hint: 'check NEO4J_USER and NEO4J_PASSWORD' },
  ],
  [
    'a database that is not there',
    () => ({ NEO4J_DATABASE: 'nowhere' }),
    { kind: 'config', says: /nowhere/, hint: 'set NEO4J_DATABASE to one that exists' },
  ],
  [
    'TLS demanded of a server that has none',
    () => ({ NEO4J_URI: `bolt+s://${address()}`, WAIT_TIMEOUT: '30s' }),
    { kind: 'config', says: 'TLS', hint: 'use bolt:// or neo4j:// where the server has no TLS' },
  ],
  [
    'a host whose name nobody knows',
    () => ({ NEO4J_URI: 'bolt://graph.invalid:7687', WAIT_TIMEOUT: '3s' }),
    {
      kind: 'unreachable',
      says: 'bolt://graph.invalid:7687: host name not found',
      hint: 'check NEO4J_URI; in Docker both containers',
    },
  ],
])('%s', (_, changes, refusal) => expectUnchanged(async () => expectRefusal(await migrate(FINE, changes()), refusal)));

test.each([
  ['bolt', 'connect ECONNREFUSED', 'check that the server runs'],
  // Behind the routes that it looks for, the driver hides why it finds none.
  ['neo4j', 'connect ECONNREFUSED', 'check that the server runs'],
])('a port at which nobody listens: %s://', async (scheme, says, hint) => {
  const uri = `${scheme}://127.0.0.1:${await closedPort()}`;
  const { stderr, ...ended } = await migrate(FINE, { NEO4J_URI: uri, WAIT_TIMEOUT: '3s' });
  expectRefusal({ stderr, ...ended }, { kind: 'unreachable', says: `Neo4j at ${uri}: ${says}`, hint });
  expect(stderr.match(/^waiting for neo4j/gm), 'the same is told once').toHaveLength(1);
});

test('a host whose name nobody knows, behind routes', async () => {
  const uri = 'neo4j://graph.invalid';
  expectRefusal(await migrate(FINE, { NEO4J_URI: uri, WAIT_TIMEOUT: '3s' }), {
    kind: 'unreachable',
    says: `Neo4j at ${uri}: host name not found`,
    hint: 'check NEO4J_URI; in Docker both containers must be on one network',
  });
});

test('a port at which a web server listens', async () => {
  const port = await stranger(http);
  expectRefusal(await migrate(FINE, { NEO4J_URI: `bolt://127.0.0.1:${port}` }), {
    kind: 'config',
    says: `Neo4j at bolt://127.0.0.1:${port}: this port speaks HTTP, not Bolt`,
    hint: 'use the Bolt port (7687 by default)',
  });
});

test('a port at which somebody accepts and never answers ends in time all the same', async () => {
  const port = await stranger(silent);
  expectRefusal(await migrate(FINE, { NEO4J_URI: `bolt://127.0.0.1:${port}`, WAIT_TIMEOUT: '1s' }), {
    kind: 'unreachable',
    says: new RegExp(`Neo4j at bolt://127\\.0\\.0\\.1:${port}: .*(no answer|timed? ?out)`),
    hint: 'check that the server runs',
  });
});

interface Refused extends Omit<Refusal, 'kind'> {
  readonly shows?: string;
}

test.each<[what: string, lines: readonly string[], refused: Refused]>([
  [
    'a word too much, after text in many bytes',
    ['// Überschrift 𝔞', "CREATE (:A {name: 'ä𝔞'});", '', "CREATE (:B {name: 'é𝔞'}) RETRUN 1;", 'CREATE (:C);'],
    { says: 'RETRUN', at: `${CYPHER}:4:26`, shows: `    | ${' '.repeat(25)}^` },
  ],
  [
    'a word too much, on a later line of a statement',
    ['CREATE (:A);', 'MATCH (a:A)', "  SET a.name = 'ä'", '  RETRUN a;'],
    { says: 'RETRUN', at: `${CYPHER}:4:3`, shows: `    | ${' '.repeat(2)}^` },
  ],
  [
    'a division by zero, which has no position',
    ['CREATE (:A);', "// 'ä;", '  CREATE (:B {n: 1 / 0});'],
    { says: '/ by zero', at: `${CYPHER}:3:3`, shows: '    |   ^' },
  ],
  [
    'a node that is still linked, which is looked at only with COMMIT',
    ['CREATE (:A)-[:TO]->(:B);', 'MATCH (a:A) DELETE a;'],
    { says: 'Cannot delete node', at: CYPHER },
  ],
])('%s: nothing of the file stays', (_, lines, { shows = '', ...refusal }) =>
  expectUnchanged(async () => {
    const ended = await migrate({ [CYPHER]: `${lines.join('\n')}\n` });
    expectRefusal(ended, { kind: 'failed', hint: 'rolled back', ...refusal });
    expect(ended.stderr).toContain(shows);
    expect(JSON.parse(ended.termination)).toMatchObject({ applied: [], again: false });
  }),
);

const UNIQUE = {
  [CYPHER]:
    'CREATE INDEX a_age IF NOT EXISTS FOR (a:A) ON (a.age);\nCREATE CONSTRAINT a_name IF NOT EXISTS\n  FOR (a:A) REQUIRE a.name IS UNIQUE;\nCREATE (:A {name: "three"});\n',
};

test('nodes that stand in the way of a constraint are named, and without them the next run goes on', async () => {
  await empty();
  await graph.run('CREATE (:A {name: "one"}), (:A {name: "two"}), (:A {name: "two"})');
  const ended = await migrate(UNIQUE);
  expectRefusal(ended, {
    kind: 'failed',
    says: /Node\(\d+\) and Node\(\d+\).*`A`.*`name` = 'two'/,
    hint: 'data stands in the way of the constraint (duplicates?)',
    at: `${CYPHER}:2:1`,
  });
  const { rows, objects } = await contentsOfGraph(graph);
  expect(rows._Migration).toMatchObject([{ version: 1, name: CYPHER, state: 'started', stepsDone: 0, stepsTotal: 2 }]);
  expect(rows.A).toHaveLength(3);
  expect(objects).not.toContain('a_name');

  await graph.run('MATCH (a:A {name: "two"}) WITH a LIMIT 1 DELETE a');
  expectSuccess(await migrate(UNIQUE));
  const after = await contentsOfGraph(graph);
  expect(after.rows._Migration).toMatchObject([{ version: 1, state: 'applied', stepsDone: 2 }]);
  expect(after.rows.A).toHaveLength(3);
  expect(after.objects).toEqual(expect.arrayContaining(['a_age', 'a_name']));
});

test('a constraint that the edition lacks', async () => {
  await empty();
  const sql = 'CREATE CONSTRAINT a_name IF NOT EXISTS FOR (a:A) REQUIRE a.name IS NOT NULL;';
  expectRefusal(await migrate({ [CYPHER]: sql }), {
    kind: 'failed',
    says: /Enterprise Edition/,
    hint: 'the edition lacks it',
    at: `${CYPHER}:1:1`,
  });
});

test('an index of the same name that is another one', async () => {
  await empty();
  await graph.run('CREATE INDEX a_name FOR (a:A) ON (a.title)');
  expectRefusal(await migrate({ [CYPHER]: 'CREATE INDEX a_name IF NOT EXISTS FOR (a:A) ON (a.name);' }), {
    kind: 'failed',
    says: 'the graph is not what the file asks for: index a_name is another one: RANGE on A (title)',
    hint: 'drop or rename the one that is there, then run migrate again',
    at: CYPHER,
  });
});
