import type { AlterTableCmd, AlterTableStmt, ColumnDef, Constraint } from 'libpg-query';
import { type Effect, type Impact, impact, nameText, type RelationName, type Work } from './effect.ts';
import { volatileCall } from './expressions.ts';
import { type LockMode, strongest } from './locks.ts';
import { bodiesOf, bodyOf, relationOf, typeOf, wordsOf } from './nodes.ts';

/** What one of the commands of an ALTER TABLE does to its table, and to others. */
interface Part {
  readonly lock: LockMode;
  readonly work: Work;
  readonly retypes?: Effect['retypes'];
  readonly others?: readonly Effect[];
  readonly builds?: string | undefined;
  readonly notes?: readonly string[];
  readonly waits?: boolean;
}

const MOMENT: Part = { lock: 'ACCESS EXCLUSIVE', work: 'none' };
const SCAN: Part = { lock: 'ACCESS EXCLUSIVE', work: 'scan' };
const REWRITE: Part = { lock: 'ACCESS EXCLUSIVE', work: 'rewrite' };
const WEAK: Part = { lock: 'SHARE UPDATE EXCLUSIVE', work: 'none' };
const TRIGGERS: Part = { lock: 'SHARE ROW EXCLUSIVE', work: 'none' };

/**
 * By AlterTableGetLockLevel in PostgreSQL's tablecmds.c; what is not here takes ACCESS EXCLUSIVE for a moment.
 * test/plan/locks.test.ts compares all of it with a real server.
 */
const COMMANDS: Readonly<Record<string, Part | ((command: AlterTableCmd) => Part)>> = {
  AT_AddColumn: ({ def }) => addColumn(bodyOf(def, 'ColumnDef')),
  AT_AddConstraint: ({ def }) => addConstraint(bodyOf(def, 'Constraint')),
  AT_AlterColumnType: retype,
  AT_SetNotNull: {
    ...SCAN,
    notes: ['a valid CHECK (… IS NOT NULL) that is there already spares the scan'],
  },
  AT_ValidateConstraint: {
    lock: 'SHARE UPDATE EXCLUSIVE',
    work: 'scan',
    notes: ['the table that a foreign key refers to is locked in ROW SHARE'],
  },
  AT_DropConstraint: { ...MOMENT, notes: ['for a foreign key the other table is locked in the same way'] },
  AT_SetExpression: REWRITE,
  AT_AddIdentity: MOMENT,
  AT_SetLogged: REWRITE,
  AT_SetUnLogged: REWRITE,
  AT_SetAccessMethod: REWRITE,
  AT_SetTableSpace: REWRITE,
  AT_SetStatistics: WEAK,
  AT_SetOptions: WEAK,
  AT_ResetOptions: WEAK,
  AT_ClusterOn: WEAK,
  AT_DropCluster: WEAK,
  AT_SetRelOptions: options,
  AT_ResetRelOptions: options,
  AT_EnableTrig: TRIGGERS,
  AT_EnableAlwaysTrig: TRIGGERS,
  AT_EnableReplicaTrig: TRIGGERS,
  AT_EnableTrigAll: TRIGGERS,
  AT_EnableTrigUser: TRIGGERS,
  AT_DisableTrig: TRIGGERS,
  AT_DisableTrigAll: TRIGGERS,
  AT_DisableTrigUser: TRIGGERS,
  AT_AttachPartition: ({ def }) => ({
    lock: 'SHARE UPDATE EXCLUSIVE',
    work: 'none',
    others: [{ relation: relationOf(bodyOf(def, 'PartitionCmd')?.name), lock: 'ACCESS EXCLUSIVE', work: 'scan' }],
    notes: ['a valid CHECK that implies the bounds spares the scan; a default partition is locked and scanned too'],
  }),
  AT_DetachPartition: ({ def }) => {
    const { name, concurrent = false } = bodyOf(def, 'PartitionCmd') ?? {};
    const lock = concurrent ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE';
    return { lock, work: 'none', waits: concurrent, others: [{ relation: relationOf(name), lock, work: 'none' }] };
  },
  AT_AddInherit: inherit,
  AT_DropInherit: inherit,
};

export function alterTable({ relation, cmds, objtype }: AlterTableStmt): Impact {
  const table = relationOf(relation);
  // A composite type has no rows of its own.
  if (objtype === 'OBJECT_TYPE') return impact({});
  const parts = bodiesOf(cmds, 'AlterTableCmd').map(partOf);
  const working = parts.filter(({ work }) => work !== 'none');
  const own: Effect = {
    relation: table,
    lock: strongest(parts.map(({ lock }) => lock)),
    work: heaviest(parts.map(({ work }) => work)),
    ...(working.length === 1 && working[0]?.retypes && { retypes: working[0].retypes }),
  };
  return impact({
    // A foreign key may refer to its own table.
    effects: [
      own,
      ...parts.flatMap(({ others = [] }) => others).filter((other) => nameText(other.relation) !== nameText(table)),
    ],
    creates: parts.flatMap(({ builds }) => (builds === undefined ? [] : [{ relation: { name: builds }, on: table }])),
    waitsForTransactions: parts.some(({ waits = false }) => waits),
    notes: [...new Set(parts.flatMap(({ notes = [] }) => notes))],
  });
}

