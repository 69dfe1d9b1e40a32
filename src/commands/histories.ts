import type { History } from '../core/history.ts';
import type { Migration } from '../core/migration.ts';
import type { Plan } from '../core/plan.ts';
import type { ReadEngine } from '../engine/engine.ts';
import { MigrateError } from '../errors.ts';
import { retrying } from '../retry.ts';
import type { ReadContext } from './context.ts';

/** Both histories at the same time, as soon as the databases answer; `unreachable` after WAIT_TIMEOUT. */
export function readyHistories(context: ReadContext): Promise<readonly History[]> {
  return Promise.all(
    context.engines.map((engine) => whenReady(context, engine.database, () => engine.history(context.signal))),
  );
}

/** Tries until the database answers: it may still be starting, or not be there yet. */
export function whenReady<T>(
  { config, emit, signal }: ReadContext,
  database: History['database'],
  attempt: () => Promise<T>,
): Promise<T> {
  let told = '';
  return retrying(
    { budget: config.budgets.waitTimeout, first: 200, most: 2_000 },
    signal,
    attempt,
    (error) => error instanceof MigrateError && (error.kind === 'unreachable' || error.kind === 'busy'),
    (error) => {
      if (error.message !== told) emit({ event: 'not-ready', database, message: error.message });
      told = error.message;
    },
  );
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

/** The files that concern the databases in scope. */
export function inScope(files: readonly Migration[], engines: readonly ReadEngine[]): readonly Migration[] {
  return files.filter((file) => engines.some(({ database }) => database === file.database));
}
