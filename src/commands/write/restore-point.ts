import type { RestorePoint } from '../../core/restore-point.ts';
import type { LockedEngine } from '../../engine/engine.ts';
import type { Emit } from '../../events.ts';

/** Notes where the databases are. To be called under the locks, before the first change of a run. */
export async function noteRestorePoint(
  databases: readonly LockedEngine[],
  emit: Emit,
  signal: AbortSignal,
): Promise<RestorePoint> {
  const time = new Date().toISOString();
  const positions = await Promise.all(databases.map((db) => db.position(signal)));
  const restorePoint: RestorePoint = Object.assign({ time }, ...positions);
  emit({ event: 'restore-point', restorePoint });
  return restorePoint;
}
