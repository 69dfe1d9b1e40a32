import type { Step } from '../../../core/migration.ts';
import { holderText } from '../../../events.ts';
import type { Finding, InTheWay, PlanData, PlannedMigration, PlannedStatement, PlannedStep } from './planned.ts';
import { verdict } from './verdict.ts';

const DATABASE = { postgres: 'PostgreSQL', neo4j: 'Neo4j' } as const;
const KINDS: Readonly<Record<Step['kind'], string>> = {
  'sql-file': 'one transaction, all or nothing',
  'sql-marked': 'a transaction with its progress',
  'sql-bare': 'outside of a transaction',
  'cypher-data': 'data, one transaction',
  'cypher-schema': 'schema, each statement a transaction of its own',
  'cypher-auto': 'commits by itself, batch by batch',
};
/** Statements in a row that nobody notices and that are shown. */
const HARMLESS = 5;
const WIDTH = 100;

/** For a person who has to decide: what happens to whom, then who stands in the way. */
export function planText(plan: PlanData): string {
  if (plan.pending.length === 0) return 'Nothing is pending.';
  return [
    `${plan.pending.length} pending: ${plan.pending.map(({ name }) => name).join(', ')}`,
    ...(plan.assumed === undefined ? [] : [plan.assumed]),
    ...plan.pending.flatMap((migration) => ['', ...migrationLines(migration)]),
    ...(plan.assumed === undefined ? ['', ...wayLines(plan.inTheWay), ...plan.hidden] : []),
  ].join('\n');
}

function migrationLines({ name, database, steps, findings }: PlannedMigration): readonly string[] {
  const [first] = steps;
  const single = steps.length === 1 && first !== undefined;
  return [
    `${name}  ${DATABASE[database]}, ${single ? stepText(first) : `${steps.length} steps`}`,
    ...steps.flatMap((step) => [
      ...(single ? [] : [`  step ${step.step}: ${stepText(step)}`]),
      ...statementLines(step.statements),
      ...heldLines(step),
    ]),
    ...findings.flatMap(findingLines),
  ];
}

function stepText({ kind, atomic, replayable, done }: PlannedStep): string {
  const again = atomic
    ? ''
    : replayable
      ? '; may run again after a crash'
      : '; NOT repeatable: after a crash a person decides';
  return `${KINDS[kind]}${again}${done ? ' (done)' : ''}`;
}

function statementLines(statements: readonly PlannedStatement[]): readonly string[] {
  const lines: string[] = [];
  let quiet = 0;
  const told = () => {
    if (quiet > HARMLESS) lines.push(`  … and ${quiet - HARMLESS} more that keep nobody waiting`);
    quiet = 0;
  };
  for (const statement of statements) {
    const label = `  line ${statement.line}  `;
    const verdicts = statement.effects.flatMap((effect) => verdict(effect) ?? []);
    const notes = statement.notes.filter((note) => note !== 'locks no table');
    if (verdicts.length > 0) told();
    else if (++quiet > HARMLESS) continue;
    lines.push(label + oneLine(statement.text));
    const indent = ' '.repeat(label.length);
    const harmless =
      statement.creates.length > 0 ? `makes ${statement.creates.join(', ')}; nobody waits` : 'nobody waits';
    lines.push(`${indent}${(verdicts.length > 0 ? verdicts : [harmless]).join(`\n${indent}`)}`);
    for (const note of notes) lines.push(`${indent}(${note})`);
  }
  told();
  return lines;
}

/** What one transaction has locked stays locked to its end, however short the statement itself was. */
function heldLines({ kind, statements }: PlannedStep): readonly string[] {
  if (kind !== 'sql-file') return [];
  const reads = new Set<string>();
  const writes = new Set<string>();
  let worksAfter = false;
  for (const { effects } of statements)
    for (const { object, blocks, work, new: isNew } of effects) {
      if (!isNew && work !== 'none' && reads.size + writes.size > 0) worksAfter = true;
      if (blocks.reads) reads.add(object);
      else if (blocks.writes) writes.add(object);
    }
  if (!worksAfter) return [];
  const onlyWrites = [...writes].filter((object) => !reads.has(object));
  return [
    ...(reads.size > 0 ? [`  until it commits, nobody reads or writes ${[...reads].join(', ')}`] : []),
    ...(onlyWrites.length > 0 ? [`  until it commits, nobody writes ${onlyWrites.join(', ')}`] : []),
  ];
}

function findingLines({ rule, message, hint, place }: Finding): readonly string[] {
  const at = place?.line === undefined ? '' : `line ${place.line}: `;
  return [
    `  ! ${at}${message}${rule === undefined ? '' : ` (${rule})`}`,
    ...(hint === undefined ? [] : [`    ${hint}`]),
  ];
}

function wayLines(inTheWay: readonly InTheWay[]): readonly string[] {
  if (inTheWay.length === 0) return ['Right now nobody holds a lock that stands in the way.'];
  return ['In the way right now:', ...inTheWay.map((each) => `  ${wayText(each)}`)];
}

function wayText({ object, holds, migration, line, ...holder }: InTheWay): string {
  const what = object === undefined ? 'an open transaction' : `${object}: ${holds ?? 'a lock'} held`;
  const who = holderText(holder) || 'somebody';
  const hidden = holder.doing === undefined ? ', doing: not shown to this user' : '';
  return `${what} by ${who}${hidden} (line ${line} of ${migration} waits for it)`;
}

function oneLine(text: string): string {
  return text.length > WIDTH ? `${text.slice(0, WIDTH - 1)}…` : text;
}
