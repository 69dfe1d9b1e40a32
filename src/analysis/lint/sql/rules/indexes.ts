import type { SqlRule } from '../../rule.ts';
import { strings, tableName } from '../ast.ts';

const TABLE = 'CREATE TABLE notes (id bigint PRIMARY KEY, title text);';

export const indexBlocksWrites: SqlRule = {
  of: 'sql',
  id: 'index-blocks-writes',
  level: 'warning',
  why: 'CREATE INDEX lets nobody write to the table until the index is built, and that takes as long as reading and sorting the whole table.',
  remedy: 'CREATE INDEX CONCURRENTLY IF NOT EXISTS, in a file of its own with the directive no-transaction.',
  bad: { before: [TABLE], text: 'CREATE INDEX notes_title_idx ON notes (title);' },
  good: {
    before: [TABLE],
    text: '-- migrate: no-transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS notes_title_idx ON notes (title);',
  },
  *check({ node, offset }, { isOld }) {
    if (!('IndexStmt' in node) || node.IndexStmt.concurrent || VECTOR.has(node.IndexStmt.accessMethod ?? '')) return;
    const { relation, idxname = 'the index' } = node.IndexStmt;
    if (relation === undefined || !isOld(relation)) return;
    yield { offset: offset(), message: `nobody can write to ${tableName(relation)} while ${idxname} is built` };
  },
};

const VECTOR = new Set(['hnsw', 'ivfflat']);

export const dropIndexBlocks: SqlRule = {
  of: 'sql',
  id: 'drop-index-blocks',
  level: 'warning',
  why: 'DROP INDEX takes ACCESS EXCLUSIVE on the table: it waits for every query that is under way, and meanwhile every new one, reading ones too, waits behind it.',
  remedy: 'DROP INDEX CONCURRENTLY IF EXISTS, in a file of its own with the directive no-transaction.',
  bad: { before: [TABLE, 'CREATE INDEX notes_title_idx ON notes (title);'], text: 'DROP INDEX notes_title_idx;' },
  good: {
    before: [TABLE, 'CREATE INDEX notes_title_idx ON notes (title);'],
    text: '-- migrate: no-transaction\nDROP INDEX CONCURRENTLY IF EXISTS notes_title_idx;',
  },
  *check({ node, offset }, { schema, wasMadeBefore }) {
    if (!('DropStmt' in node) || node.DropStmt.removeType !== 'OBJECT_INDEX' || node.DropStmt.concurrent) return;
    for (const object of node.DropStmt.objects ?? []) {
      const name = 'List' in object ? (strings(object.List.items).at(-1) ?? '') : '';
      const index = schema.index(name);
      if (index === undefined || wasMadeBefore(index))
        yield { offset: offset(), message: `dropping ${name} shuts everybody out of its table` };
    }
  },
};

export const reindexBlocks: SqlRule = {
  of: 'sql',
  id: 'reindex-blocks',
  level: 'warning',
  why: 'REINDEX lets nobody write to the table while it builds the index again, and no query that would use the index can run.',
  remedy: 'REINDEX INDEX CONCURRENTLY (or TABLE), in a file of its own with the directive no-transaction.',
  bad: { before: [TABLE], text: 'REINDEX TABLE notes;' },
  good: { before: [TABLE], text: '-- migrate: no-transaction\nREINDEX TABLE CONCURRENTLY notes;' },
  *check({ node, offset }, { isOld }) {
    if (!('ReindexStmt' in node)) return;
    const { params = [], relation, kind, name } = node.ReindexStmt;
    if (params.some((each) => 'DefElem' in each && each.DefElem.defname === 'concurrently')) return;
    if (kind === 'REINDEX_OBJECT_TABLE' && relation !== undefined && !isOld(relation)) return;
    const what = relation === undefined ? (name ?? 'everything') : tableName(relation);
    yield { offset: offset(), message: `nobody can write while ${what} is indexed anew` };
  },
};

export const refreshBlocksReads: SqlRule = {
  of: 'sql',
  id: 'refresh-blocks-reads',
  level: 'warning',
  why: 'REFRESH MATERIALIZED VIEW takes ACCESS EXCLUSIVE: nobody reads the view until it is filled again.',
  remedy: 'REFRESH MATERIALIZED VIEW CONCURRENTLY; the view needs a unique index over whole columns for it.',
  bad: {
    before: ['CREATE MATERIALIZED VIEW totals AS SELECT 1 AS id;'],
    text: 'REFRESH MATERIALIZED VIEW totals;',
  },
  good: {
    before: ['CREATE MATERIALIZED VIEW totals AS SELECT 1 AS id;\nCREATE UNIQUE INDEX totals_id_idx ON totals (id);'],
    text: 'REFRESH MATERIALIZED VIEW CONCURRENTLY totals;',
  },
  *check({ node, offset }, { isOld }) {
    if (!('RefreshMatViewStmt' in node) || node.RefreshMatViewStmt.concurrent) return;
    const { relation } = node.RefreshMatViewStmt;
    if (relation !== undefined && isOld(relation))
      yield { offset: offset(), message: `nobody can read ${tableName(relation)} while it is filled again` };
  },
};
