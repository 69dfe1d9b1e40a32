import type { Migration } from '../../core/migration.ts';
import { MigrateError } from '../../errors.ts';
import { holderText } from '../../events.ts';
import { retrying } from '../../retry.ts';
import type { Tools } from './apply.ts';
import { DID_NOTHING } from './errors.ts';

/** Tries again what certainly did nothing. */
export async function tryingAgain(
  { budgets, emit, observer }: Tools,
  { name }: Migration,
  signal: AbortSignal,
  attempt: () => Promise<void>,
): Promise<void> {
  const afresh = () => {
    observer.forget();
    return attempt();
  };
  const run = retrying(
    { budget: budgets.ddlLockRetryFor, first: 100, most: 5_000 },
    signal,
    afresh,
    isRetryable,
    ({ message }, attempt) =>
      emit({
        event: 'retrying',
        database: 'postgres',
        migration: name,
        message,
        attempt,
        blockers: observer.blockers,
      }),
  );
  await run.catch((error) => {
    const { blockers } = observer;
    if (!isRetryable(error) || blockers.length === 0) throw error;
    throw new MigrateError('busy', `${error.message}; blocked by ${blockers.map(holderText).join('; ')}`, error);
  });
}

function isRetryable(error: unknown): error is MigrateError {
  return error instanceof MigrateError && DID_NOTHING.includes(error.server?.code ?? '');
}
