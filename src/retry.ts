import pRetry from 'p-retry';
import { systemClock } from './clock.ts';
import { ConnectionLost, MigrateError, mayPass } from './errors.ts';

export interface Pace {
  /** Milliseconds in which tries may begin, from the first on. */
  readonly budget: number;
  /** Milliseconds before the second try (grows by half with each one, with jitter), and at most between two. */
  readonly first: number;
  readonly most: number;
  readonly tries?: number;
}

/** Tries again what is `worthIt`, for as long as the budget lasts; then throws the last error, or the signal's reason. */
export function retrying<T>(
  pace: Pace,
  signal: AbortSignal,
  attempt: () => Promise<T>,
  worthIt: (error: Error) => boolean,
  told: (error: Error, attempt: number) => void = () => {},
): Promise<T> {
  let final: MigrateError | undefined;
  const remembering = async () => {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof MigrateError && !mayPass(error) && !isStop(error)) final = error;
      throw error;
    }
  };
  return pRetry(remembering, {
    retries: (pace.tries ?? Number.POSITIVE_INFINITY) - 1,
    minTimeout: pace.first,
    factor: 1.5,
    maxTimeout: pace.most,
    randomize: true,
    maxRetryTime: pace.budget,
    signal,
    shouldRetry: ({ error }) => worthIt(error),
    // No pause: the limit is reached, and no try follows.
    onFailedAttempt: ({ error, attemptNumber, retryDelay }) => {
      if (retryDelay > 0 && worthIt(error)) told(error, attemptNumber);
    },
  }).catch((error) => {
    // Where the signal was aborted too: what another try cannot change says more than that this one was stopped.
    throw final ?? error;
  });
}

export interface Polling {
  /** Milliseconds in which looks may begin, from the first on. */
  readonly budget: number;
  /** Milliseconds between the first two looks (then half as much more each time), and at most between two. */
  readonly first: number;
  readonly most: number;
  /** Milliseconds to the next look, where the last one has found out when that is worth it. */
  readonly nextLook?: () => number | undefined;
}

/** While another run holds a migration lock. A run that ends is noticed soon; a server has few connections of those who wait. */
export const LOCK_POLLING = { first: 50, most: 1_500 } as const;

/** A pause lasts at least so many times as long as the look before it: hundreds of waiting processes leave a slow server room. */
const PAUSE_PER_LOOK = 20;

/** Looks until `look` finds something, with jitter; undefined if the budget ends first. Throws what `look` throws. */
export async function polling<T>(
  { budget, first, most, nextLook = () => undefined }: Polling,
  signal: AbortSignal,
  look: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const end = performance.now() + budget;
  for (let pause = first; ; pause *= 1.5) {
    signal.throwIfAborted();
    const begin = performance.now();
    const found = await look();
    const now = performance.now();
    if (found !== undefined || now >= end) return found;
    const usual = Math.min(most, Math.max(pause, PAUSE_PER_LOOK * (now - begin))) * (0.75 + Math.random() / 2);
    await systemClock.sleep(Math.min(nextLook() ?? usual, end - now), signal);
  }
}

/** Whether a signal has ended the program: the signal's own reason says so. */
function isStop({ kind }: MigrateError): boolean {
  return kind === 'interrupted' || kind === 'terminated';
}

/** Whether a server turned something down that certainly left nothing behind, and may not turn it down again. */
export function isTransient(error: unknown): boolean {
  return error instanceof MigrateError && error.kind === 'busy' && !(error instanceof ConnectionLost);
}
