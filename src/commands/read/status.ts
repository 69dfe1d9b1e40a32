import type { Entry, History } from '../../core/history.ts';
import type { Migration } from '../../core/migration.ts';
import { makePlan, type Plan } from '../../core/plan.ts';
import { lastRestorePoint, restorePointText } from '../../core/restore-point.ts';
import type { ReadContext, Report } from '../context.ts';
import { inScope, readyHistories } from '../histories.ts';
import { table } from '../table.ts';

interface Line {
  readonly version: number | undefined;
  readonly name: string;
  readonly database: string;
  readonly state: string;
  readonly entry: Entry | undefined;
}

/** Every migration of the files and of the histories in one list, and the counts that people look at first. */
export async function status(context: ReadContext): Promise<Report> {
  const histories = await readyHistories(context);
  const lines = linesOf(context.files, histories);
  const plan = makePlan(context.files, histories);
  const restorePoint = lastRestorePoint(histories);
  const counts = await Promise.all(
    context.engines.map(async (engine, index) => {
      const { tables, indexes } = await engine.counts(context.signal);
      const applied = histories[index]?.entries.filter((entry) => entry.state !== 'started').length ?? 0;
      return { database: engine.database, tables, indexes, applied };
    }),
  );
  const text = [
    ...table([
      ['version', 'name', 'database', 'state', 'applied at', 'took', 'by'],
      ...lines.map(({ version, name, database, state, entry }) => [
        version === undefined ? '' : String(version).padStart(3, '0'),
        name,
        database,
        state,
        entry?.appliedAt?.toISOString().replace(/\.\d+Z$/, 'Z') ?? '',
        entry?.tookMs === undefined ? '' : `${entry.tookMs} ms`,
        [entry?.by, entry?.host].filter(Boolean).join('@'),
      ]),
    ]),
    '',
    ...counts.map(({ database, tables, indexes, applied }) =>
      database === 'postgres'
        ? `${database}: ${tables} tables, ${indexes} indexes, ${applied} applied migrations`
        : `${database}: ${indexes} indexes, ${applied} applied migrations`,
    ),
    ...(restorePoint ? [`restore point before the last change: ${restorePointText(restorePoint)}`] : []),
    ...plan.problems.flatMap(({ message, hint }) => [`problem: ${message}`, ...(hint ? [`hint: ${hint}`] : [])]),
  ];
  return {
    kind: kindOf(plan, histories),
    text,
    data: {
      migrations: lines.map(({ entry, ...line }) => ({ ...line, ...entry, state: line.state })),
      counts,
      pending: plan.pending.map(({ migration }) => migration.name),
      ahead: plan.ahead.map(({ name }) => name),
      ...(restorePoint && { restorePoint }),
      problems: plan.problems,
    },
    problems: [...plan.pending.map(({ migration }) => ({ message: `${migration.name} is pending` })), ...plan.problems],
  };
}

/** Pending is normal; a history that claims what is not there is damaged. */
function kindOf({ pending, problems }: Plan, histories: readonly History[]): Report['kind'] {
  if (problems.length > 0 && histories.some(({ missing = [] }) => missing.length > 0)) return 'source';
  return pending.length + problems.length > 0 ? 'pending' : 'ok';
}

function linesOf(files: readonly Migration[], histories: readonly History[]): readonly Line[] {
  const concerned = inScope(files, histories);
  const entries = histories.flatMap((history) => history.entries);
  const known = new Map(entries.map((entry) => [`${entry.database} ${entry.name}`, entry]));
  const ofFiles = concerned.map((file): Line => {
    const entry = known.get(`${file.database} ${file.name}`);
    return { version: file.version, name: file.name, database: file.database, state: stateOf(entry), entry };
  });
  const others = entries
    .filter((entry) => !concerned.some((file) => file.name === entry.name && file.database === entry.database))
    .map(
      (entry): Line => ({
        version: entry.version,
        name: entry.name,
        database: entry.database,
        state: `${stateOf(entry)}, no file`,
        entry,
      }),
    );
  return [...ofFiles, ...others].sort((a, b) => (a.version ?? 0) - (b.version ?? 0));
}

function stateOf(entry: Entry | undefined): string {
  if (entry === undefined) return 'pending';
  return entry.state === 'started' ? `started ${entry.stepsDone ?? 0}/${entry.stepsTotal ?? '?'}` : entry.state;
}
