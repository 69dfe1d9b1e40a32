import { DATABASES } from '../../core/migration.ts';
import { makePlan, type PlanOptions } from '../../core/plan.ts';
import type { Engine, Rehearsal, RehearsingEngine } from '../../engine/engine.ts';
import { MigrateError } from '../../errors.ts';
import type { Report, WriteContext } from '../context.ts';
import { accept, assertNumber, readyHistories } from '../histories.ts';
import { rehearsalText } from './rehearsal-text.ts';

/**
 * What is pending, on the real servers, in transactions that are rolled back. Where a statement is refused it ends as
 * `migrate` would.
 */
export async function rehearse(context: WriteContext, options: PlanOptions): Promise<Report> {
  const { files, signal, engines } = context;
  if (options.to !== undefined) assertNumber(files, options.to);
  const { pending } = accept(makePlan(files, await readyHistories(context), options), context);
  if (pending.length === 0)
    return { kind: 'ok', text: 'Nothing is pending: there is nothing to rehearse.', data: { rehearsals: [] } };
  const rehearsals = await allRehearsing(engines, signal, (databases) => rehearseAll(context, options, databases));
  // Where a statement was refused there is no report to stand in.
  const remains = rehearsals.some(({ failure }) => failure) ? rehearsals.flatMap((rehearsal) => rehearsal.remains) : [];
  for (const message of remains) context.emit({ event: 'warning', message });
  const failures = rehearsals.flatMap(({ failure }) => failure ?? []);
  const [first] = failures;
  if (first !== undefined && failures.length === 1) throw first;
  if (first !== undefined)
    throw new MigrateError(first.kind, `${failures.length} migrations are refused`, {
      problems: failures.map(({ message, hint, place, excerpt }) => ({
        message,
        ...(hint && { hint }),
        ...(place && { place }),
        ...(excerpt && { excerpt }),
      })),
    });
  return { kind: 'ok', text: rehearsalText(rehearsals), data: { rehearsals } };
}

/** One database after the other: PostgreSQL's lock keeps everybody else's migration away from both. */
async function rehearseAll(
  { files, signal }: WriteContext,
  options: PlanOptions,
  databases: readonly RehearsingEngine[],
): Promise<readonly Rehearsal[]> {
  const work = AbortSignal.any([signal, ...databases.map((db) => db.lost)]);
  // Somebody may have migrated while we waited for the locks.
  const histories = await Promise.all(databases.map((db) => db.history(work)));
  const { pending } = accept(makePlan(files, histories, options), { emit: () => {} });
  const rehearsals: Rehearsal[] = [];
  for (const database of DATABASES) {
    const own = pending.filter(({ migration }) => migration.database === database);
    const engine = databases.find((db) => db.database === database);
    if (engine !== undefined && own.length > 0) rehearsals.push(await engine.rehearse(own, work));
  }
  return rehearsals;
}

/** In the order in which `migrate` takes its locks. */
function allRehearsing<T>(
  engines: readonly Engine[],
  signal: AbortSignal,
  work: (databases: readonly RehearsingEngine[]) => Promise<T>,
  held: readonly RehearsingEngine[] = [],
): Promise<T> {
  const [next, ...rest] = engines;
  if (next === undefined) return work(held);
  const waiting = AbortSignal.any([signal, ...held.map((db) => db.lost)]);
  const guard = held.find((db) => db.guard !== undefined)?.guard;
  return next.rehearsing(waiting, (db) => allRehearsing(rest, signal, work, [...held, db]), { guard });
}
