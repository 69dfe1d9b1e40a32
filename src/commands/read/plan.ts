import { impactOf, impactsOf } from '../../analysis/impact/pending.ts';
import { lint, lintSets } from '../../analysis/lint/lint.ts';
import { releases } from '../../analysis/lint/releases.ts';
import { DATABASES, type Database, type Migration } from '../../core/migration.ts';
import { makePlan, type Plan, type PlanOptions } from '../../core/plan.ts';
import type { Survey } from '../../engine/engine.ts';
import type { ReadContext, Report } from '../context.ts';
import { accept, readyHistories } from '../histories.ts';
import { byFile, plannedMigration } from './plan/facts.ts';
import { inTheWay } from './plan/in-the-way.ts';
import { askedOf, Objects } from './plan/objects.ts';
import type { PlanData, PlannedMigration } from './plan/planned.ts';
import { planText } from './plan/text.ts';

const ASSUMED =
  'Without a database: nothing counts as applied, sizes are not known, and what an earlier file makes counts as in use.';

/** What `migrate` would do, without doing it: `pending` where there is something. */
export async function plan(context: ReadContext, options: PlanOptions): Promise<Report> {
  return planReport(accept(makePlan(context.files, await readyHistories(context), options), context), context);
}

/** The same from the files alone. */
export async function offlinePlan(
  files: readonly Migration[],
  scope: readonly Database[],
  options: PlanOptions,
): Promise<Report> {
  const histories = scope.map((database) => ({ database, entries: [] }));
  const { pending } = makePlan(files, histories, options);
  const objects = new Objects();
  const findings = byFile(await lintSets(files, releases(files, undefined)));
  const migrations: PlannedMigration[] = [];
  for (const each of pending) {
    objects.forgetMade();
    migrations.push(plannedMigration(await impactOf(each), objects, findings));
  }
  return report({ assumed: ASSUMED, pending: migrations, ahead: [], inTheWay: [], hidden: [] });
}

async function planReport({ pending, ahead }: Plan, { engines, files, signal }: ReadContext): Promise<Report> {
  const impacts = await impactsOf(pending);
  const objects = new Objects();
  const surveys = new Map<Database, Survey>();
  const inScope = engines.filter(({ database }) => pending.some(({ migration }) => migration.database === database));
  await Promise.all(
    inScope.map(async (engine) => {
      const asked = askedOf(impacts, engine.database);
      const survey = await engine.survey(asked, signal);
      objects.learn(asked, survey);
      surveys.set(engine.database, survey);
    }),
  );
  const findings = byFile(await lint(files, new Set(pending.map(({ migration }) => migration.name))));
  const migrations = impacts.map((each) => plannedMigration(each, objects, findings));
  return report({
    pending: migrations,
    ahead: ahead.map(({ database, name }) => ({ database, name })),
    inTheWay: inTheWay(migrations, surveys),
    hidden: DATABASES.flatMap((database) => surveys.get(database)?.hidden ?? []),
  });
}

function report(data: PlanData): Report {
  const problems = data.pending.map(({ name }) => ({ message: `${name} is pending` }));
  return { kind: problems.length > 0 ? 'pending' : 'ok', text: planText(data), data, problems };
}
