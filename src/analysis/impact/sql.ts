import type {
  CreateStmt,
  CreateTableAsStmt,
  DeleteStmt,
  IndexStmt,
  InsertStmt,
  MergeStmt,
  Node,
  ReindexStmt,
  UpdateStmt,
  VacuumStmt,
} from 'libpg-query';
import { alterTable } from './alter-table.ts';
import { type Effect, type Impact, impact, nameText, type RelationName, type Work } from './effect.ts';
import { callsFunctions, reads, writesIn } from './expressions.ts';
import { LOCK_MODES, type LockMode } from './locks.ts';
import { type Body, bodiesOf, relationOf, relationsOf } from './nodes.ts';
import { comment, drop, rename, setSchema } from './objects.ts';

const OPAQUE = { opaque: true, notes: ['what runs inside (a function, a DO block) is not looked into'] };
const NO_TABLE = impact({});

const on = (relation: RelationName, lock: LockMode, work: Work = 'none'): Effect => ({ relation, lock, work });

/** Each kind of statement that concerns tables; test/plan/locks.test.ts compares all of it with a real server. */
const STATEMENTS: { readonly [Kind in string]?: (statement: never) => Impact } = {
  CreateStmt: createTable,
  CreateTableAsStmt: ({ into, query, if_not_exists: ifNotExists = false }: CreateTableAsStmt) =>
    impact({ effects: reads(query), creates: [{ relation: relationOf(into?.rel) }], ifNotExists }),
  IndexStmt: createIndex,
  AlterTableStmt: alterTable,
  DropStmt: drop,
  RenameStmt: rename,
  AlterObjectSchemaStmt: setSchema,
  CommentStmt: comment,
  InsertStmt: (statement: InsertStmt) => write(statement),
  UpdateStmt: (statement: UpdateStmt) => write(statement, statement.whereClause === undefined),
  DeleteStmt: (statement: DeleteStmt) => write(statement, statement.whereClause === undefined),
  MergeStmt: (statement: MergeStmt) => write(statement),
  SelectStmt: (select: Body<'SelectStmt'>) =>
    impact({
      effects: [...writesIn(select).map((range) => on(relationOf(range), 'ROW EXCLUSIVE', 'rows')), ...reads(select)],
      creates: select.intoClause === undefined ? [] : [{ relation: relationOf(select.intoClause.rel) }],
      ...(callsFunctions(select) && OPAQUE),
    }),
  CopyStmt: ({ relation, is_from: isFrom = false, query }: Body<'CopyStmt'>) =>
    impact({
      effects:
        relation === undefined
          ? reads(query)
          : [isFrom ? on(relationOf(relation), 'ROW EXCLUSIVE', 'rows') : on(relationOf(relation), 'ACCESS SHARE')],
    }),
  TruncateStmt: ({ relations, behavior }: Body<'TruncateStmt'>) =>
    impact({
      effects: relationsOf(relations).map((relation) => on(relation, 'ACCESS EXCLUSIVE', 'empties')),
      notes: behavior === 'DROP_CASCADE' ? ['CASCADE: tables that refer to it are emptied and locked too'] : [],
    }),
  LockStmt: ({ relations, mode = 8 }: Body<'LockStmt'>) =>
    impact({
      effects: relationsOf(relations).map((relation) => on(relation, LOCK_MODES[mode - 1] ?? 'ACCESS EXCLUSIVE')),
    }),
  VacuumStmt: vacuum,
  ClusterStmt: ({ relation }: Body<'ClusterStmt'>) =>
    relation === undefined
      ? impact({
          opaque: true,
          notes: ['every table that was clustered before is locked (ACCESS EXCLUSIVE) and written anew'],
        })
      : impact({ effects: [on(relationOf(relation), 'ACCESS EXCLUSIVE', 'rewrite')] }),
  ReindexStmt: reindex,
  RefreshMatViewStmt: ({ relation, concurrent = false }: Body<'RefreshMatViewStmt'>) =>
    impact({
      effects: [
        concurrent
          ? on(relationOf(relation), 'EXCLUSIVE', 'rows')
          : on(relationOf(relation), 'ACCESS EXCLUSIVE', 'rewrite'),
      ],
    }),
  CreateTrigStmt: ({ relation, constrrel }: Body<'CreateTrigStmt'>) =>
    impact({
      effects: [relation, constrrel].flatMap((range) =>
        range === undefined ? [] : [on(relationOf(range), 'SHARE ROW EXCLUSIVE')],
      ),
    }),
  RuleStmt: ({ relation }: Body<'RuleStmt'>) => impact({ effects: [on(relationOf(relation), 'ACCESS EXCLUSIVE')] }),
  CreatePolicyStmt: ({ table }: Body<'CreatePolicyStmt'>) =>
    impact({ effects: [on(relationOf(table), 'ACCESS EXCLUSIVE')] }),
  AlterPolicyStmt: ({ table }: Body<'AlterPolicyStmt'>) =>
    impact({ effects: [on(relationOf(table), 'ACCESS EXCLUSIVE')] }),
  CreateStatsStmt: ({ relations, if_not_exists: ifNotExists = false }: Body<'CreateStatsStmt'>) =>
    impact({ effects: relationsOf(relations).map((each) => on(each, 'SHARE UPDATE EXCLUSIVE')), ifNotExists }),
  ViewStmt: ({ view, query, replace = false }: Body<'ViewStmt'>) =>
    impact({
      effects: [...reads(query), ...(replace ? [on(relationOf(view), 'ACCESS EXCLUSIVE')] : [])],
      creates: [{ relation: relationOf(view) }],
    }),
  CreateSeqStmt: ({ sequence, if_not_exists: ifNotExists = false }: Body<'CreateSeqStmt'>) =>
    impact({ creates: [{ relation: relationOf(sequence) }], ifNotExists }),
  AlterSeqStmt: ({ sequence }: Body<'AlterSeqStmt'>) =>
    impact({ effects: [on(relationOf(sequence), 'SHARE ROW EXCLUSIVE')] }),
  CreatePublicationStmt: ({ pubobjects }: Body<'CreatePublicationStmt'>) =>
    impact({
      effects: bodiesOf(pubobjects, 'PublicationObjSpec').flatMap(({ pubtable }) =>
        pubtable === undefined ? [] : [on(relationOf(pubtable.relation), 'SHARE UPDATE EXCLUSIVE')],
      ),
    }),
  DoStmt: () => impact(OPAQUE),
  CallStmt: () => impact(OPAQUE),
  AlterExtensionStmt: () =>
    impact({ opaque: true, notes: ["what the extension's update script does is not looked into"] }),
  AlterDomainStmt: ({ subtype }: Body<'AlterDomainStmt'>) =>
    ['C', 'O', 'V'].includes(String(subtype))
      ? impact({ opaque: true, notes: ['tables with a column of this domain are locked (SHARE) and scanned'] })
      : NO_TABLE,
  AlterOwnerStmt: () => NO_TABLE,
  DropOwnedStmt: () =>
    impact({ opaque: true, notes: ['everything that the role owns is dropped, and locked (ACCESS EXCLUSIVE)'] }),
  ReassignOwnedStmt: () =>
    impact({ opaque: true, notes: ['everything that the role owns is locked (ACCESS EXCLUSIVE) for a moment'] }),
};

