import type { Migration } from '../../core/migration.ts';
import type { SetOf } from './judge.ts';

/** What the first release brings: these files reach a database together, so that what one makes is empty for the others. */
export const FIRST_RELEASE: readonly string[] = [
  '001_initial_schema.sql',
  '002_job_tracking_schema.sql',
  '003_fix_processing_jobs_schema.sql',
  '004_chat_threading.sql',
  '005_fix_job_status_constraint.sql',
  '006_foundation.cypher',
];

/**
 * How files are taken together where nobody says what is applied: those of the first release, and after it each for itself, as
 * if all before it were applied and in use.
 *
 * @param since a migration's number: only those above it are judged, and taken together
 */
export function releases(files: readonly Migration[], since: number | undefined): SetOf {
  const versions = new Map(files.map(({ name, version }) => [name, version]));
  return (name) => {
    const version = versions.get(name);
    if (version === undefined) return undefined;
    if (since !== undefined) return version > since ? 'pending' : undefined;
    return FIRST_RELEASE.includes(name) ? 'first' : name;
  };
}
