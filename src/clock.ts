import { setTimeout as delay } from 'node:timers/promises';

/** Time, as everything here is told it; tests bring their own. */
export interface Clock {
  /** Milliseconds since the epoch, by a clock that never goes back: differences are elapsed time. */
  now(): number;
  /**
   * Resolves after `ms` milliseconds.
   * @throws the signal's reason, at once when it is or becomes aborted; no timer stays behind.
   */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  // Date.now() jumps when somebody sets the machine's clock, and a lease or a budget would end with it.
  now: () => performance.timeOrigin + performance.now(),

  async sleep(ms, signal) {
    try {
      await delay(ms, undefined, { signal });
    } catch (error) {
      // Node wraps the reason in an AbortError of its own; callers want to see why they were stopped.
      signal.throwIfAborted();
      throw error;
    }
  },
};
