import type { SqlRule } from '../../rule.ts';
import { addedConstraints, alterations, strings, tableName } from '../ast.ts';

const NOTES = 'CREATE TABLE notes (id bigint PRIMARY KEY, author_id bigint, title text, span tstzrange);';
const AUTHORS = 'CREATE TABLE authors (id bigint PRIMARY KEY);';
const AUTHOR_INDEX = 'CREATE INDEX notes_author_id_idx ON notes (author_id);';

export const checkWithoutNotValid: SqlRule = {
  of: 'sql',
  id: 'check-without-not-valid',
  level: 'warning',
  why: 'Adding a check reads the whole table, under a lock that shuts everybody out, reading queries too.',
  remedy:
    'ADD CONSTRAINT … NOT VALID, which binds new rows at once; VALIDATE CONSTRAINT in a later file, where reading and writing go on.',
  bad: { before: [NOTES], text: "ALTER TABLE notes ADD CONSTRAINT notes_title_check CHECK (title <> '');" },
  good: { before: [NOTES], text: "ALTER TABLE notes ADD CONSTRAINT notes_title_check CHECK (title <> '') NOT VALID;" },
  *check({ node, offset }, { holdsRows }) {
    for (const { table, constraint } of addedConstraints(node)) {
      const { contype, skip_validation, location } = constraint;
      if (contype === 'CONSTR_CHECK' && !skip_validation && holdsRows(table))
        yield { offset: offset(location), message: `${tableName(table)} is read as a whole, with everybody shut out` };
    }
    if (!('AlterDomainStmt' in node)) return;
    const { def, typeName } = node.AlterDomainStmt;
    if (def !== undefined && 'Constraint' in def && !def.Constraint.skip_validation)
      yield {
        offset: offset(def.Constraint.location),
        message: `every table with a column of the domain ${strings(typeName).at(-1)} is read as a whole`,
      };
  },
};

export const foreignKeyWithoutNotValid: SqlRule = {
  of: 'sql',
  id: 'foreign-key-without-not-valid',
  level: 'warning',
  why: 'Adding a foreign key looks up every row of the table in the other one, and nobody writes to either of them meanwhile.',
  remedy:
    'ADD FOREIGN KEY … NOT VALID, which binds new rows at once; VALIDATE CONSTRAINT in a later file, where reading and writing go on.',
  bad: {
    before: [NOTES, AUTHOR_INDEX, AUTHORS],
    text: 'ALTER TABLE notes ADD CONSTRAINT notes_author_fkey FOREIGN KEY (author_id) REFERENCES authors (id);',
  },
  good: {
    before: [NOTES, AUTHOR_INDEX, AUTHORS],
    text: 'ALTER TABLE notes ADD CONSTRAINT notes_author_fkey FOREIGN KEY (author_id) REFERENCES authors (id) NOT VALID;',
  },
  *check({ node, offset }, { holdsRows }) {
    const withDefault = alterations(node).some(
      ({ command: { def } }) =>
        def !== undefined &&
        'ColumnDef' in def &&
        (def.ColumnDef.constraints ?? []).some(
          (each) => 'Constraint' in each && each.Constraint.contype === 'CONSTR_DEFAULT',
        ),
    );
    for (const { table, constraint, withColumn } of addedConstraints(node)) {
      const { contype, skip_validation, pktable, location } = constraint;
      if (contype !== 'CONSTR_FOREIGN' || skip_validation || !holdsRows(table)) continue;
      // In a new column all is NULL, and PostgreSQL knows that there is nothing to look up.
      if (withColumn && !withDefault) continue;
      const other = pktable === undefined ? 'the other table' : tableName(pktable);
      yield {
        offset: offset(location),
        message: `every row of ${tableName(table)} is looked up in ${other}, and nobody can write to either meanwhile`,
      };
    }
  },
};

export const uniqueConstraintBlocks: SqlRule = {
  of: 'sql',
  id: 'unique-constraint-blocks',
  level: 'warning',
  why: 'A unique constraint or a primary key builds its index under ACCESS EXCLUSIVE: everybody is shut out, reading queries too, until it is built.',
  remedy:
    'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS in a no-transaction file, then ADD CONSTRAINT … UNIQUE USING INDEX.',
  bad: { before: [NOTES], text: 'ALTER TABLE notes ADD CONSTRAINT notes_title_key UNIQUE (title);' },
  good: {
    before: [NOTES, 'CREATE UNIQUE INDEX notes_title_key ON notes (title);'],
    text: 'ALTER TABLE notes ADD CONSTRAINT notes_title_key UNIQUE USING INDEX notes_title_key;',
  },
  *check({ node, offset }, { isOld }) {
    for (const { table, constraint } of addedConstraints(node)) {
      const { contype, indexname, location } = constraint;
      if ((contype !== 'CONSTR_UNIQUE' && contype !== 'CONSTR_PRIMARY') || indexname !== undefined) continue;
      if (isOld(table))
        yield {
          offset: offset(location),
          message: `everybody is shut out of ${tableName(table)} while the index of this ${contype === 'CONSTR_UNIQUE' ? 'constraint' : 'primary key'} is built`,
        };
    }
  },
};

export const exclusionConstraintBlocks: SqlRule = {
  of: 'sql',
  id: 'exclusion-constraint-blocks',
  level: 'warning',
  why: 'An exclusion constraint builds its index under ACCESS EXCLUSIVE, and there is no way to build it beforehand.',
  remedy:
    'Plan a time without traffic and allow it; or make a new table with the constraint, copy the rows in batches, and change over.',
  bad: { before: [NOTES], text: 'ALTER TABLE notes ADD CONSTRAINT notes_span_excl EXCLUDE USING gist (span WITH &&);' },
  good: {
    text: 'CREATE TABLE bookings (id bigint PRIMARY KEY, span tstzrange, CONSTRAINT bookings_span_excl EXCLUDE USING gist (span WITH &&));',
  },
  *check({ node, offset }, { isOld }) {
    for (const { table, constraint } of addedConstraints(node))
      if (constraint.contype === 'CONSTR_EXCLUSION' && isOld(table))
        yield {
          offset: offset(constraint.location),
          message: `everybody is shut out of ${tableName(table)} while the index of this constraint is built`,
        };
  },
};

const ADDED = "ALTER TABLE notes ADD CONSTRAINT notes_title_check CHECK (title <> '') NOT VALID;";
const VALIDATED = 'ALTER TABLE notes VALIDATE CONSTRAINT notes_title_check;';

export const validateInSameTransaction: SqlRule = {
  of: 'sql',
  id: 'validate-in-same-transaction',
  level: 'warning',
  why: 'The lock that ADD CONSTRAINT took is held until the file commits, so validating in the same file shuts everybody out as if NOT VALID were not there.',
  remedy: 'Move VALIDATE CONSTRAINT into a file of its own.',
  bad: { before: [NOTES], text: `${ADDED}\n${VALIDATED}` },
  good: { before: [NOTES, ADDED], text: VALIDATED },
  *check({ node, action }, { earlier, inTransaction, isOld }) {
    for (const { table, command, index } of alterations(node)) {
      if (command.subtype !== 'AT_ValidateConstraint' || !isOld(table) || !inTransaction) continue;
      if (command.name !== undefined && earlier.notValid.has(command.name))
        yield {
          offset: action(index),
          message: `${tableName(table)} is read as a whole under the lock that added ${command.name}`,
        };
    }
  },
};
