import pRetry from 'p-retry';
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
    onFailedAttempt: ({ error, attemptNumber }) => {
      if (worthIt(error)) told(error, attemptNumber);
    },
  }).catch((error) => {
    // Where the signal was aborted too: what another try cannot change says more than that this one was stopped.
    throw final ?? error;
  });
}

/** Whether a signal has ended the program: the signal's own reason says so. */
function isStop({ kind }: MigrateError): boolean {
  return kind === 'interrupted' || kind === 'terminated';
}

/** Whether a server turned something down that certainly left nothing behind, and may not turn it down again. */
export function isTransient(error: unknown): boolean {
  return error instanceof MigrateError && error.kind === 'busy' && !(error instanceof ConnectionLost);
}
