import type { Node } from 'libpg-query';
import type { SqlRule } from '../../rule.ts';
import { tableName, walk } from '../ast.ts';
import { lockedTables } from '../earlier.ts';
import type { SqlSetting } from '../statement.ts';

const NOTES = 'CREATE TABLE notes (id bigint PRIMARY KEY, title text);';
const AUTHORS = 'CREATE TABLE authors (id bigint PRIMARY KEY);';
const MOOD = "CREATE TYPE mood AS ENUM ('ok');\nCREATE TABLE diary (id bigint PRIMARY KEY, mood mood);";

export const lockTable: SqlRule = {
  of: 'sql',
  id: 'lock-table',
  level: 'warning',
  why: 'LOCK TABLE keeps others out of the table until the file commits, whatever else the file does meanwhile.',
  remedy: 'Leave it out: each statement takes the lock that it needs, for as short as it can.',
  bad: { before: [NOTES], text: "LOCK TABLE notes;\nUPDATE notes SET title = 'x' WHERE id = 1;" },
  good: { before: [NOTES], text: "UPDATE notes SET title = 'x' WHERE id = 1;" },
  *check({ node, offset }, { isOld }) {
    // ACCESS SHARE and ROW SHARE (1 and 2) are those of reading.
    if (!('LockStmt' in node) || (node.LockStmt.mode ?? 0) <= 2) return;
    for (const each of node.LockStmt.relations ?? [])
      if ('RangeVar' in each && isOld(each.RangeVar))
        yield {
          offset: offset(each.RangeVar.location),
          message: `${tableName(each.RangeVar)} is locked until the file commits`,
        };
  },
};

export const enumValueInTransaction: SqlRule = {
  of: 'sql',
  id: 'enum-value-in-transaction',
  level: 'warning',
  why: 'A value that ALTER TYPE … ADD VALUE added cannot be used before the transaction that added it has committed (55P04, unsafe use of new value): the file fails.',
  remedy: 'Use the value in the next file.',
  bad: {
    before: [MOOD],
    text: "ALTER TYPE mood ADD VALUE IF NOT EXISTS 'fine';\nUPDATE diary SET mood = 'fine' WHERE mood = 'ok';",
  },
  good: {
    before: [MOOD, "ALTER TYPE mood ADD VALUE IF NOT EXISTS 'fine';"],
    text: "UPDATE diary SET mood = 'fine' WHERE mood = 'ok';",
  },
  *check({ node, offset }, { earlier, inTransaction }) {
    if (!inTransaction || 'AlterEnumStmt' in node || 'CommentStmt' in node) return;
    const added = earlier.enumValues;
    if (added.size === 0) return;
    for (const [kind, fields] of walk(node)) {
      const value = kind === 'A_Const' ? (fields.sval as { sval?: string } | undefined)?.sval : undefined;
      if (value !== undefined && added.has(value))
        yield {
          offset: offset(fields.location as number | undefined),
          message: `'${value}' was added in this transaction and cannot be used in it`,
        };
    }
  },
};

export const slowUnderLock: SqlRule = {
  of: 'sql',
  id: 'slow-under-lock',
  level: 'warning',
  why: 'The lock of an ALTER TABLE shuts everybody out until the file commits: what is changed in rows after it in the same file happens while all of LocalRAG waits.',
  remedy: 'Put the ALTER TABLE and the change of rows into files of their own, one after the other.',
  bad: {
    before: [NOTES],
    text: "ALTER TABLE notes ADD COLUMN language text;\nUPDATE notes SET language = 'id' WHERE language IS NULL;",
  },
  good: {
    before: [NOTES, 'ALTER TABLE notes ADD COLUMN language text;'],
    text: "UPDATE notes SET language = 'id' WHERE language IS NULL;",
  },
  *check({ node, offset }, setting) {
    if (!setting.inTransaction || !changesRows(node, setting)) return;
    const [locked] = setting.earlier.locked;
    if (locked !== undefined)
      yield { offset: offset(), message: `rows are changed while everybody is shut out of ${locked}` };
  },
};

export const severalTablesLocked: SqlRule = {
  of: 'sql',
  id: 'several-tables-locked',
  level: 'warning',
  why: 'Each ALTER TABLE holds its lock until the file commits: while the file waits for the second table, everybody waits for the first, and a transaction that uses them in the other order is a deadlock.',
  remedy: 'A file for each table.',
  bad: {
    before: [NOTES, AUTHORS],
    text: 'ALTER TABLE notes ADD COLUMN language text;\nALTER TABLE authors ADD COLUMN name text;',
  },
  good: { before: [NOTES, AUTHORS], text: 'ALTER TABLE notes ADD COLUMN language text;' },
  *check({ node, offset }, { earlier: { locked: held }, inTransaction, isOld }) {
    if (!inTransaction) return;
    const [table] = lockedTables(node, isOld);
    if (table !== undefined && held.size === 1 && !held.has(tableName(table)))
      yield {
        offset: offset(),
        message: `everybody is shut out of ${[...held].join(', ')} while this waits for ${tableName(table)}`,
      };
  },
};

/** Rows that are listed in the file are few; those that are looked for may be all. */
function changesRows(node: Node, { isOld }: SqlSetting): boolean {
  if ('UpdateStmt' in node) return node.UpdateStmt.relation !== undefined && isOld(node.UpdateStmt.relation);
  if ('DeleteStmt' in node) return node.DeleteStmt.relation !== undefined && isOld(node.DeleteStmt.relation);
  if (!('InsertStmt' in node)) return false;
  const select = node.InsertStmt.selectStmt;
  return select !== undefined && 'SelectStmt' in select && select.SelectStmt.fromClause !== undefined;
}
