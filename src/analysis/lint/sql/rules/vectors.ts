import { typeOf } from '../../../impact/nodes.ts';
import type { SqlRule } from '../../rule.ts';
import { strings, tableName, typedColumns } from '../ast.ts';

const TABLE = 'CREATE TABLE notes (id bigint PRIMARY KEY, embedding vector(768));';
const HNSW = 'USING hnsw (embedding vector_cosine_ops)';

const TYPES = new Set(['vector', 'halfvec', 'sparsevec']);

/** Dimensions that an index of pgvector takes at most; https://github.com/pgvector/pgvector#indexing */
const MOST: Readonly<Record<string, number>> = { vector: 2000, halfvec: 4000 };

export const vectorIndexBlocksWrites: SqlRule = {
  of: 'sql',
  id: 'vector-index-blocks-writes',
  level: 'warning',
  why: 'An index over embeddings takes minutes to hours on a filled table, far longer once it outgrows maintenance_work_mem; without CONCURRENTLY nobody writes to the table all that time.',
  remedy:
    'CREATE INDEX CONCURRENTLY IF NOT EXISTS, in a file with the directive no-transaction that first says SET maintenance_work_mem.',
  bad: { before: [TABLE], text: `CREATE INDEX notes_embedding_idx ON notes ${HNSW};` },
  good: {
    before: [TABLE],
    text: `-- migrate: no-transaction\nSET maintenance_work_mem = '2GB';\nCREATE INDEX CONCURRENTLY IF NOT EXISTS notes_embedding_idx ON notes ${HNSW};`,
  },
  *check({ node, offset }, { isOld }) {
    if (!('IndexStmt' in node) || node.IndexStmt.concurrent) return;
    const { relation, accessMethod, idxname = 'the index' } = node.IndexStmt;
    if (relation === undefined || !isVectorIndex(accessMethod) || !isOld(relation)) return;
    yield {
      offset: offset(),
      message: `nobody can write to ${tableName(relation)} while ${idxname} is built over its embeddings`,
    };
  },
};

export const ivfflatOnEmptyTable: SqlRule = {
  of: 'sql',
  id: 'ivfflat-on-empty-table',
  level: 'warning',
  why: 'ivfflat sorts rows into lists around centres that it takes from the rows that are there when it is built: built on an empty table, it finds little of what is added later.',
  remedy: 'Use hnsw, which needs no rows to begin with, or build the ivfflat index in a later release, CONCURRENTLY.',
  bad: { text: `${TABLE}\nCREATE INDEX notes_embedding_idx ON notes USING ivfflat (embedding vector_cosine_ops);` },
  good: { text: `${TABLE}\nCREATE INDEX notes_embedding_idx ON notes ${HNSW};` },
  *check({ node, offset }, { isOld }) {
    if (!('IndexStmt' in node) || node.IndexStmt.accessMethod !== 'ivfflat') return;
    const { relation, idxname = 'the index' } = node.IndexStmt;
    if (relation !== undefined && !isOld(relation))
      yield {
        offset: offset(),
        message: `${idxname} is built before ${tableName(relation)} has any row to learn from`,
      };
  },
};

export const vectorWithoutDimension: SqlRule = {
  of: 'sql',
  id: 'vector-without-dimension',
  level: 'warning',
  why: 'A vector column without a dimension takes embeddings of any length: no index can be built on it, and a search fails at the first row of another length.',
  remedy: 'Say how long the embeddings of the model are: vector(768).',
  bad: { text: 'CREATE TABLE notes (id bigint PRIMARY KEY, embedding vector);' },
  good: { text: TABLE },
  *check({ node, offset }) {
    for (const { name, type } of typedColumns(node)) {
      const { name: of, modifiers, isArray } = typeOf(type);
      if (TYPES.has(of) && modifiers.length === 0 && !isArray)
        yield { offset: offset(type.location), message: `the column ${name} has no dimension` };
    }
  },
};

export const vectorTooWide: SqlRule = {
  of: 'sql',
  id: 'vector-too-wide-for-index',
  level: 'warning',
  why: 'hnsw and ivfflat take 2,000 dimensions of a vector at most (4,000 of a halfvec): pgvector refuses to build the index.',
  remedy: 'Store halfvec, or index an expression: ((embedding::halfvec(3072)) halfvec_cosine_ops).',
  bad: {
    text: `CREATE TABLE notes (id bigint PRIMARY KEY, embedding vector(3072));\nCREATE INDEX notes_embedding_idx ON notes ${HNSW};`,
  },
  good: {
    text: 'CREATE TABLE notes (id bigint PRIMARY KEY, embedding halfvec(3072));\nCREATE INDEX notes_embedding_idx ON notes USING hnsw (embedding halfvec_cosine_ops);',
  },
  *check({ node, offset }, { schema }) {
    if (!('IndexStmt' in node) || !isVectorIndex(node.IndexStmt.accessMethod)) return;
    const { relation, indexParams = [] } = node.IndexStmt;
    for (const each of indexParams) {
      if (relation === undefined || !('IndexElem' in each)) continue;
      const type = schema.column(relation, each.IndexElem.name)?.type;
      const most = MOST[type?.name ?? ''];
      const dimensions = type?.modifiers[0];
      if (type === undefined || most === undefined || dimensions === undefined || dimensions <= most) continue;
      yield {
        offset: offset(),
        message: `${each.IndexElem.name} has ${dimensions} dimensions, and an index takes ${most} of a ${type.name} at most`,
      };
    }
  },
};

export const vectorIndexWithoutOperators: SqlRule = {
  of: 'sql',
  id: 'vector-index-without-operators',
  level: 'warning',
  why: 'An index over embeddings serves one distance only. hnsw refuses to be built without one, and ivfflat silently takes the Euclidean, so that a search by cosine (<=>) reads the whole table.',
  remedy: 'Name the distance that the searches use: (embedding vector_cosine_ops).',
  bad: { text: `${TABLE}\nCREATE INDEX notes_embedding_idx ON notes USING hnsw (embedding);` },
  good: { text: `${TABLE}\nCREATE INDEX notes_embedding_idx ON notes ${HNSW};` },
  *check({ node, offset }) {
    if (!('IndexStmt' in node) || !isVectorIndex(node.IndexStmt.accessMethod)) return;
    const { indexParams = [], idxname = 'the index' } = node.IndexStmt;
    for (const each of indexParams)
      if ('IndexElem' in each && strings(each.IndexElem.opclass).length === 0)
        yield { offset: offset(), message: `${idxname} does not say for which distance it is` };
  },
};

function isVectorIndex(accessMethod: string | undefined): boolean {
  return accessMethod === 'hnsw' || accessMethod === 'ivfflat';
}
