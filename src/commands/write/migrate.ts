import type { History } from '../../core/history.ts';
import type { Migration } from '../../core/migration.ts';
import { makePlan, type Pending, type Plan, type PlanOptions } from '../../core/plan.ts';
import type { Engine, LockedEngine } from '../../engine/engine.ts';
import { ConnectionLost, Overtaken } from '../../errors.ts';
import { retrying } from '../../retry.ts';
import type { OfflineContext, Report, WriteContext } from '../context.ts';
import { accept, allHold, assertNumber, inScope, readyHistories } from '../histories.ts';
import { Outcome } from './outcome.ts';
import { noteRestorePoint } from './restore-point.ts';

export interface MigrateOptions extends PlanOptions {
  readonly dryRun?: boolean | undefined;
}

/**
 * Brings the databases in scope to what the files make of them. A connection that is lost leaves open whether its
 * last work was committed: then everything begins again from the histories, which know.
 */
export async function migrate(context: WriteContext, options: MigrateOptions): Promise<Report> {
  const begin = performance.now();
  const { to } = options;
  if (to !== undefined) assertNumber(context.files, to);
  if (options.dryRun) {
    // It brings PostgreSQL's parser, which nothing else on this way needs.
    const { plan } = await import('../read/plan.ts');
    return { ...(await plan(context, options)), kind: 'ok' };
  }
  const outcome = new Outcome(context.identity, context.emit);
  await retrying(
    { budget: Number.POSITIVE_INFINITY, tries: 4, first: 500, most: 5_000 },
    context.signal,
    () => once(context, options, outcome),
    (error) => error instanceof ConnectionLost,
    (error) => context.emit({ event: 'reconnecting', message: error.message }),
  );
  const tookMs = Math.round(performance.now() - begin);
  const { applied } = outcome;
  if (applied.length === 0) return nothingToDo(tookMs);
  context.emit({ event: 'done', applied: applied.length, tookMs });
  const text = `Applied ${applied.length} migration${applied.length === 1 ? '' : 's'}: ${applied.join(', ')}.`;
  return { kind: 'ok', text, data: { applied, tookMs } };
}

/** Where the first look at the histories has found every file in them. */
export function upToDate({ emit }: OfflineContext, migrations: number): Report {
  emit({ event: 'up-to-date', migrations });
  return nothingToDo(0);
}

function nothingToDo(tookMs: number): Report {
  return { kind: 'ok', text: 'Nothing to do: every migration is applied.', data: { applied: [], tookMs } };
}

async function once(context: WriteContext, options: PlanOptions, outcome: Outcome): Promise<void> {
  const { files, emit, signal, engines } = context;
  const tellUpToDate = () => emit({ event: 'up-to-date', migrations: inScope(files, engines).length });
  const histories = await readyHistories(context);
  outcome.learn(histories);
  const before = accept(makePlan(files, histories, options), context);
  if (before.pending.length === 0) return tellUpToDate();

  try {
    await allLocked(
      engines,
      signal,
      (databases) => applyAll(context, options, outcome, databases),
      leavingWhenApplied(context, options, outcome),
    );
  } catch (error) {
    if (!(error instanceof NothingLeft)) throw error;
    tellUpToDate();
  }
}

/** Thrown to leave the line for a lock. */
class NothingLeft extends Error {
  override readonly name = 'NothingLeft';
}

/** Milliseconds between two looks of a waiting run at whether anything is left to do. */
const LOOK = 1_000;

/**
 * Called while a lock is waited for; throws NothingLeft when the histories hold everything. A hundred runs that begin at once
 * would otherwise acquire the lock one after the other, each of them only to see that.
 */
function leavingWhenApplied(
  { files, engines, signal }: WriteContext,
  options: PlanOptions,
  outcome: Outcome,
): () => Promise<void> {
  let looked = performance.now();
  return async () => {
    if (performance.now() - looked < LOOK) return;
    // What is wrong with a server is reported by the attempt to acquire its lock.
    const complete = await allHold(engines, signal, (history) => {
      const { pending, problems } = makePlan(files, [history], options);
      return pending.length === 0 && problems.length === 0;
    }).catch(() => undefined);
    looked = performance.now();
    if (complete === undefined) return;
    outcome.learn(complete);
    throw new NothingLeft();
  };
}

async function applyAll(
  context: WriteContext,
  options: PlanOptions,
  outcome: Outcome,
  databases: readonly LockedEngine[],
): Promise<void> {
  const { emit, signal } = context;
  const work = AbortSignal.any([signal, ...databases.map((db) => db.lost)]);
  // Somebody else may have done all of it while we waited for the locks.
  const histories = await allHistories(databases, work);
  outcome.settle(histories);
  const plan = replan(histories, context, options);
  emit({ event: 'planned', pending: plan.pending.map(({ migration }) => migration.name) });
  if (plan.pending.length > 0) {
    outcome.restorePoint ??= await noteRestorePoint(databases, emit, work);
    for (const db of databases) db.stamp(outcome.restorePoint);
  }
  for (const [index, { migration, from }] of plan.pending.entries()) {
    const { name, database } = migration;
    const begin = performance.now();
    emit({ event: 'started', database, migration: name, from, steps: migration.steps.length });
    const db = databases.find((db) => db.database === database);
    outcome.sent(migration);
    await db?.apply(migration, from, work, following(plan.pending, index, outcome)).catch((error) => {
      if (!(error instanceof ConnectionLost) || error instanceof Overtaken) outcome.refused(migration);
      throw error;
    });
    outcome.committed(migration, Math.round(performance.now() - begin));
  }
  const left = replan(await allHistories(databases, work), context, options);
  if (left.pending.length > 0)
    throw new Error(
      `applied everything, yet ${left.pending.map(({ migration }) => migration.name)} is not in the history`,
    );
}

/**
 * Those behind one of the same database, up to the first that is another's or has begun. Whoever asks for the next one has sent
 * the one before it.
 */
function* following(pending: Plan['pending'], index: number, outcome: Outcome): Iterable<Migration> {
  const database = pending[index]?.migration.database;
  for (let next = index + 1; next < pending.length; next++) {
    const { migration, from } = pending[next] as Pending;
    if (migration.database !== database || from > 0) return;
    yield migration;
    outcome.sent(migration);
  }
}

function allHistories(databases: readonly LockedEngine[], signal: AbortSignal): Promise<readonly History[]> {
  return Promise.all(databases.map((db) => db.history(signal)));
}

function replan(histories: readonly History[], { files }: WriteContext, options: PlanOptions): Plan {
  // What is ahead has been told already.
  return accept(makePlan(files, histories, options), { emit: () => {} });
}

/** Takes the locks one after the other, always in the order of DATABASES: so no two runs wait for each other. */
export async function allLocked<T>(
  engines: readonly Engine[],
  signal: AbortSignal,
  work: (databases: readonly LockedEngine[]) => Promise<T>,
  waiting?: () => Promise<void>,
  held: readonly LockedEngine[] = [],
): Promise<T> {
  const [next, ...rest] = engines;
  if (next === undefined) return work(held);
  // Waiting for the second lock is pointless once the first is gone.
  const until = AbortSignal.any([signal, ...held.map((db) => db.lost)]);
  const guard = held.find((db) => db.guard !== undefined)?.guard;
  return next.locked(until, (db) => allLocked(rest, signal, work, waiting, [...held, db]), { waiting, guard });
}
