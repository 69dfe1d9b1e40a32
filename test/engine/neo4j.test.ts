import { Neo4jEngine } from '../../src/engine/neo4j/engine.ts';
import { engineContract } from '../contract/contract.ts';
import { budgets, identity } from '../contract/settings.ts';
import { emptyNeo4j } from '../servers/databases.ts';

engineContract(
  'Neo4j',
  {
    extension: 'cypher',
    insert: (tag) => `CREATE (:Effect {tag: '${tag}'})`,
    refused: 'RETURN 1/0',
    // Reads more rows than a lifetime has nanoseconds, in a stream that can be stopped.
    endless: 'UNWIND range(1, 100000000) AS a UNWIND range(1, 100000000) AS b WITH a WHERE a < 0 RETURN count(a)',
  },
  async () => {
    const graph = await emptyNeo4j();
    const { uri, user, password } = graph;
    return {
      database: 'neo4j',
      open: () =>
        new Neo4jEngine({ config: { uri, user, password, database: undefined }, budgets, identity, emit: () => {} }),
      snapshot: async () =>
        JSON.stringify([
          await graph.run('MATCH (n) RETURN count(n) AS nodes'),
          await graph.run('SHOW INDEXES YIELD name RETURN name ORDER BY name'),
          await graph.run('SHOW CONSTRAINTS YIELD name RETURN name ORDER BY name'),
        ]),
      count: async (tag) => {
        const [row] = await graph.run('MATCH (e:Effect {tag: $tag}) RETURN count(e) AS n', { tag });
        return Number(row?.n);
      },
      end: () => graph.close(),
    };
  },
);
