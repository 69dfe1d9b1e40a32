import type { History } from '../../core/history.ts';
import type { Migration } from '../../core/migration.ts';
import type { RestorePoint } from '../../core/restore-point.ts';
import type { Identity } from '../../engine/engine.ts';
import type { Emit } from '../../events.ts';

/**
 * What one run has applied. A lost connection leaves open whether what was sent is committed: those migrations stay in doubt until
 * a history shows them, with this run's id.
 */
export class Outcome {
  readonly #runId: string;
  readonly #emit: Emit;
  readonly #applied = new Set<string>();
  readonly #inDoubt = new Map<string, Migration>();
  /** Noted once, also if the run begins again after a lost connection. */
  restorePoint: RestorePoint | undefined;

  constructor({ runId }: Identity, emit: Emit) {
    this.#runId = runId;
    this.#emit = emit;
  }

  /** In the order in which they were applied. */
  get applied(): readonly string[] {
    return [...this.#applied];
  }

  sent(migration: Migration): void {
    this.#inDoubt.set(migration.name, migration);
  }

  /** The server has answered that it is not committed. */
  refused({ name }: Migration): void {
    this.#inDoubt.delete(name);
  }

  committed({ name, database }: Migration, tookMs: number): void {
    this.#inDoubt.delete(name);
    this.#applied.add(name);
    this.#emit({ event: 'applied', database, migration: name, tookMs });
  }

  /** Settles what is in doubt and shown here; what another run has applied is not this one's. */
  learn(histories: readonly History[]): void {
    for (const { database, entries } of histories)
      for (const { name, state, runId, tookMs = 0 } of entries) {
        const migration = this.#inDoubt.get(name);
        if (state !== 'applied' || migration?.database !== database) continue;
        if (runId === this.#runId) this.committed(migration, tookMs);
        else this.refused(migration);
      }
  }

  /** Under the lock nothing is under way any more: what the histories did not show was rolled back. */
  settle(histories: readonly History[]): void {
    this.learn(histories);
    this.#inDoubt.clear();
  }
}
