import type { History } from './history.ts';
import type { Migration } from './migration.ts';

/** A file as the history knows it: nobody has to understand its text to compare the two. */
export type Source = Pick<Migration, 'version' | 'name' | 'database' | 'checksum'>;

/**
 * Whether the histories hold exactly these files and nothing else, all applied: where this is true, `makePlan` finds
 * nothing to do and nothing to tell. Where it is false, that one says why.
 */
export function isSettled(sources: readonly Source[], histories: readonly History[]): boolean {
  if (new Set(sources.map(({ version }) => version)).size < sources.length) return false;
  return histories.every(({ database, entries, damage, missing = [] }) => {
    if (damage !== undefined || missing.length > 0) return false;
    const own = sources.filter((source) => source.database === database);
    const applied = new Map(entries.flatMap((entry) => (entry.state === 'started' ? [] : [[entry.name, entry]])));
    return (
      own.length === entries.length &&
      own.every(({ name, checksum }) => {
        const entry = applied.get(name);
        return entry !== undefined && (entry.checksum === undefined || entry.checksum === checksum);
      })
    );
  });
}
