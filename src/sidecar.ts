import { retrying } from './retry.ts';

/** Milliseconds in which a sidecar must have answered: less than what a pod's grace leaves behind SHUTDOWN_GRACE. */
const PATIENCE = 5_000;

/**
 * Asks a mesh's sidecar to end. One that runs beside its container, and not around it, keeps the pod of a finished Job running.
 * Never fails: whoever waits for the Job would be told of the sidecar, and not of what the Job found.
 */
export async function quit(url: string): Promise<void> {
  const signal = AbortSignal.timeout(PATIENCE);
  // A run that fails at once may be faster than the sidecar's start. Any answer is one.
  const pace = { budget: PATIENCE, first: 100, most: 500 };
  await retrying(
    pace,
    signal,
    () => fetch(url, { method: 'POST', signal }),
    () => true,
  ).catch(() => {});
}
