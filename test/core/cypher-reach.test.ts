import { expect, test } from 'vitest';
import { historyReach } from '../../src/core/cypher-reach.ts';

const reach = (text: string) => historyReach(text, { start: 0, end: text.length });

test.each([
  'CREATE (:A {match: 1})',
  'CREATE (a:A)-[:R]->(b), (c) SET c.x = 1',
  'UNWIND [1, 2] AS i MERGE (a:A {id: i}) ON CREATE SET a.new = true ON MATCH SET a.new = false',
  'MATCH (a:A) SET a.x = 1',
  'MATCH (a:A|B) DETACH DELETE a',
  'MATCH (a:A&!B {id: 1}) WHERE a.x > 1 REMOVE a.x'.replace('&!B', '&B'),
  'MATCH (a IS A) SET a.x = 1',
  'MATCH (a:A)-[r]-(b) DELETE r SET b.x = 1',
  'MATCH (a)-[r:R|S]->(b) DELETE r SET b.x = 1',
  'MATCH (a:A) MATCH (a)-->(b) SET b.x = 1',
  'MATCH (a:`A b`) CALL (a) { SET a.x = 1 } IN TRANSACTIONS OF 10 ROWS',
  'MATCH (a:A) CALL { WITH a SET a.x = 1 } IN TRANSACTIONS',
  'MATCH p = (a:A)-[*1..3]-(b) FOREACH (n IN nodes(p) | SET n.x = 1)',
  'MATCH p = shortestPath((a:A)-[*]-(b:B)) SET a.x = 1',
  'MATCH (n) RETURN count(n)',
  'MATCH (n) WITH count(n) AS nodes CREATE (:Count {nodes: nodes})',
  'MATCH (n:A) WHERE NOT (n)--() DELETE n',
  'MATCH (n:Match) SET n.call = 1',
])('none: %s', (text) => expect(reach(text)).toBe('none'));

test.each([
  'MATCH (n) WHERE n.x = 1 SET n.y = 2',
  'MATCH (n) WHERE n:A SET n.y = 2',
  'MATCH (n {id: 1}) DELETE n',
  'MATCH (n:!A) DELETE n',
  'MATCH (n:%) DELETE n',
  'MATCH (n:A&!B) SET n.x = 1'.replace('A&!B', '!B'),
  'MATCH ()-[r]->() DELETE r',
  'MATCH ()-[r:!R]->() DELETE r',
  'MATCH (a)--(b) SET b.x = 1',
  'MERGE (n {id: 1})',
  'MATCH (a:A) MATCH (n) WHERE n <> a MERGE (n)-[:R]->(a)',
  'MATCH (n) WITH n LIMIT 10 CREATE (n)-[:R]->(:A)',
  'CALL apoc.periodic.iterate("MATCH (n) RETURN n", "DELETE n", {})',
  'MATCH (n) WHERE NOT (n)--() CALL (n) { DELETE n } IN TRANSACTIONS',
  'MATCH (a:A), (n) WHERE n.x = a.x SET n.y = 1',
  'MATCH (n) WITH n LIMIT 10 SET n.y = 1',
  'MATCH (n) WITH n WHERE n.x = 1 DELETE n',
])('possible: %s', (text) => expect(reach(text)).toBe('possible'));

test.each([
  'MATCH (n) DETACH DELETE n',
  'match (n) delete n',
  'MATCH (n) SET n.x = 1',
  'MATCH (n) SET n:A',
  'MATCH (n) REMOVE n.x',
  'MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS',
  'MATCH (n) OPTIONAL MATCH (n)-[r]-() DELETE n, r',
  'MATCH (a:A), (n) SET a.x = 1, n.y = 2',
])('certain: %s', (text) => expect(reach(text)).toBe('certain'));
