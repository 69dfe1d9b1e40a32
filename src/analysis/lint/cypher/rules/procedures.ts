import { cypherName } from '../../../../core/cypher.ts';
import type { CypherRule } from '../../rule.ts';

/** Procedures that change the schema: of Neo4j 4 and 5, and of APOC. */
const SCHEMA_PROCEDURE =
  /^(?:db\.index\.(?:vector|fulltext)\.(?:create\w*|drop)|db\.create(?:Index|UniquePropertyConstraint|NodeKey)|apoc\.schema\.assert)$/i;

export const schemaProcedure: CypherRule = {
  of: 'cypher',
  id: 'schema-procedure',
  level: 'error',
  why: 'A procedure that makes or drops an index cannot share a transaction with data, and data statements share theirs with the history: the file fails. Newer versions of Neo4j no longer have these procedures.',
  remedy:
    'CREATE VECTOR INDEX, CREATE FULLTEXT INDEX or CREATE INDEX (DROP INDEX) with a name and IF NOT EXISTS (IF EXISTS).',
  bad: { text: "CALL db.index.vector.createNodeIndex('note_embedding_idx', 'Note', 'embedding', 768, 'cosine');" },
  good: {
    text: "CREATE VECTOR INDEX note_embedding_idx IF NOT EXISTS FOR (n:Note) ON (n.embedding)\nOPTIONS {indexConfig: {`vector.dimensions`: 768, `vector.similarity_function`: 'cosine'}};",
  },
  *check({ clauses }) {
    for (const { word, start, tokens } of clauses) {
      if (word !== 'CALL') continue;
      let name = cypherName(tokens[0]) ?? '';
      for (let at = 1; tokens[at]?.text === '.'; at += 2) name += `.${cypherName(tokens[at + 1]) ?? ''}`;
      if (SCHEMA_PROCEDURE.test(name))
        yield { offset: start, message: `${name} changes the schema inside a transaction of data` };
    }
  },
};
