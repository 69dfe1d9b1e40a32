import { keyword } from '../../../../core/cypher.ts';
import type { CypherRule } from '../../rule.ts';
import { type Clause, nodesOf } from '../clauses.ts';
import { type CypherSetting, type CypherStatement, covers } from '../statement.ts';

const UNIQUE = 'CREATE CONSTRAINT note_title_unique IF NOT EXISTS FOR (n:Note) REQUIRE n.title IS UNIQUE;';
const AUTO = '// migrate: auto-commit\n// migrate: replayable\n';

export const unboundedGraphDelete: CypherRule = {
  of: 'cypher',
  id: 'unbounded-graph-delete',
  level: 'warning',
  why: 'Neo4j keeps the changes of a transaction in memory until it commits: deleting every node of a label in one runs into dbms.memory.transaction.total.max, after minutes, and is rolled back.',
  remedy:
    'Batches: MATCH … CALL (n) { … } IN TRANSACTIONS, in a file with the directives auto-commit and replayable; or a WHERE that leaves few.',
  bad: { text: 'MATCH (n:Note) DETACH DELETE n;' },
  good: { text: `${AUTO}MATCH (n:Note)\nCALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS;` },
  *check(statement) {
    const found = unbounded(statement, ['DELETE']);
    if (found !== undefined) yield { offset: found.start, message: 'all that matches is deleted in one transaction' };
  },
};

export const unboundedGraphUpdate: CypherRule = {
  of: 'cypher',
  id: 'unbounded-graph-update',
  level: 'warning',
  why: 'Neo4j keeps the changes of a transaction in memory, and a lock on each changed node, until it commits: changing every node of a label in one makes LocalRAG wait, or runs out of memory and is rolled back.',
  remedy:
    'Batches: MATCH … CALL (n) { … } IN TRANSACTIONS, in a file with the directives auto-commit and replayable; or a WHERE that leaves few.',
  bad: { text: "MATCH (n:Note) SET n.language = 'id';" },
  good: {
    text: `${AUTO}MATCH (n:Note) WHERE n.language IS NULL\nCALL (n) { SET n.language = 'id' } IN TRANSACTIONS OF 10000 ROWS;`,
  },
  *check(statement) {
    const found = unbounded(statement, ['SET', 'REMOVE']);
    if (found !== undefined) yield { offset: found.start, message: 'all that matches is changed in one transaction' };
  },
};

/** The clause that changes whatever a MATCH without any condition finds, in one transaction. */
function unbounded({ kind, clauses }: CypherStatement, verbs: readonly string[]): Clause | undefined {
  const [first, ...rest] = clauses;
  if (kind !== 'data' || first?.word !== 'MATCH') return undefined;
  if (clauses.some(({ word }) => ['WHERE', 'LIMIT', 'CALL', 'MERGE', 'UNWIND'].includes(word))) return undefined;
  const matched = clauses.filter(({ word }) => word === 'MATCH').flatMap(nodesOf);
  if (matched.some(({ keys }) => keys.length > 0)) return undefined;
  return rest.find(({ word }) => verbs.includes(word));
}

export const mergeWithoutIndex: CypherRule = {
  of: 'cypher',
  id: 'merge-without-index',
  level: 'warning',
  why: 'MERGE looks for the node first. Without an index it reads every node of the label, each time; without a uniqueness constraint two that run at the same moment make the node twice.',
  remedy:
    'A uniqueness constraint over the properties that MERGE goes by, in an earlier file or further up in this one.',
  bad: { text: "MERGE (n:Note {title: 'first'});" },
  good: { before: [UNIQUE], text: "MERGE (n:Note {title: 'first'});" },
  *check({ clauses }, setting) {
    const bound = new Set(
      clauses
        .filter(({ word }) => word === 'MATCH')
        .flatMap(nodesOf)
        .map(({ variable }) => variable),
    );
    for (const clause of clauses.filter(({ word }) => word === 'MERGE'))
      for (const { start, variable, labels, keys } of nodesOf(clause)) {
        if (variable !== undefined && bound.has(variable)) continue;
        bound.add(variable ?? '');
        if (labels.length === 0 && keys.length === 0) continue;
        if (labels.length === 0) yield { offset: start, message: 'without a label this reads every node of the graph' };
        else if (keys.length > 0 && !labels.some((label) => isIndexed(setting, label, keys)))
          yield { offset: start, message: `nothing in the files indexes ${labels.join(':')} by ${keys.join(', ')}` };
      }
  },
};

