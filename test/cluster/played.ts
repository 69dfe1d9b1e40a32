import type { Helm } from './helm.ts';
import type { Kubectl } from './kubectl.ts';
import { Observation } from './observation.ts';
import type { Row } from './table.ts';

export interface Played {
  readonly name: string;
  readonly helm: Helm;
  /** Its own, which exists. */
  readonly namespace: string;
  /** Helm's own words, as soon as it fails. */
  readonly said: readonly string[];
  play(observation: Observation): Promise<void>;
}

/** Plays something in a namespace, and writes its row: a failure too is one. */
export async function played(kubectl: Kubectl, { name, helm, namespace, said, play }: Played): Promise<Row> {
  const began = performance.now();
  const observation = new Observation(kubectl, namespace);
  let wrong = '';
  try {
    await play(observation);
  } catch (error) {
    wrong = error instanceof Error ? error.message : String(error);
    say(`FAILED ${name} (Helm ${helm}): ${wrong}`);
  }
  await observation.end();
  const { pods, jobs } = observation;
  const seconds = (performance.now() - began) / 1000;
  say(`${wrong ? 'failed' : 'passed'}: ${name} (Helm ${helm}), ${seconds.toFixed(0)} s: ${pods}; ${jobs}`);
  return { scenario: name, helm, pods, jobs, said: said.join('; '), seconds, wrong };
}

export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** @returns the results in the order of the items */
export async function atOnce<Item, Result>(
  count: number,
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const waiting = items.entries();
  const worker = async () => {
    for (const [index, item] of waiting) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: count }, worker));
  return results;
}
