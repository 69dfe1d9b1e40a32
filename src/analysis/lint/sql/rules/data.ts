import type { SqlRule } from '../../rule.ts';
import { tableName } from '../ast.ts';
import { unfiltered } from '../emptied.ts';

const NOTES = 'CREATE TABLE notes (id bigint PRIMARY KEY, title text);';

export const truncate: SqlRule = {
  of: 'sql',
  id: 'truncate',
  level: 'warning',
  why: 'TRUNCATE deletes every row for good, shuts everybody out, and fires no DELETE trigger.',
  remedy: 'Delete the rows that have to go, by a WHERE; or allow it with the reason why nothing is lost.',
  bad: { before: [NOTES], text: 'TRUNCATE notes;' },
  good: { before: [NOTES], text: "DELETE FROM notes WHERE title = 'draft';" },
  *check({ node, offset }, { isOld }) {
    if (!('TruncateStmt' in node)) return;
    for (const each of node.TruncateStmt.relations ?? [])
      if ('RangeVar' in each && isOld(each.RangeVar))
        yield { offset: offset(each.RangeVar.location), message: `every row of ${tableName(each.RangeVar)} goes` };
  },
};

export const unboundedDelete: SqlRule = {
  of: 'sql',
  id: 'unbounded-delete',
  level: 'warning',
  why: 'A DELETE without WHERE deletes every row for good, in one transaction that holds a lock on each of them.',
  remedy: 'Say by a WHERE which rows have to go.',
  bad: { before: [NOTES], text: 'DELETE FROM notes;' },
  good: { before: [NOTES], text: "DELETE FROM notes WHERE title = 'draft';" },
  *check({ node, offset }, { isOld }) {
    for (const table of unfiltered(node, 'DeleteStmt'))
      if (isOld(table)) yield { offset: offset(table.location), message: `every row of ${tableName(table)} goes` };
  },
};

export const unboundedUpdate: SqlRule = {
  of: 'sql',
  id: 'unbounded-update',
  level: 'warning',
  why: 'An UPDATE without WHERE writes every row anew in one transaction: others wait for each row until it commits, and the table doubles in size.',
  remedy:
    'Say by a WHERE which rows need it (column IS DISTINCT FROM …); a large table in batches, one statement each in a no-transaction file.',
  bad: { before: [NOTES], text: 'UPDATE notes SET title = trim(title);' },
  good: { before: [NOTES], text: 'UPDATE notes SET title = trim(title) WHERE title <> trim(title);' },
  *check({ node, offset }, { isOld }) {
    for (const table of unfiltered(node, 'UpdateStmt'))
      if (isOld(table))
        yield { offset: offset(table.location), message: `every row of ${tableName(table)} is written anew` };
  },
};

export const copyFromServerFile: SqlRule = {
  of: 'sql',
  id: 'server-file',
  level: 'warning',
  why: 'COPY with a file name or a PROGRAM reads and writes on the database server: it needs a superuser, or rights that managed PostgreSQL gives nobody, and a file that is not there.',
  remedy: 'Write the rows as INSERT INTO … VALUES.',
  bad: { before: [NOTES], text: "COPY notes FROM '/tmp/notes.csv';" },
  good: { before: [NOTES], text: "INSERT INTO notes VALUES (1, 'first') ON CONFLICT DO NOTHING;" },
  *check({ node, offset }) {
    if ('CopyStmt' in node && node.CopyStmt.filename !== undefined)
      yield { offset: offset(), message: `${node.CopyStmt.filename} would have to be on the database server` };
  },
};