/** An index serves where all of its properties are given. */
function isIndexed({ schema }: CypherSetting, label: string, keys: readonly string[]): boolean {
  return [...schema.over(label)].some(({ kind, type, properties = [], ...change }) => {
    const serves =
      kind === 'constraint' ? type === 'UNIQUENESS' || type === 'KEY' : type === 'RANGE' || type === 'TEXT';
    if (!serves || properties.length === 0 || !properties.every((property) => keys.includes(property))) return false;
    return covers({ ...change, kind, properties }, label, properties);
  });
}

export const cartesianProduct: CypherRule = {
  of: 'cypher',
  id: 'cartesian-product',
  level: 'warning',
  why: 'Patterns with a comma between them that share no variable are combined each with each: a thousand nodes and a thousand nodes are a million rows.',
  remedy: 'Connect the patterns, or look the second one up by an indexed property in a MATCH of its own.',
  bad: { before: [UNIQUE], text: 'MATCH (a:Note), (b:Topic) WHERE a.topic = b.name MERGE (a)-[:ABOUT]->(b);' },
  good: {
    before: [UNIQUE],
    text: 'MATCH (a:Note) WHERE a.topic IS NOT NULL\nMATCH (b:Topic {name: a.topic})\nMERGE (a)-[:ABOUT]->(b);',
  },
  *check({ clauses }) {
    const bound = new Set<string>();
    for (const clause of clauses.filter(({ word }) => word === 'MATCH')) {
      const nodes = nodesOf(clause);
      const parts = [...Map.groupBy(nodes, ({ part }) => part).values()];
      // One that is looked up by a property, or is bound already, is a row or a few.
      const open = parts.filter((part) =>
        part.every(({ variable, keys }) => keys.length === 0 && !bound.has(variable ?? '')),
      );
      const known = new Set(open[0]?.map(({ variable }) => variable));
      for (const part of open.slice(1)) {
        const connected = part.some(({ variable }) => variable !== undefined && known.has(variable));
        if (!connected)
          yield {
            offset: part[0]?.start ?? clause.start,
            message: 'each of these is combined with each of those before it',
          };
        for (const { variable } of part) known.add(variable);
      }
      for (const { variable } of nodes) if (variable !== undefined) bound.add(variable);
    }
  },
};

export const loadCsv: CypherRule = {
  of: 'cypher',
  id: 'load-csv',
  level: 'warning',
  why: 'LOAD CSV reads on the server, from its import directory or over its network: the file is not there on the next installation, and Aura reads no files at all.',
  remedy: 'Write the rows into the statement: UNWIND [{…}, …] AS row.',
  bad: {
    before: [UNIQUE],
    text: "LOAD CSV WITH HEADERS FROM 'file:///notes.csv' AS row MERGE (n:Note {title: row.title});",
  },
  good: { before: [UNIQUE], text: "UNWIND [{title: 'first'}] AS row MERGE (n:Note {title: row.title});" },
  *check({ clauses }) {
    for (const { word, tokens, start } of clauses)
      if (word === 'LOAD' && keyword(tokens[0]) === 'CSV')
        yield { offset: start, message: 'the file would have to be within reach of the server' };
  },
};

export const pluginProcedure: CypherRule = {
  of: 'cypher',
  id: 'plugin-procedure',
  level: 'warning',
  why: 'APOC and Graph Data Science are plugins that an installation has or has not: where it has not, the statement fails, and the pods wait for it.',
  remedy: 'Write it in plain Cypher: apoc.periodic.iterate is CALL … IN TRANSACTIONS.',
  bad: { text: "CALL apoc.periodic.iterate('MATCH (n:Note) RETURN n', 'SET n.seen = true', {});" },
  good: { text: `${AUTO}MATCH (n:Note) WHERE n.seen IS NULL\nCALL (n) { SET n.seen = true } IN TRANSACTIONS;` },
  *check({ tokens }) {
    for (const [at, token] of tokens.entries())
      if (/^(apoc|gds)$/i.test(token.text) && tokens[at + 1]?.text === '.' && tokens[at - 1]?.text !== '.')
        yield { offset: token.start, message: `${token.text} is a plugin` };
  },
};
