import { expect, test } from 'vitest';
import { historyReach } from '../../src/core/cypher-reach.ts';

const reach = (text: string) => historyReach(text, { start: 0, end: text.length });

test.each([
  'CREATE (:A {list: [1, 2]})-[:B]->(:C)',
  "CREATE (:A {text: 'MATCH (n) DETACH DELETE n'})",
  'MATCH (a:A) DETACH DELETE a',
  'MATCH (a:A|B) SET a.x = 1',
  'MATCH (a:A&B), (c IS C) MERGE (a)-[:TO]->(c)',
  'MATCH (a:A)-[r]-(b) DELETE r, b',
  'MATCH ()-[r:TO|FROM]->() DELETE r',
  'MATCH p = (a)-[:TO]->(b)<--(c) DETACH DELETE c',
  'MATCH (a:A) MATCH (a)--(b) DELETE b',
  'MATCH (b)--(a), (a:A) DELETE b',
  'MATCH (a:A) WITH a, count(*) AS n MATCH (a)--(b) DELETE b',
  'MATCH (a:A) WITH collect(a) AS all UNWIND all AS x DETACH DELETE x',
  'MATCH (a:A) CALL (a) { MATCH (a)--(b) DELETE b } IN TRANSACTIONS',
  'MATCH (a:A) CALL { WITH a MATCH (a)--(b) DELETE b } IN TRANSACTIONS',
  'CALL { MATCH (a:A) RETURN a } MATCH (a)--(b) DELETE b',
  'MATCH (a:A) WHERE NOT EXISTS { (a)--() } AND NOT (a)-->() DELETE a',
  'MATCH (a:A) WHERE COUNT { MATCH (a)--(x) } > 3 DELETE a',
  'MERGE (a:A {id: 1}) ON CREATE SET a.x = 1 ON MATCH SET a.x = 2',
  'UNWIND [1, 2] AS i MERGE (a:A {id: i}) CREATE (b:B) MERGE (a)-[:TO]->(b)',
  'MATCH (a:A) FOREACH (x IN [1, 2] | MERGE (a)-[:TO]->(b:B {id: x}))',
  'MATCH (a:A) RETURN [(a)-->(b) | b.name]',
  'MATCH (a:A), p = shortestPath((a)-[*]-(b)) DELETE p',
  'MATCH p = SHORTEST 1 (a:A)-[:TO]-+(b) RETURN p',
  'MATCH (a:A {match: 1}) SET a.call = a.merge',
  'MATCH (a:`With space`) DELETE a',
])('none: %s', (text) => {
  expect(reach(text)).toBe('none');
});

test.each([
  'MATCH (n) WHERE n.x IS NOT NULL SET n.y = n.x',
  'MATCH (n {x: 1}) DELETE n',
  'MATCH (n WHERE n.x = 1) DELETE n',
  'MATCH (n) WHERE NOT (n)--() CALL (n) { DELETE n } IN TRANSACTIONS',
  'MATCH (n:!A) DELETE n',
  'MATCH (n:%) DELETE n',
  'MATCH (n:$(x)) DELETE n',
  'MATCH (n:A|!B) DELETE n',
  'MATCH ()-[r]->() DELETE r',
  'MATCH ()-[r:!TO]->() DELETE r',
  'MATCH (a)-[:TO*0..2]->(b) DETACH DELETE b',
  'MATCH (a) ((x)-[:TO]->(y)){0,2} (b) DETACH DELETE b',
  'MATCH (a)-[:TO]->{0,2}(b) DETACH DELETE b',
  'MATCH ()-[r:_MIGRATION_OF]->() DELETE r',
  'MATCH (a:A), (b) DETACH DELETE b',
  'MATCH (a:A) WITH 1 AS x UNWIND [(a)-->(b) | b] AS n DETACH DELETE n',
  'UNWIND [(a)-->(b) | b] AS n DETACH DELETE n',
  'UNWIND [/* all */ (a)-->(b) | b] AS n DETACH DELETE n',
  'FOREACH (x IN [1] | MERGE (n) SET n.x = x)',
  "CALL apoc.periodic.iterate('MATCH (n) RETURN n', 'DELETE n', {})",
  "CALL db.index.fulltext.queryNodes('i', 'x') YIELD node DETACH DELETE node",
  '\\u004DATCH (n) DETACH DELETE n',
  'MATCH (n:`\\u005fMigration`) DETACH DELETE n',
  'MATCH (n) WITH n LIMIT 10 DETACH DELETE n',
  'MATCH (n) SET n += {}',
  'MERGE (root:Root) WITH root MATCH (n) MERGE (n)-[:IN]->(root)',
  'MATCH (n) RETURN count(n)',
])('possible: %s', (text) => {
  expect(reach(text)).toBe('possible');
});

test.each([
  'MATCH (n) DETACH DELETE n',
  'match (n) // all\n detach delete n',
  'MATCH (n) OPTIONAL MATCH (n)-[r]-() DELETE n, r',
  'MATCH (n) SET n:Archived',
  'MATCH (n) SET n.seen = true',
  'MATCH (n) REMOVE n.state',
  'MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS',
  'MATCH (n) CALL { WITH n DETACH DELETE n } IN TRANSACTIONS OF 10 ROWS',
  'MATCH (n) WITH n DETACH DELETE n',
  'MATCH (a:A) WITH count(*) AS c MATCH (a) DETACH DELETE a',
  'MATCH (a:A) CALL { MATCH (a) DETACH DELETE a }',
  'MATCH (a:A) CALL () { MATCH (a) DETACH DELETE a }',
  'MATCH (a:A) RETURN 1 AS x UNION MATCH (a) DETACH DELETE a RETURN 1 AS x',
  'MATCH (a:A) CALL { WITH a RETURN 1 AS x UNION MATCH (a) DETACH DELETE a RETURN 1 AS x } RETURN x',
  'WITH COLLECT { MATCH (a:A) RETURN a } AS l MATCH (a) DETACH DELETE a',
])('certain: %s', (text) => {
  expect(reach(text)).toBe('certain');
});
