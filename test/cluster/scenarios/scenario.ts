import type { Helm } from '../helm.ts';
import type { Stage } from '../stage.ts';

export interface Scenario {
  readonly name: string;
  /** Both, where they differ in what happens; else the newer one. */
  readonly helms: readonly Helm[];
  /** @throws what did not happen as it must */
  play(stage: Stage): Promise<void>;
}
