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

/** Milliseconds for which a database that has answered keeps its connection for another one that has not. */
const PATIENCE = 250;

/** Asks every database at the same time. While one has not answered, the connections of the others are closed. */
export async function askAll<T>(
  engines: readonly ReadEngine[],
  ask: (engine: ReadEngine) => Promise<T>,
): Promise<readonly PromiseSettledResult<T>[]> {
  const ready: ReadEngine[] = [];
  let late: NodeJS.Timeout | undefined;
  const answers = await Promise.allSettled(
    engines.map(async (engine) => {
      const answer = await ask(engine);
      ready.push(engine);
      late ??= setTimeout(() => void Promise.all(ready.map((each) => each.rest())), PATIENCE);
      return answer;
    }),
  );
  clearTimeout(late);
  return answers;
}

/** Asks every database, each as soon as it answers. Reports all that cannot be asked. */
export async function allReady<T>(
  context: ReadContext,
  ask: (engine: ReadEngine, signal: AbortSignal) => Promise<T>,
): Promise<readonly T[]> {
  // No try of one database follows the permanent error of another; an attempt under way ends by itself, so that both are reported.
  const pointless = new AbortController();
  const answers = await askAll(context.engines, (engine) =>
    whenReady(context, engine, ask, pointless.signal).catch((error) => {
      if (!mayPass(error)) pointless.abort(error);
      throw error;
    }),
  );
  const errors = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as Error] : []));
  if (errors.length > 0) throw combined([...new Set(errors)]);
  return answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
}

/** One error for all: a permanent one hides those that may pass. */
function combined(errors: readonly Error[]): Error {
  const final = errors.filter((error) => !(error instanceof MigrateError) || error.kind !== 'unreachable');
  const [first, ...others] = final.length > 0 ? final : errors;
  const alike = others.filter(
    (error) => first instanceof MigrateError && error instanceof MigrateError && error.kind === first.kind,
  );
  if (!(first instanceof MigrateError) || alike.length === 0) return first as Error;
  const problems = [first, ...(alike as MigrateError[])].map(({ message, hint }) => ({
    message,
    ...(hint && { hint }),
  }));
  const summary = first.kind === 'unreachable' ? 'the databases cannot be reached' : 'neither database can be used';
  return new MigrateError(first.kind, summary, { problems });
}

/** Tries until the database answers: it may still be starting, or not be there yet. No try follows when it is `pointless`. */
async function whenReady<T>(
  { config, emit, signal }: ReadContext,
  engine: ReadEngine,
  ask: (engine: ReadEngine, signal: AbortSignal) => Promise<T>,
  pointless: AbortSignal,
): Promise<T> {
  const { waitTimeout } = config.budgets;
  const { database } = engine;
  const waited = `WAIT_TIMEOUT (${formatDuration(waitTimeout)}) says how long to wait`;
  // 0: one attempt, for as long as connecting may take.
  const late = waitTimeout === 0 ? new AbortController().signal : AbortSignal.timeout(waitTimeout);
  let last: Error | undefined;
  const begin = performance.now();
  try {
    const answer = await retrying(
      { budget: waitTimeout, first: 200, most: 2_000 },
      AbortSignal.any([signal, pointless]),
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

/**
 * The histories, if every one is complete. Asks one database after the other, up to the first that is not, and leaves no
 * connection open: for runs that wait.
 */
export async function allHold(
  engines: readonly ReadEngine[],
  signal: AbortSignal,
  isComplete: (history: History) => boolean,
): Promise<readonly History[] | undefined> {
  const histories: History[] = [];
  for (const engine of engines) {
    const history = await onceAsked(engine, signal);
    if (!isComplete(history)) return undefined;
    histories.push(history);
  }
  return histories;
}

/** The history; its connection is closed, unless it holds the lock. For a run that waits, and asks again after a pause. */
export function onceAsked(engine: ReadEngine, signal: AbortSignal): Promise<History> {
  return engine.history(signal).finally(() => engine.rest());
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