/** What concerns no table, or only names it. */
const WITHOUT_TABLES =
  /^(Create(Function|Extension|Schema|Enum|Domain|Range|Role|Cast|Event|Plang|OpClass|OpFamily|Conversion|Am|Transform|db|Fdw|ForeignServer|UserMapping|Subscription|TableSpace)|CompositeType|Define|Alter(Enum|Function|Role|Database|DefaultPrivileges|System|Type|Operator|OpFamily|Collation|Event|TS|Fdw|ForeignServer|UserMapping|ObjectDepends)|Grant|Variable|Notify|Listen|Unlisten|Drop(Role|db|TableSpace|Subscription|UserMapping)|Discard|Load|Checkpoint|Constraints|SecLabel|Explain)/;

export function impactOfSql(node: Node): Impact {
  const [[kind, body] = ['', undefined]] = Object.entries(node);
  const analyse = STATEMENTS[kind] as ((statement: unknown) => Impact) | undefined;
  if (analyse !== undefined) return analyse(body);
  if (WITHOUT_TABLES.test(kind)) return NO_TABLE;
  return impact({ opaque: true, notes: ['this kind of statement is not looked into'] });
}

function createTable({ relation, tableElts, inhRelations, constraints, partbound, if_not_exists }: CreateStmt): Impact {
  const columns = bodiesOf(tableElts, 'ColumnDef').flatMap((column) => bodiesOf(column.constraints, 'Constraint'));
  const all = [...columns, ...bodiesOf(tableElts, 'Constraint'), ...bodiesOf(constraints, 'Constraint')];
  const table = relationOf(relation);
  const referred = all.flatMap(({ pktable }) => (pktable === undefined ? [] : [relationOf(pktable)]));
  const others = new Map(referred.map((other) => [nameText(other), other]));
  others.delete(nameText(table));
  return impact({
    effects: [
      ...[...others.values()].map((other) => on(other, 'SHARE ROW EXCLUSIVE')),
      ...relationsOf(inhRelations).map((parent) =>
        on(parent, partbound === undefined ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE'),
      ),
      ...bodiesOf(tableElts, 'TableLikeClause').map((like) => on(relationOf(like.relation), 'ACCESS SHARE')),
    ],
    creates: [{ relation: table }],
    ifNotExists: if_not_exists ?? false,
    notes: partbound === undefined ? [] : ['a default partition is locked and scanned too'],
  });
}

function createIndex({ relation, idxname, concurrent = false, if_not_exists, accessMethod }: IndexStmt): Impact {
  const table = relationOf(relation);
  const name = idxname === undefined ? undefined : { ...table, name: idxname };
  return impact({
    effects: [on(table, concurrent ? 'SHARE UPDATE EXCLUSIVE' : 'SHARE', 'index')],
    creates: name === undefined ? [] : [{ relation: name, on: table }],
    ifNotExists: if_not_exists ?? false,
    waitsForTransactions: concurrent,
    notes: accessMethod === 'hnsw' ? ['hnsw: slow where the graph outgrows maintenance_work_mem'] : [],
  });
}

function write(statement: InsertStmt | UpdateStmt | DeleteStmt | MergeStmt, everyRow = false): Impact {
  const targets = [...(statement.relation === undefined ? [] : [statement.relation]), ...writesIn(statement)];
  const written = new Set(targets.map((range) => nameText(relationOf(range))));
  return impact({
    effects: [
      ...targets.map((range) => on(relationOf(range), 'ROW EXCLUSIVE', 'rows')),
      ...reads(statement, targets).filter(({ relation }) => !written.has(nameText(relation))),
    ],
    notes: everyRow ? ['without WHERE: every row'] : [],
  });
}

function vacuum({ options, rels, is_vacuumcmd: isVacuum = false }: VacuumStmt): Impact {
  const full = bodiesOf(options, 'DefElem').some(({ defname }) => defname === 'full');
  const lock = full ? 'ACCESS EXCLUSIVE' : 'SHARE UPDATE EXCLUSIVE';
  const tables = bodiesOf(rels, 'VacuumRelation').map((each) => relationOf(each.relation));
  return impact({
    opaque: tables.length === 0,
    effects: tables.map((relation) => on(relation, lock, full ? 'rewrite' : isVacuum ? 'scan' : 'none')),
    notes: [
      ...(tables.length === 0 ? [`every table, one after the other (${lock})`] : []),
      ...(isVacuum ? [] : ['reads a sample of the rows']),
    ],
  });
}

function reindex({ kind, relation, params }: ReindexStmt): Impact {
  const concurrently = bodiesOf(params, 'DefElem').some(({ defname }) => defname === 'concurrently');
  if (relation === undefined)
    return impact({ opaque: true, notes: ['every index of the schema or database is built again'] });
  const effect: Effect = concurrently
    ? on(relationOf(relation), 'SHARE UPDATE EXCLUSIVE', 'index')
    : { ...on(relationOf(relation), 'SHARE', 'index'), readersWait: true };
  return impact({
    effects: [kind === 'REINDEX_OBJECT_INDEX' ? { ...effect, tableOf: true } : effect],
    waitsForTransactions: concurrently,
    notes: concurrently ? [] : ['the indexes themselves are locked in ACCESS EXCLUSIVE, so readers wait too'],
  });
}
