import type { Migration, Step } from '../../core/migration.ts';
import { isAtomic } from '../../core/migration.ts';
import { makePlan, type Pending, type Plan, type PlanOptions } from '../../core/plan.ts';
import type { ReadContext, Report } from '../context.ts';
import { accept, readyHistories } from '../histories.ts';

const KINDS: Readonly<Record<Step['kind'], string>> = {
  'sql-file': 'the whole file in one transaction',
  'sql-marked': 'one statement in a transaction with its progress',
  'sql-bare': 'one statement outside of a transaction',
  'cypher-data': 'data statements in one transaction',
  'cypher-schema': 'schema statements, each a transaction of its own',
  'cypher-auto': 'one statement that opens transactions of its own',
};

/** What `migrate` would do, without doing it. */
export async function plan(context: ReadContext, options: PlanOptions): Promise<Report> {
  return planReport(accept(makePlan(context.files, await readyHistories(context), options), context));
}

export function planReport({ pending, ahead }: Plan): Report {
  const text =
    pending.length === 0
      ? 'Nothing is pending.'
      : [`${pending.length} pending:`, ...pending.map((each) => describe(each))].join('\n');
  return {
    kind: 'ok',
    text,
    data: { pending: pending.map(dataOf), ahead: ahead.map(({ database, name }) => ({ database, name })) },
  };
}

function describe({ migration, from }: Pending): string {
  const lines = migration.steps.flatMap((step, index) => {
    const done = index < from ? ' (done)' : '';
    const again = isAtomic(step) ? 'atomic' : step.replayable ? 'replayable' : 'NOT replayable';
    return [
      `    ${index + 1}. ${KINDS[step.kind]}, ${again}${done}`,
      ...step.statements.slice(0, 5).map((_, which) => `         ${firstLine(migration, step, which)}`),
      ...(step.statements.length > 5 ? [`         … and ${step.statements.length - 5} more`] : []),
    ];
  });
  return [`  ${migration.name} (${migration.database})`, ...lines].join('\n');
}

function firstLine(migration: Migration, step: Step, which: number): string {
  if (step.kind === 'sql-file') return `${migration.text.trimEnd().split('\n').length} lines`;
  const span = step.statements[which] ?? { start: 0, end: 0 };
  const [line = ''] = migration.text.slice(span.start, span.start + 200).split('\n');
  return line.length > 100 ? `${line.slice(0, 99)}…` : line;
}

function dataOf({ migration, from }: Pending) {
  return {
    version: migration.version,
    name: migration.name,
    database: migration.database,
    checksum: migration.checksum,
    from,
    steps: migration.steps.map((step) => ({
      kind: step.kind,
      atomic: isAtomic(step),
      replayable: step.replayable,
      statements: step.statements.length,
    })),
  };
}
