import type { SqlRule } from '../../rule.ts';
import { addedColumns, addedConstraints, alterations, strings, tableName } from '../ast.ts';

const NOTES = 'CREATE TABLE notes (id bigint PRIMARY KEY, title text);';
const CHECK = 'ALTER TABLE notes ADD CONSTRAINT notes_title_not_null CHECK (title IS NOT NULL) NOT VALID;';
const VALIDATED = 'ALTER TABLE notes VALIDATE CONSTRAINT notes_title_not_null;';

export const notNullScans: SqlRule = {
  of: 'sql',
  id: 'not-null-scans',
  level: 'warning',
  why: 'SET NOT NULL reads the whole table with everybody shut out, unless a validated check says already that the column holds no NULL.',
  remedy:
    'ADD CONSTRAINT … CHECK (column IS NOT NULL) NOT VALID; VALIDATE CONSTRAINT in the next file; SET NOT NULL and DROP CONSTRAINT in a third.',
  bad: { before: [NOTES], text: 'ALTER TABLE notes ALTER COLUMN title SET NOT NULL;' },
  good: {
    before: [NOTES, CHECK, VALIDATED],
    text: 'ALTER TABLE notes ALTER COLUMN title SET NOT NULL, DROP CONSTRAINT notes_title_not_null;',
  },
  *check({ node, action, offset }, { schema, holdsRows }) {
    for (const { table, command, index } of alterations(node)) {
      if (command.subtype !== 'AT_SetNotNull' || !holdsRows(table)) continue;
      if (schema.column(table, command.name)?.notNull) continue;
      const checks = schema.tables.get(tableName(table))?.checks ?? [];
      if (checks.some(({ notNull, validated }) => validated && notNull === command.name)) continue;
      yield {
        offset: action(index),
        message: `${tableName(table)} is read as a whole, with everybody shut out, to see that ${command.name} is never NULL`,
      };
    }
    // PostgreSQL 18 has the same as a constraint with a name.
    for (const { table, constraint, withColumn } of addedConstraints(node))
      if (constraint.contype === 'CONSTR_NOTNULL' && !constraint.skip_validation && !withColumn && holdsRows(table))
        yield {
          offset: offset(constraint.location),
          message: `${tableName(table)} is read as a whole, with everybody shut out, to see that ${strings(constraint.keys)[0]} is never NULL`,
        };
  },
};

export const requiredColumnWithoutDefault: SqlRule = {
  of: 'sql',
  id: 'required-column-without-default',
  level: 'warning',
  why: 'A column that is NOT NULL and has no default cannot be added to a table that holds a row; and what the running version of LocalRAG inserts does not name it.',
  remedy: 'Give it a default, or add it without NOT NULL, fill it, and make it NOT NULL in a later release.',
  bad: { before: [NOTES], text: 'ALTER TABLE notes ADD COLUMN language text NOT NULL;' },
  good: { before: [NOTES], text: "ALTER TABLE notes ADD COLUMN language text NOT NULL DEFAULT 'id';" },
  *check({ node, offset }, { holdsRows }) {
    for (const { table, name, column, constraints } of addedColumns(node)) {
      const has = (...kinds: readonly string[]) => constraints.some(({ contype }) => kinds.includes(contype ?? ''));
      if (!has('CONSTR_NOTNULL', 'CONSTR_PRIMARY')) continue;
      if (has('CONSTR_DEFAULT', 'CONSTR_GENERATED', 'CONSTR_IDENTITY')) continue;
      const serial = strings(column.typeName?.names).some((type) => /serial/.test(type));
      if (!serial && holdsRows(table))
        yield {
          offset: offset(column.location),
          message: `the rows that ${tableName(table)} holds have no value for ${name}`,
        };
    }
  },
};
