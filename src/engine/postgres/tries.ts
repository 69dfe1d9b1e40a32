import type { Migration } from '../../core/migration.ts';
import { MigrateError } from '../../errors.ts';
import { holderText } from '../../events.ts';
import { retrying } from '../../retry.ts';
import type { Tools } from './apply.ts';

/** Tries again what certainly did nothing: a lock not had, a deadlock, a serialization failure. */
export async function tryingAgain(
  { budgets, emit, observer }: Tools,
  { name }: Pick<Migration, 'name'>,
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
  return error instanceof MigrateError && ['55P03', '40P01', '40001'].includes(error.server?.code ?? '');
}
