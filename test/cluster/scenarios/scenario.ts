import type { Helm } from '../helm.ts';
import type { Stage } from '../stage.ts';

export interface Scenario {
  readonly name: string;
  /** Both, where they differ in what happens; else the newer one. */
  readonly helms: readonly Helm[];
  /** Takes a node out of service for a moment: only where that is asked for. */
  readonly drains?: boolean;
  /** Plays with a program that Go builds: only where Go is there. */
  readonly needsGo?: boolean;
  /** Only if `--only` chooses it: what it needs takes too long for every run. */
  readonly byName?: boolean;
  /** Leaves Neo4j alone and watches no other scenario's work, so that several are played at once. */
  readonly isolated?: boolean;
  /** @throws what did not happen as it must */
  play(stage: Stage): Promise<void>;
}
