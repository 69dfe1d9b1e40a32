import { describe, expect, test } from 'vitest';
import { cypher, findingsOf, rulesBroken } from './files.ts';

const UNIQUE = 'CREATE CONSTRAINT note_title IF NOT EXISTS FOR (n:Note) REQUIRE n.title IS UNIQUE;';
const INDEX = 'CREATE INDEX topic_name IF NOT EXISTS FOR (t:Topic) ON (t.name);';
const none: readonly string[] = [];

test.each<[string, readonly string[]]>([
  ['MATCH (n) DETACH DELETE n;', ['every-node', 'unbounded-graph-delete']],
  ['MATCH (:Note)-[r:ABOUT]->() DELETE r;', ['unbounded-graph-delete']],
  ['MATCH (n:Note) WITH n LIMIT 100 DETACH DELETE n;', none],
  ["MATCH (n:Note {title: 'x'}) DETACH DELETE n;", none],
  ["MATCH (n:Note WHERE n.title = 'x') DELETE n;", none],
  ['MATCH (n:Note) WHERE n.draft DELETE n;', none],
  ['MATCH (n:Note) REMOVE n.draft;', ['unbounded-graph-update']],
  ['CREATE (n:Note {set: 1, delete: 2});', none],
  ["MERGE (n:Note {title: 'x'}) ON CREATE SET n.seen = true;", none],
  ["MERGE (n:Note {title: 'x', lang: 'id'});", none],
  ["MERGE (n:Note {lang: 'id'});", ['merge-without-index']],
  ["MERGE (t:Topic {name: 'x'});", none],
  ["MERGE (n {title: 'x'});", ['merge-without-index', 'unlabelled-write']],
  ["MATCH (a:Note {title: 'x'}) MATCH (b:Topic {name: 'y'}) MERGE (a)-[:ABOUT]->(b);", none],
  ["MERGE (a:Note {title: 'x'})-[:ABOUT]->(p:Person {name: 'y'});", ['merge-without-index']],
  ["UNWIND ['x'] AS name MERGE (p:`Person X` {name: name});", ['merge-without-index']],
  ['MATCH (a:Note), (b:Topic) WHERE a.lang = b.lang RETURN a, b;', ['cartesian-product']],
  ['MATCH (a:Note)-[:ABOUT]->(b), (b)-[:OF]->(c:Field) RETURN a, c;', none],
  ["MATCH (a:Note), (b:Topic {name: 'x'}) WHERE a.lang = 'id' CREATE (a)-[:ABOUT]->(b);", none],
  ['MATCH p = shortestPath((a:Note {title: 1})-[*..3]-(b:Topic {name: 2})) RETURN p;', none],
  ["LOAD CSV FROM 'https://example.org/x.csv' AS row CREATE (n:Note {title: row[0]});", ['load-csv']],
  ['MATCH (n:Note) WHERE n.title IS NULL SET n.title = apoc.text.random(3);', ['plugin-procedure']],
  ["CALL db.index.vector.createNodeIndex('v', 'Note', 'e', 3, 'cosine');", ['schema-procedure']],
  [
    "MATCH (n:Note) WITH count(n) AS c CALL db.index.fulltext.createRelationshipIndex('f', ['A'], ['t']) RETURN c;",
    ['schema-procedure'],
  ],
  ["CALL `db`.index.vector.createRelationshipIndex('v', 'A', 'e', 3, 'cosine');", ['schema-procedure']],
  ["CALL db.index.fulltext.drop('f');", ['schema-procedure']],
  ["CALL db.createUniquePropertyConstraint('c', ['Note'], ['t'], 'range-1.0');", ['schema-procedure']],
  ["CALL db.index.vector.queryNodes('v', 3, [1, 2, 3]) YIELD node RETURN node;", none],
  ["CALL db.create.setNodeVectorProperty(null, 'e', [1]);", none],
  ['CALL db.awaitIndexes();', none],
  ['CREATE CONSTRAINT k IF NOT EXISTS FOR (n:Note) REQUIRE (n.a, n.b) IS NODE KEY;', ['enterprise-only']],
  ['CREATE CONSTRAINT k IF NOT EXISTS FOR (n:Note) REQUIRE n.a IS :: STRING;', ['enterprise-only']],
  ['CREATE CONSTRAINT k IF NOT EXISTS FOR ()-[r:ABOUT]-() REQUIRE r.id IS UNIQUE;', none],
  ['CREATE CONSTRAINT k IF NOT EXISTS FOR (t:Topic) REQUIRE t.name IS UNIQUE;', ['constraint-over-index']],
  ['CREATE INDEX k IF NOT EXISTS FOR (n:Note) ON (n.title);', ['constraint-over-index']],
  ['CREATE TEXT INDEX k IF NOT EXISTS FOR (n:Note) ON (n.title);', none],
  ['CREATE INDEX k IF NOT EXISTS FOR ()-[r:Note]-() ON (r.title);', none],
  ['DROP INDEX topic_name IF EXISTS;', ['drop-graph-schema']],
  ['DROP INDEX made_by_nobody IF EXISTS;', none],
  [
    'DROP INDEX topic_name IF EXISTS;\nCREATE CONSTRAINT k IF NOT EXISTS FOR (t:`C++`) REQUIRE t.name IS UNIQUE;',
    ['drop-graph-schema'],
  ],
  ['DROP INDEX topic_name IF EXISTS;\nCREATE CONSTRAINT k IF NOT EXISTS FOR (t:Topic) REQUIRE t.name IS UNIQUE;', none],
])('%s', async (text, rules) => {
  expect(await rulesBroken(cypher(UNIQUE, INDEX, text))).toEqual(rules);
});

describe('steps', () => {
  test('CALL … IN TRANSACTIONS that is not replayable', async () => {
    const text = '// migrate: auto-commit\nMATCH (n:Note) CALL (n) { DETACH DELETE n } IN TRANSACTIONS;';
    expect(await rulesBroken(cypher(UNIQUE, text))).toEqual(['step-not-replayable']);
  });
});

test('the place is that of the pattern', async () => {
  const text = "// ü😀\nMERGE (n:Note {title: '😀'})\nMERGE (p:Person {name: 'x'});";
  const found = (await findingsOf(cypher(UNIQUE, text))).filter(({ rule }) => rule === 'merge-without-index');
  expect(found.map(({ place }) => place)).toEqual([{ file: '002_a.cypher', line: 3, column: 7 }]);
});
