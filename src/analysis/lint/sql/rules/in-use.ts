import type { SqlRule } from '../../rule.ts';
import { alterations, droppedNames, nameOf, tableName } from '../ast.ts';

const NOTES = 'CREATE TABLE notes (id bigint PRIMARY KEY, title text);';

const RUNNING =
  'Pods of the version before go on running while the migration is applied and until the last of them is replaced, and after a rollback they come back: each of their queries that names it fails.';

export const dropTable: SqlRule = {
  of: 'sql',
  id: 'drop-table',
  level: 'warning',
  why: `${RUNNING} The rows are gone for good.`,
  remedy: 'Drop it one release after the last version that uses it, with `allow drop-table: not used since …`.',
  bad: { before: [NOTES], text: 'DROP TABLE notes;' },
  good: {
    before: [NOTES],
    text: '-- migrate: allow drop-table: no version since 2.3 reads or writes it\nDROP TABLE notes;',
  },
  *check({ node, offset }, { isOld }) {
    if (!('DropStmt' in node) || node.DropStmt.removeType !== 'OBJECT_TABLE') return;
    for (const name of droppedNames(node.DropStmt.objects))
      if (isOld(name)) yield { offset: offset(), message: `${name} goes while the version before may still use it` };
  },
};

export const dropColumn: SqlRule = {
  of: 'sql',
  id: 'drop-column',
  level: 'warning',
  why: `${RUNNING} Its values are gone for good.`,
  remedy: 'Drop it one release after the last version that uses it, with `allow drop-column: not used since …`.',
  bad: { before: [NOTES], text: 'ALTER TABLE notes DROP COLUMN title;' },
  good: {
    before: [NOTES],
    text: '-- migrate: allow drop-column: no version since 2.3 reads or writes it\nALTER TABLE notes DROP COLUMN title;',
  },
  *check({ node, action }, { schema, isOld, wasMadeBefore }) {
    for (const { table, command, index } of alterations(node)) {
      const column = schema.column(table, command.name);
      if (command.subtype !== 'AT_DropColumn' || !isOld(table)) continue;
      if (column !== undefined && !wasMadeBefore(column)) continue;
      yield {
        offset: action(index),
        message: `${tableName(table)}.${command.name} goes while the version before may still use it`,
      };
    }
  },
};

export const renameTable: SqlRule = {
  of: 'sql',
  id: 'rename-table',
  level: 'warning',
  why: RUNNING,
  remedy: 'Leave the name; or make a view of the old name over the renamed table in the same file, and allow it.',
  bad: { before: [NOTES], text: 'ALTER TABLE notes RENAME TO remarks;' },
  good: { before: [NOTES], text: 'CREATE VIEW remarks AS SELECT id, title FROM notes;' },
  *check({ node, offset }, { isOld }) {
    if ('RenameStmt' in node && node.RenameStmt.renameType === 'OBJECT_TABLE') {
      const { relation, newname } = node.RenameStmt;
      if (relation !== undefined && isOld(relation))
        yield { offset: offset(), message: `the version before looks for ${tableName(relation)} and finds ${newname}` };
    }
    if ('AlterObjectSchemaStmt' in node && node.AlterObjectSchemaStmt.objectType === 'OBJECT_TABLE') {
      const { relation, newschema } = node.AlterObjectSchemaStmt;
      if (relation !== undefined && isOld(relation))
        yield {
          offset: offset(),
          message: `the version before looks for ${tableName(relation)}, which moves to ${newschema}`,
        };
    }
  },
};

export const renameColumn: SqlRule = {
  of: 'sql',
  id: 'rename-column',
  level: 'warning',
  why: RUNNING,
  remedy:
    'Add a column of the new name, write both, fill the old rows in batches, and drop the old one in a later release.',
  bad: { before: [NOTES], text: 'ALTER TABLE notes RENAME COLUMN title TO heading;' },
  good: { before: [NOTES], text: 'ALTER TABLE notes ADD COLUMN heading text;' },
  *check({ node, offset }, { schema, isOld, wasMadeBefore }) {
    if (!('RenameStmt' in node) || node.RenameStmt.renameType !== 'OBJECT_COLUMN') return;
    const { relation, subname, newname } = node.RenameStmt;
    if (relation === undefined || !isOld(relation)) return;
    const column = schema.column(relation, subname);
    if (column === undefined || wasMadeBefore(column))
      yield {
        offset: offset(),
        message: `the version before looks for ${tableName(relation)}.${subname} and finds ${newname}`,
      };
  },
};

export const renameEnumValue: SqlRule = {
  of: 'sql',
  id: 'rename-enum-value',
  level: 'warning',
  why: RUNNING,
  remedy: 'Add the new value, let the next release write it, and change the rows once nothing writes the old one.',
  bad: { before: ["CREATE TYPE mood AS ENUM ('ok');"], text: "ALTER TYPE mood RENAME VALUE 'ok' TO 'fine';" },
  good: { before: ["CREATE TYPE mood AS ENUM ('ok');"], text: "ALTER TYPE mood ADD VALUE IF NOT EXISTS 'fine';" },
  *check({ node, offset }, { schema, wasMadeBefore }) {
    if (!('AlterEnumStmt' in node) || node.AlterEnumStmt.oldVal === undefined) return;
    const type = nameOf(node.AlterEnumStmt.typeName);
    const made = schema.enums.get(type);
    if (made === undefined || wasMadeBefore(made))
      yield {
        offset: offset(),
        message: `the version before writes '${node.AlterEnumStmt.oldVal}', which ${type} no longer has`,
      };
  },
};

export const dropCascade: SqlRule = {
  of: 'sql',
  id: 'drop-cascade',
  level: 'warning',
  why: 'CASCADE drops whatever depends on the object, on this database and unseen: views, foreign keys, columns of other tables.',
  remedy:
    'Drop by name what depends on it, and leave CASCADE out: the server then names what was forgotten, and changes nothing.',
  bad: { before: ['CREATE VIEW titles AS SELECT 1 AS id;'], text: 'DROP VIEW titles CASCADE;' },
  good: { before: ['CREATE VIEW titles AS SELECT 1 AS id;'], text: 'DROP VIEW titles;' },
  *check({ node, offset, action }) {
    if ('DropStmt' in node && node.DropStmt.behavior === 'DROP_CASCADE')
      yield { offset: offset(), message: 'what depends on it goes too, and nothing here says what that is' };
    for (const { command, index } of alterations(node))
      if (command.behavior === 'DROP_CASCADE' && /^AT_Drop/.test(command.subtype ?? ''))
        yield {
          offset: action(index),
          message: `what depends on ${command.name} goes too, and nothing here says what that is`,
        };
  },
};
