import type { Finding } from '../../../analysis/lint/finding.ts';
import type { Step } from '../../../core/migration.ts';
import { holderText } from '../../../events.ts';
import type { InTheWay, PlanData, PlannedEffect, PlannedMigration, PlannedStatement, PlannedStep } from './planned.ts';
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
export function planText(plan: PlanData): readonly string[] {
  if (plan.pending.length === 0) return ['Nothing is pending.'];
  return [
    `${plan.pending.length} pending: ${plan.pending.map(({ name }) => name).join(', ')}`,
    waitText(plan.pending),
    ...(plan.assumed === undefined ? [] : [plan.assumed]),
    ...plan.pending.flatMap((migration) => ['', ...migrationLines(migration)]),
    ...(plan.assumed === undefined ? ['', ...wayLines(plan.inTheWay), ...plan.hidden] : []),
  ];
}

/** The one thing that somebody in a hurry wants to know. */
function waitText(pending: readonly PlannedMigration[]): string {
  const slow = pending.flatMap(({ name, steps }) => {
    const objects = steps.filter(({ done }) => !done).flatMap((step) => [...blockedLong(step)]);
    return objects.length > 0 ? [`${name} (${[...new Set(objects)].join(', ')})`] : [];
  });
  const opaque = pending.some(({ steps }) => steps.some(({ statements }) => statements.some((each) => each.opaque)));
  const known = opaque ? ', as far as can be seen' : '';
  return slow.length === 0
    ? `Nobody waits longer than a moment${known}.`
    : `Readers or writers wait while work is done in ${slow.join(', ')}.`;
}

/** What stays blocked while something is read or written whole; in one transaction also what was locked before that. */
function blockedLong({ kind, statements }: PlannedStep): ReadonlySet<string> {
  /** Locked so far, for a moment. */
  const blocked = new Set<string>();
  const found = new Set<string>();
  for (const { effects } of statements)
    for (const { object, kind: what, blocks, work, new: isNew } of effects) {
      // A label is locked for a moment, whatever follows.
      if (what !== 'table') continue;
      if (blocks.reads || blocks.writes) {
        blocked.add(object);
        if (TAKES_TIME.has(work)) found.add(object);
      }
      if (kind !== 'sql-file' || isNew || !TAKES_TIME.has(work)) continue;
      for (const each of blocked) found.add(each);
      blocked.clear();
    }
  return found;
}

const TAKES_TIME: ReadonlySet<string> = new Set(['scan', 'index', 'rewrite', 'rows']);

function migrationLines({ name, database, steps, findings }: PlannedMigration): readonly string[] {
  const [first] = steps;
  const single = steps.length === 1 && first !== undefined;
  const told = new Set<string>();
  return [
    `${name}  ${DATABASE[database]}, ${single ? stepText(first) : `${steps.length} steps`}`,
    ...steps.flatMap((step) => [
      ...(single ? [] : [`  step ${step.step}: ${stepText(step)}`]),
      ...(step.done ? [] : [...statementLines(step.statements, told), ...heldLines(step)]),
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

/** `told` are the notes that stand above already. */
function statementLines(statements: readonly PlannedStatement[], told: Set<string>): readonly string[] {
  const lines: string[] = [];
  let quiet = 0;
  const more = () => {
    if (quiet > HARMLESS) lines.push(`  … and ${quiet - HARMLESS} more that keep nobody waiting`);
    quiet = 0;
  };
  for (const { line, text, effects, creates, notes, opaque } of statements) {
    const verdicts = effects.flatMap((effect) => verdict(effect) ?? []);
    if (verdicts.length > 0 || opaque) more();
    else if (++quiet > HARMLESS) continue;
    const label = `  line ${line}  `;
    const indent = ' '.repeat(label.length);
    const remarks = notes.filter((note) => note !== 'locks no table' && !told.has(note));
    for (const note of remarks) told.add(note);
    const outcome = opaque ? [...verdicts, 'what it locks besides is not known'] : verdicts;
    lines.push(
      label + oneLine(text),
      ...(outcome.length > 0 ? outcome : [harmless(creates)]).map((each) => indent + each),
    );
    lines.push(...remarks.map((note) => `${indent}(${note})`));
  }
  more();
  return lines;
}

function harmless(creates: readonly string[]): string {
  return creates.length > 0 ? `makes ${creates.join(', ')}; nobody waits` : 'nobody waits';
}

/** What one transaction has locked stays locked to its end, however short the statement itself was. */
function heldLines(step: PlannedStep): readonly string[] {
  if (step.kind !== 'sql-file' || blockedLong(step).size === 0) return [];
  const effects = step.statements.flatMap((statement) => statement.effects);
  const named = (blocked: (effect: PlannedEffect) => boolean) =>
    new Set(effects.filter(blocked).map(({ object }) => object));
  const reads = named(({ blocks }) => blocks.reads);
  const writes = [...named(({ blocks }) => blocks.writes).difference(reads)];
  return [
    ...(reads.size > 0 ? [`  until it commits, nobody reads or writes ${[...reads].join(', ')}`] : []),
    ...(writes.length > 0 ? [`  until it commits, nobody writes ${writes.join(', ')}`] : []),
  ];
}

function findingLines({ rule, level, message, remedy, place }: Finding): readonly string[] {
  return [`  ${level}, line ${place.line}: ${message} [${rule}]`, `    ${remedy}`];
}

function wayLines(inTheWay: readonly InTheWay[]): readonly string[] {
  if (inTheWay.length === 0) return ['Right now nobody holds a lock that stands in the way.'];
  return ['In the way right now:', ...inTheWay.map((each) => `  ${wayText(each)}`)];
}

function wayText({ object, holds, migration, line, ...holder }: InTheWay): string {
  const what = object === undefined ? 'an open transaction' : `${object}: ${holds ?? 'a lock'} held`;
  const who = holderText(holder) || 'somebody';
  return `${what} by ${who} (line ${line} of ${migration} waits for it)`;
}

function oneLine(text: string): string {
  return text.length > WIDTH ? `${text.slice(0, WIDTH - 1)}…` : text;
}
