import type { History } from '../../core/history.ts';
import type { Migration } from '../../core/migration.ts';
import type { Change } from '../../engine/engine.ts';
import type { Report, WriteContext } from '../context.ts';
import { assertNumber, readyHistories } from '../histories.ts';
import { allLocked } from './migrate.ts';
import { entryOf } from './repairs.ts';

/** Records the migrations up to `to` as present, without running them: for databases that were set up otherwise. */
export async function baseline(context: WriteContext, to: number): Promise<Report> {
  const { files, engines, signal } = context;
  assertNumber(files, to);
  await readyHistories(context);
  const recorded = await allLocked(engines, signal, async (databases) => {
    const names: string[] = [];
    for (const db of databases) {
      const changes = baselineChanges(files, await db.history(signal), to);
      if (changes.length > 0) await db.amend(changes, signal);
      names.push(...changes.flatMap((change) => (change.kind === 'record' ? change.migration.name : [])));
    }
    return names;
  });
  const text =
    recorded.length === 0
      ? 'Nothing to record: the histories hold all of them.'
      : `Recorded as present, not run: ${recorded.join(', ')}.`;
  return { kind: 'ok', text, data: { recorded } };
}

function baselineChanges(files: readonly Migration[], history: History, to: number): readonly Change[] {
  const known = new Set(history.entries.map(({ name }) => name));
  const unknown = files.filter(
    (file) => file.database === history.database && file.version <= to && !known.has(file.name),
  );
  for (const migration of unknown) entryOf(history.entries, migration);
  return unknown.map((migration) => ({ kind: 'record', migration, state: 'baseline' }));
}
