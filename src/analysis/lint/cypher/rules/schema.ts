import type { SchemaChange } from '../../../../core/cypher-schema.ts';
import type { CypherRule } from '../../rule.ts';
import { type CypherStatement, covers } from '../statement.ts';

const INDEX = 'CREATE INDEX note_title_idx IF NOT EXISTS FOR (n:Note) ON (n.title);';
const UNIQUE = 'CREATE CONSTRAINT note_title_unique IF NOT EXISTS FOR (n:Note) REQUIRE n.title IS UNIQUE;';

export const constraintOverIndex: CypherRule = {
  of: 'cypher',
  id: 'constraint-over-index',
  level: 'warning',
  why: 'A uniqueness constraint brings its own index, and Neo4j refuses it while a range index stands over the same properties; it refuses the index, too, while the constraint stands.',
  remedy: 'DROP INDEX … IF EXISTS in the statement before the constraint, or leave the index out.',
  bad: { before: [INDEX], text: UNIQUE },
  good: { before: [INDEX], text: `DROP INDEX note_title_idx IF EXISTS;\n${UNIQUE}` },
  *check({ change, start }, { schema }) {
    if (change?.action !== 'create' || !isRange(change)) return;
    const [label = ''] = change.labels ?? [];
    for (const other of schema.over(label)) {
      const same = other.entity === change.entity && covers(other, label, change.properties ?? []);
      if (same && other.name !== change.name && isRange(other) && other.kind !== change.kind)
        yield { offset: start, message: `the ${other.kind} ${other.name} stands over the same properties` };
    }
  },
};

/** A range index, or a constraint that has one. */
function isRange({ kind, type }: SchemaChange): boolean {
  return kind === 'index' ? type === 'RANGE' : type === 'UNIQUENESS' || type === 'KEY';
}

export const graphSchemaInUse: CypherRule = {
  of: 'cypher',
  id: 'drop-graph-schema',
  level: 'warning',
  why: 'Pods of the version before go on running while the migration is applied. Without the constraint their MERGE makes nodes twice; without the index each MERGE and MATCH reads every node of the label.',
  remedy:
    'Drop it one release after the last version that relies on it; where another takes its place, make that one in the next statement, and allow this.',
  bad: { before: [UNIQUE], text: 'DROP CONSTRAINT note_title_unique IF EXISTS;' },
  good: { before: [UNIQUE], text: 'CREATE INDEX note_created_idx IF NOT EXISTS FOR (n:Note) ON (n.created_at);' },
  *check({ change, start }, { schema, laterConstraints, wasMadeBefore }) {
    if (change?.action !== 'drop') return;
    const object = schema.get(change.name);
    if (object === undefined || !wasMadeBefore(object)) return;
    if (isReplaced(object, laterConstraints(object.labels?.[0] ?? ''))) return;
    yield { offset: start, message: `${object.name} goes while the version before relies on it` };
  },
};

/** Whether a constraint takes an index's place further down in the file, and brings an index over the same properties. */
function isReplaced(
  { kind, labels: [label = ''] = [], properties = [] }: SchemaChange,
  later: readonly CypherStatement[],
) {
  return (
    kind === 'index' &&
    later.some(({ change }) => change?.kind === 'constraint' && isRange(change) && covers(change, label, properties))
  );
}

export const enterpriseOnly: CypherRule = {
  of: 'cypher',
  id: 'enterprise-only',
  level: 'warning',
  why: 'LocalRAG runs on Neo4j Community, which has no constraints on existence, on type and as key: the statement fails there.',
  remedy: 'Use a uniqueness constraint, and let the application check the rest.',
  bad: { text: 'CREATE CONSTRAINT note_title_exists IF NOT EXISTS FOR (n:Note) REQUIRE n.title IS NOT NULL;' },
  good: { text: UNIQUE },
  *check({ change, start }) {
    const feature = ENTERPRISE_TYPES[change?.action === 'create' ? (change.type ?? '') : ''];
    if (feature !== undefined) yield { offset: start, message: `${feature} is for Neo4j Enterprise alone` };
  },
};

const ENTERPRISE_TYPES: Readonly<Record<string, string>> = {
  PROPERTY_EXISTENCE: 'a constraint on existence',
  PROPERTY_TYPE: 'a constraint on type',
  KEY: 'a key constraint',
};

export const vectorIndexWithoutDimension: CypherRule = {
  of: 'cypher',
  id: 'graph-vector-without-dimension',
  level: 'warning',
  why: 'Before 5.23 Neo4j refuses a vector index without dimensions; later ones take embeddings of any length into it, and a search with another length finds nothing.',
  remedy: "OPTIONS {indexConfig: {`vector.dimensions`: 768, `vector.similarity_function`: 'cosine'}}.",
  bad: { text: 'CREATE VECTOR INDEX note_embedding_idx IF NOT EXISTS FOR (n:Note) ON (n.embedding);' },
  good: {
    text: "CREATE VECTOR INDEX note_embedding_idx IF NOT EXISTS FOR (n:Note) ON (n.embedding)\nOPTIONS {indexConfig: {`vector.dimensions`: 768, `vector.similarity_function`: 'cosine'}};",
  },
  *check({ change, tokens, start }) {
    if (change?.action !== 'create' || change.type !== 'VECTOR') return;
    if (!tokens.some(({ text }) => text.includes('vector.dimensions')))
      yield { offset: start, message: `${change.name} has no dimension` };
  },
};
