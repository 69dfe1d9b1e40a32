import { cypherName, keyword } from '../../../../core/cypher.ts';
import { historyReach, type Reach } from '../../../../core/cypher-reach.ts';
import type { CypherRule } from '../../rule.ts';
import type { CypherStatement } from '../statement.ts';

const REMEDY =
  'Name the labels of the nodes that are meant. For a clean-up of several labels: MATCH (n:Document|Chunk|Topic).';

export const everyNode: CypherRule = {
  of: 'cypher',
  id: 'every-node',
  level: 'error',
  why: 'A pattern without a label and without a condition is every node of the graph, also those of the migration history. migrate rolls such a file back (70).',
  remedy: REMEDY,
  bad: { text: "UNWIND ['id'] AS language MATCH (n) SET n.language = language;" },
  good: { text: "UNWIND ['id'] AS language MATCH (n:Note) SET n.language = language;" },
  *check(statement) {
    if (reachOf(statement) === 'certain')
      yield { offset: statement.start, message: "this changes every node, the migration history's own among them" };
  },
};

export const unlabelledWrite: CypherRule = {
  of: 'cypher',
  id: 'unlabelled-write',
  level: 'warning',
  why: 'A pattern without a label may also match nodes of the migration history: they have the properties name, version, state, checksum and others. migrate finds that out when the file runs, and rolls it back (70).',
  remedy: REMEDY,
  bad: { text: 'MATCH (n) WHERE n.name IS NOT NULL SET n.title = n.name;' },
  good: { text: 'MATCH (n:Note) WHERE n.name IS NOT NULL SET n.title = n.name;' },
  *check(statement) {
    if (writes(statement) && !callsProcedure(statement) && reachOf(statement) === 'possible')
      yield {
        offset: statement.start,
        message: 'this may also change nodes of the migration history: a pattern names no label',
      };
  },
};

function writes({ clauses }: CypherStatement): boolean {
  return clauses.some(({ word }) => ['SET', 'DELETE', 'REMOVE', 'MERGE', 'FOREACH'].includes(word));
}

/** What it does, nothing in the file says; the rules about procedures have their own words. */
function callsProcedure({ tokens }: CypherStatement): boolean {
  return tokens.some((token, at) => keyword(token) === 'CALL' && cypherName(tokens[at + 1]) !== undefined);
}

function reachOf({ file, kind, start, tokens }: CypherStatement): Reach {
  return kind === 'schema' ? 'none' : historyReach(file.text, { start, end: tokens.at(-1)?.end ?? start });
}