function partOf(command: AlterTableCmd): Part {
  const part = COMMANDS[command.subtype ?? ''] ?? MOMENT;
  return typeof part === 'function' ? part(command) : part;
}

const WORKS: readonly Work[] = ['none', 'rows', 'scan', 'index', 'empties', 'rewrite'];

function heaviest(works: readonly Work[]): Work {
  return WORKS[Math.max(...works.map((work) => WORKS.indexOf(work)))] ?? 'none';
}

/** A default that is one value for all rows is kept beside them; anything else is written into each. */
function addColumn(column: ColumnDef | undefined): Part {
  const constraints = bodiesOf(column?.constraints, 'Constraint');
  const given = constraints.find(({ contype }) => contype === 'CONSTR_DEFAULT')?.raw_expr;
  const call = volatileCall(given);
  const generated = constraints.find(({ contype }) => contype === 'CONSTR_GENERATED');
  const type = wordsOf({ List: { items: column?.typeName?.names ?? [] } }).at(-1) ?? '';
  const written = [
    ...(/^(small|big)?serial[248]?$/.test(type) ? ['serial'] : []),
    ...(constraints.some(({ contype }) => contype === 'CONSTR_IDENTITY') ? ['an identity'] : []),
    ...(generated !== undefined && generated.generated_kind !== 'v' ? ['a stored generated column'] : []),
    ...(call === undefined ? [] : [`${call}() may give each row another value`]),
  ];
  const inline = constraints
    .filter(({ contype }) =>
      ['CONSTR_CHECK', 'CONSTR_UNIQUE', 'CONSTR_PRIMARY', 'CONSTR_FOREIGN'].includes(contype ?? ''),
    )
    .map((constraint) => inlineConstraint(constraint, given !== undefined));
  return {
    lock: 'ACCESS EXCLUSIVE',
    work: heaviest([written.length > 0 ? 'rewrite' : 'none', ...inline.map(({ work }) => work)]),
    others: inline.flatMap(({ others = [] }) => others),
    builds: inline.map(({ builds }) => builds).find((name) => name !== undefined),
    notes: written.map((why) => (why.includes(' ') ? why : `${why}: each row gets its own value`)),
  };
}

/** A new column without a default holds NULL alone, which no foreign key minds. */
function inlineConstraint(constraint: Constraint, hasDefault: boolean): Part {
  return addConstraint(
    constraint.contype === 'CONSTR_FOREIGN' && !hasDefault ? { ...constraint, skip_validation: true } : constraint,
  );
}

function addConstraint(constraint: Constraint | undefined): Part {
  const { contype, skip_validation: skipped = false, pktable, indexname, conname } = constraint ?? {};
  switch (contype) {
    case 'CONSTR_FOREIGN': {
      const both: Part = { lock: 'SHARE ROW EXCLUSIVE', work: skipped ? 'none' : 'scan' };
      return { ...both, others: [{ relation: relationOf(pktable), lock: both.lock, work: both.work }] };
    }
    case 'CONSTR_PRIMARY':
    case 'CONSTR_UNIQUE':
    case 'CONSTR_EXCLUSION':
      if (indexname === undefined) return { lock: 'ACCESS EXCLUSIVE', work: 'index', builds: conname };
      return contype === 'CONSTR_PRIMARY' ? { ...MOMENT, notes: ['scans where a column is not NOT NULL yet'] } : MOMENT;
    default:
      return skipped ? MOMENT : SCAN;
  }
}

function retype({ name = '', def }: AlterTableCmd): Part {
  const typeName = bodyOf(def, 'ColumnDef')?.typeName;
  const using = bodyOf(def, 'ColumnDef')?.raw_default !== undefined;
  if (typeName === undefined || using) return REWRITE;
  return { ...REWRITE, retypes: { column: name, to: typeOf(typeName) } };
}

/** Most storage parameters do not concern those who read and write. */
function options({ def }: AlterTableCmd): Part {
  const names = bodiesOf(bodyOf(def, 'List')?.items, 'DefElem').map(({ defname }) => defname);
  return names.includes('user_catalog_table') ? MOMENT : WEAK;
}

function inherit({ def }: AlterTableCmd): Part {
  const relation: RelationName = relationOf(bodyOf(def, 'RangeVar'));
  return { ...MOMENT, others: [{ relation, lock: 'SHARE UPDATE EXCLUSIVE', work: 'none' }] };
}
