import type { Entry } from './history.ts';
import type { Migration } from './migration.ts';

/**
 * Whether a whole file may run on a database that has its work already, also after the files that come later: it says so
 * (`replayable`), or all of its steps are schema Cypher, which cannot do harm a second time.
 */
export function mayRunAgain({ directives, steps }: Migration): boolean {
  return directives.replayable || steps.every(({ kind }) => kind === 'cypher-schema');
}

/** Recorded as present, and never run by this program. */
export function wasNeverRun({ state }: Entry): boolean {
  return state === 'adopted' || state === 'baseline';
}
