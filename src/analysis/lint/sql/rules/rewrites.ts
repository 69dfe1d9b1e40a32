import { keepsRows } from '../../../column-type.ts';
import { volatileCall } from '../../../impact/expressions.ts';
import { typeOf } from '../../../impact/nodes.ts';
import type { SqlRule } from '../../rule.ts';
import { addedColumns, alterations, tableName } from '../ast.ts';

const NOTES = 'CREATE TABLE notes (id bigint PRIMARY KEY, title varchar(100), size integer);';

const SERIAL = /^(small|big)?serial[248]?$/;

export const volatileDefaultRewrites: SqlRule = {
  of: 'sql',
  id: 'volatile-default-rewrites',
  level: 'warning',
  why: 'A default that differs from row to row (random, gen_random_uuid, clock_timestamp, a sequence) makes PostgreSQL write the whole table and its indexes anew, with everybody shut out. A constant or now() costs nothing.',
  remedy:
    'Add the column without a default; ALTER COLUMN … SET DEFAULT, which concerns new rows only; fill the old rows in batches.',
  bad: { before: [NOTES], text: 'ALTER TABLE notes ADD COLUMN token uuid DEFAULT gen_random_uuid();' },
  good: {
    before: [NOTES],
    text: 'ALTER TABLE notes ADD COLUMN token uuid, ALTER COLUMN token SET DEFAULT gen_random_uuid();',
  },
  *check({ node, offset }, { holdsRows }) {
    for (const { table, name, column, constraints } of addedColumns(node)) {
      if (!holdsRows(table)) continue;
      const type = column.typeName === undefined ? '' : typeOf(column.typeName).name;
      const [default_] = constraints.filter(({ contype }) => contype === 'CONSTR_DEFAULT');
      const called = volatileCall(default_?.raw_expr);
      const identity = constraints.some(({ contype }) => contype === 'CONSTR_IDENTITY');
      const cause =
        identity || SERIAL.test(type)
          ? `${name} takes its values from a sequence`
          : called && `${called}() differs from row to row`;
      if (cause !== undefined)
        yield {
          offset: offset(default_?.location ?? column.location),
          message: `${tableName(table)} is written anew, with everybody shut out: ${cause}`,
        };
    }
  },
};

export const generatedColumnRewrites: SqlRule = {
  of: 'sql',
  id: 'generated-column-rewrites',
  level: 'warning',
  why: 'A stored generated column has to be computed for every row: PostgreSQL writes the whole table and its indexes anew, with everybody shut out.',
  remedy:
    'Index the expression, compute it in a view, or (PostgreSQL 18) make the column VIRTUAL; else add a plain column that a trigger fills, and fill the old rows in batches.',
  bad: {
    before: [NOTES],
    text: 'ALTER TABLE notes ADD COLUMN title_lower text GENERATED ALWAYS AS (lower(title)) STORED;',
  },
  good: {
    before: [NOTES],
    text: '-- migrate: no-transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS notes_title_lower_idx ON notes (lower(title));',
  },
  *check({ node, offset }, { holdsRows }) {
    for (const { table, name, constraints } of addedColumns(node))
      for (const { contype, generated_kind, location } of constraints)
        if (contype === 'CONSTR_GENERATED' && generated_kind !== 'v' && holdsRows(table))
          yield {
            offset: offset(location),
            message: `${tableName(table)} is written anew, with everybody shut out, to compute ${name}`,
          };
  },
};

export const typeChangeRewrites: SqlRule = {
  of: 'sql',
  id: 'type-change-rewrites',
  level: 'warning',
  why: 'Most changes of a type make PostgreSQL write the whole table and its indexes anew, with everybody shut out; and the running version of LocalRAG still reads and writes the old type. A longer varchar, varchar to text and a wider numeric cost nothing.',
  remedy:
    'Add a column of the new type, write both, fill the old rows in batches, and drop the old column in a later release.',
  bad: { before: [NOTES], text: 'ALTER TABLE notes ALTER COLUMN size TYPE bigint;' },
  good: { before: [NOTES], text: 'ALTER TABLE notes ALTER COLUMN title TYPE varchar(200);' },
  *check({ node, action }, { schema, isOld }) {
    for (const { table, command, index } of alterations(node)) {
      const { subtype, name, def } = command;
      if (subtype !== 'AT_AlterColumnType' || def === undefined || !('ColumnDef' in def) || !isOld(table)) continue;
      const { typeName, raw_default } = def.ColumnDef;
      const old = schema.column(table, name)?.type;
      if (
        typeName === undefined ||
        (raw_default === undefined && old !== undefined && keepsRows(old, typeOf(typeName)))
      )
        continue;
      yield {
        offset: action(index),
        message: `${tableName(table)} is written anew, with everybody shut out, to change the type of ${name}${old === undefined ? ', as far as the files tell' : ''}`,
      };
    }
  },
};

export const tableRewrite: SqlRule = {
  of: 'sql',
  id: 'table-rewrite',
  level: 'warning',
  why: 'VACUUM FULL, CLUSTER, SET TABLESPACE, SET LOGGED or UNLOGGED and SET ACCESS METHOD copy the whole table with everybody shut out, and need its size on disk a second time.',
  remedy:
    'Plain VACUUM gives the space to new rows without a lock; to shrink or move a table at work, use pg_repack or plan a time without traffic.',
  bad: { before: [NOTES], text: '-- migrate: no-transaction\nVACUUM (FULL) notes;' },
  good: { before: [NOTES], text: '-- migrate: no-transaction\nVACUUM (ANALYZE) notes;' },
  *check({ node, offset, action }, { isOld }) {
    if ('VacuumStmt' in node) {
      const { options = [], rels = [] } = node.VacuumStmt;
      if (!options.some((each) => 'DefElem' in each && each.DefElem.defname === 'full')) return;
      const tables = rels.flatMap((each) => ('VacuumRelation' in each ? (each.VacuumRelation.relation ?? []) : []));
      if (tables.length === 0 || tables.some((table) => isOld(table)))
        yield {
          offset: offset(),
          message: `VACUUM FULL copies ${tables.map(tableName).join(', ') || 'every table'} with everybody shut out`,
        };
    } else if ('ClusterStmt' in node) {
      const { relation } = node.ClusterStmt;
      if (relation === undefined || isOld(relation))
        yield {
          offset: offset(),
          message: `CLUSTER copies ${relation === undefined ? 'every table that was clustered' : tableName(relation)} with everybody shut out`,
        };
    }
    for (const { table, command, index } of alterations(node)) {
      const what = COPYING[command.subtype ?? ''];
      if (what !== undefined && isOld(table))
        yield { offset: action(index), message: `${what} copies ${tableName(table)} with everybody shut out` };
    }
  },
};

const COPYING: Readonly<Record<string, string>> = {
  AT_SetTableSpace: 'SET TABLESPACE',
  AT_SetLogged: 'SET LOGGED',
  AT_SetUnLogged: 'SET UNLOGGED',
  AT_SetAccessMethod: 'SET ACCESS METHOD',
};
