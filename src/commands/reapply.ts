import type { Difference } from '../catalog/compare.ts';
import { laterChange, type Reference } from '../catalog/reference.ts';
import type { History } from '../core/history.ts';
import type { Migration } from '../core/migration.ts';
import { mayRunAgain, wasNeverRun } from '../core/reapply.ts';
import { MigrateError } from '../errors.ts';

/** The migrations that `repair --reapply` may run again here, and that would mend something. */
export function reapplicable(
  files: readonly Migration[],
  history: History,
  differences: readonly Difference[],
  reference: Reference | undefined,
): readonly { readonly database: Migration['database']; readonly version: number; readonly name: string }[] {
  const lacking = new Set(differences.flatMap(({ by, told }) => (by === undefined || told ? [] : [by])));
  const neverRun = new Set(history.entries.filter(wasNeverRun).map(({ name }) => name));
  return files
    .filter((file) => file.database === history.database && lacking.has(file.name) && neverRun.has(file.name))
    .filter((file) => mayRunAgain(file) && !(reference && laterChange(reference, file, history)))
    .map(({ database, version, name }) => ({ database, version, name }));
}

/**
 * Throws where a migration must not run again here, with what there is to do instead.
 * @throws MigrateError `source`.
 */
export function assertReapplicable(migration: Migration, history: History, reference: Reference | undefined): void {
  const refusal = whyNotReapplied(migration, history, reference);
  if (refusal === undefined) return;
  const [message, hint] = refusal;
  throw new MigrateError('source', message, { hint, place: { file: migration.name } });
}

const BY_HAND = 'localrag-migrate verify says what the database lacks, and the statements that mend it';

function whyNotReapplied(
  migration: Migration,
  history: History,
  reference: Reference | undefined,
): readonly [message: string, hint: string] | undefined {
  const { name, version, checksum } = migration;
  const entry = history.entries.find((each) => each.name === name);
  if (entry === undefined) return [`${name} is not applied yet`, 'localrag-migrate migrate runs it'];
  if (!wasNeverRun(entry))
    return [
      `${name} is ${entry.state}: --reapply is for what was recorded without being run here (adopted, baseline)`,
      entry.state === 'started' ? 'localrag-migrate migrate goes on with it' : BY_HAND,
    ];
  if (!mayRunAgain(migration))
    return [
      `${name} does not say that it may run on a database that has its work already`,
      `${BY_HAND}; a file that may run again has the directive replayable`,
    ];
  if (entry.checksum !== undefined && entry.checksum !== checksum)
    return [
      `${name} has changed since it was recorded: recorded ${entry.checksum}, the file ${checksum}`,
      `put the file back, or accept it as it is now: repair --rechecksum ${version}`,
    ];
  const later = reference && laterChange(reference, migration, history);
  if (later === undefined) return undefined;
  return [
    `${later.by} has changed what ${name} makes (${later.key}): running ${name} again would take that back`,
    BY_HAND,
  ];
}
