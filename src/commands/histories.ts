import { formatDuration } from '../core/duration.ts';
import type { History } from '../core/history.ts';
import type { Migration } from '../core/migration.ts';
import type { Plan } from '../core/plan.ts';
import type { ReadEngine } from '../engine/engine.ts';
import { MigrateError, mayPass } from '../errors.ts';
import { retrying } from '../retry.ts';
import type { ReadContext } from './context.ts';

/**
 * Both histories at the same time, as soon as the databases answer.
 * @throws MigrateError `unreachable` after WAIT_TIMEOUT, `source` where one is damaged.
 */
export async function readyHistories(context: ReadContext): Promise<readonly History[]> {
  const histories = await readHistories(context);
  for (const { damage } of histories)
    if (damage !== undefined) throw new MigrateError('source', damage.message, damage);
  return histories;
}

/** The same for a command that repairs what is damaged. */
export function readHistories(context: ReadContext): Promise<readonly History[]> {
  return allReady(context, (engine, signal) => engine.history(signal));
}

/** Asks every database at the same time, each as soon as it answers. Where several cannot be had, all are named. */
export async function allReady<T>(
  context: ReadContext,
  ask: (engine: ReadEngine, signal: AbortSignal) => Promise<T>,
): Promise<readonly T[]> {
  const answers = await Promise.allSettled(context.engines.map((engine) => whenReady(context, engine, ask)));
  const errors = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []));
  const final = errors.find((error) => !(error instanceof MigrateError) || error.kind !== 'unreachable');
  if (final !== undefined) throw final;
  if (errors.length > 1)
    throw new MigrateError('unreachable', 'the databases cannot be reached', {
      problems: errors.map(({ message, hint }) => ({ message, hint })),
    });
  if (errors.length === 1) throw errors[0];
  return answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
}

/** Tries until the database answers: it may still be starting, or not be there yet. */
async function whenReady<T>(
  { config, emit, signal }: ReadContext,
  engine: ReadEngine,
  ask: (engine: ReadEngine, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { waitTimeout } = config.budgets;
  const { database } = engine;
  const waited = `WAIT_TIMEOUT (${formatDuration(waitTimeout)}) says how long to wait`;
  const late = AbortSignal.timeout(waitTimeout);
  let last: Error | undefined;
  const begin = performance.now();
  try {
    const answer = await retrying(
      { budget: waitTimeout, first: 200, most: 2_000 },
      signal,
      () => ask(engine, AbortSignal.any([signal, late])),
      (error) => !late.aborted && mayPass(error),
      (error) => {
        if (error.message !== last?.message) emit({ event: 'not-ready', database, message: error.message });
        last = error;
      },
    );
    if (last !== undefined) emit({ event: 'ready', database, waitedMs: Math.round(performance.now() - begin) });
    return answer;
  } catch (error) {
    signal.throwIfAborted();
    // What the last whole try said is worth more than that the one after it was cut short.
    const told = late.aborted ? (last ?? error) : error;
    if (mayPass(told)) throw new MigrateError(told.kind, told.message, { ...told, hint: `${told.hint}; ${waited}` });
    if (!late.aborted) throw error;
    throw new MigrateError('unreachable', `${database}: no answer`, { hint: `check that the server runs; ${waited}` });
  }
}

/** Throws where a plan has problems: nothing is applied then. Says what it passes over. */
export function accept(plan: Plan, { emit }: Pick<ReadContext, 'emit'>): Plan {
  const [first] = plan.problems;
  if (first !== undefined) {
    const kind = plan.problems.find((problem) => problem.kind === 'unfinished')?.kind ?? first.kind;
    if (plan.problems.length === 1) throw new MigrateError(kind, first.message, first);
    throw new MigrateError(kind, `${plan.problems.length} things forbid migrating`, { problems: plan.problems });
  }
  if (plan.ahead.length > 0) {
    const names = plan.ahead.map((entry) => `${entry.name}${entry.state === 'started' ? ' (unfinished)' : ''}`);
    emit({
      event: 'warning',
      message: `the databases are ahead of this image by ${names.join(', ')}`,
      hint: 'normal after a rollback to an older version: migrations are forward-only, and these are not marked breaking',
    });
  }
  return plan;
}

/** The files that concern the databases in scope, of which engines or histories are given. */
export function inScope<T extends Pick<Migration, 'database'>>(
  files: readonly T[],
  scope: readonly Pick<History, 'database'>[],
): readonly T[] {
  return files.filter((file) => scope.some(({ database }) => database === file.database));
}

/** A number that no file has is a typing error: to go "up to" it would do more or less than was meant. */
export function assertNumber(files: readonly Migration[], version: number): void {
  if (files.some((file) => file.version === version)) return;
  throw new MigrateError('source', `no migration has the number ${version}`, {
    hint: `the newest is ${files.at(-1)?.name ?? '(none)'}`,
  });
}
