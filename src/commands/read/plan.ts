import { impactsOf } from '../../analysis/impact/pending.ts';
import { DATABASES, type Database, type Migration } from '../../core/migration.ts';
import { makePlan, type Pending, type Plan, type PlanOptions } from '../../core/plan.ts';
import type { Survey } from '../../engine/engine.ts';
import type { ReadContext, Report } from '../context.ts';
import { accept, readyHistories } from '../histories.ts';
import { plannedMigration } from './plan/facts.ts';
import { inTheWay } from './plan/in-the-way.ts';
import { askedOf, Objects } from './plan/objects.ts';
import type { Finding, PlanData } from './plan/planned.ts';
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
  const found = await findings(files, pending);
  const migrations = (await impactsOf(pending)).map((each) => {
    objects.forgetMade();
    return plannedMigration(each, objects, found);
  });
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
  const found = await findings(files, pending);
  const migrations = impacts.map((each) => plannedMigration(each, objects, found));
  return report({
    pending: migrations,
    ahead: ahead.map(({ database, name }) => ({ database, name })),
    inTheWay: inTheWay(migrations, surveys),
    hidden: DATABASES.flatMap((database) => surveys.get(database)?.hidden ?? []),
  });
}

/** What the linter says of the pending files: this is the place for it. */
async function findings(_files: readonly Migration[], _pending: readonly Pending[]): Promise<readonly Finding[]> {
  return [];
}

function report(data: PlanData): Report {
  return { kind: data.pending.length > 0 ? 'pending' : 'ok', text: planText(data), data };
}
