import type { Reference } from '../../catalog/reference.ts';
import type { Migration } from '../../core/migration.ts';
import type { LockedEngine } from '../../engine/engine.ts';
import { ConnectionLost, MigrateError } from '../../errors.ts';
import { loadReference } from '../../files/reference.ts';
import type { WriteContext } from '../context.ts';
import { noteRestorePoint } from './restore-point.ts';

/** What the files make, as far as that is known for exactly these files. */
export async function referenceFor({ config, files }: WriteContext): Promise<Reference | undefined> {
  const reference = loadReference(config.migrationsDir);
  if (typeof reference === 'string') return undefined;
  return files.every(({ name, checksum }) => reference.files[name] === checksum) ? reference : undefined;
}

/** Runs a migration that was never run here, and makes sure that the history says so. */
export async function runAgain({ emit, signal }: WriteContext, db: LockedEngine, migration: Migration): Promise<void> {
  const { name, database, steps } = migration;
  const work = AbortSignal.any([signal, db.lost]);
  db.stamp(await noteRestorePoint([db], emit, work));
  const begin = performance.now();
  emit({ event: 'started', database, migration: name, from: 0, steps: steps.length });
  await db.reapply(migration, work).catch((error) => {
    throw explained(error, migration);
  });
  const { entries } = await db.history(work);
  if (!entries.some((entry) => entry.name === name && entry.state === 'applied'))
    throw new Error(`${name} was run, yet the history does not say so`);
  emit({ event: 'applied', database, migration: name, tookMs: Math.round(performance.now() - begin) });
}

function explained(error: unknown, { version, steps }: Migration): unknown {
  if (error instanceof ConnectionLost)
    return new MigrateError(error.kind, error.message, {
      cause: error,
      hint: `localrag-migrate status says whether it was done: then it is applied; else run repair --reapply ${version} again`,
    });
  if (!(error instanceof MigrateError) || error.kind !== 'failed') return error;
  const hint =
    steps[0]?.kind === 'sql-file'
      ? 'it was rolled back whole: database and history are as they were. Mend what the statement stumbled over, and run repair again'
      : 'mend what the statement stumbled over: migrate goes on here';
  return new MigrateError(error.kind, error.message, { ...error, cause: error, hint });
}
