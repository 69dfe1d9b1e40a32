import type { Migration } from '../core/migration.ts';
import { ConnectionLost, MigrateError } from '../errors.ts';

/** The error of a step that nobody may run a second time without looking. */
export function unfinished(error: unknown, { version, steps }: Migration, index: number): unknown {
  if (!(error instanceof MigrateError) || error instanceof ConnectionLost) return error;
  return new MigrateError(
    'unfinished',
    `${error.message} — step ${index + 1} of ${steps.length} is not replayable and may be half-done`,
    {
      cause: error,
      place: error.place,
      excerpt: error.excerpt,
      server: error.server,
      means: error.means,
      hint: `look at what the step has left behind, then: repair --resume ${version} to run the step again, or repair --mark-applied ${version} if its work is all there`,
    },
  );
}
