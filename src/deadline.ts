/** Milliseconds that giving something back may take: a connection that is silently dead must not hold the process. */
export const CLEANUP = 5_000;

/** Waits for cleanup, but not longer than it may take. Cleanup that fails has nothing to tell: never rejects. */
export async function cleanedUp(cleanup: Promise<unknown>, within = CLEANUP): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, within);
  await Promise.race([cleanup.catch(() => {}), late]);
  clearTimeout(timer);
}

/** As `work`; but once the signal is aborted, `work` has only so many milliseconds left before it is given up. */
export async function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined, grace: number): Promise<T> {
  if (signal === undefined) return work;
  const { promise: abandoned, reject } = Promise.withResolvers<never>();
  let timer: NodeJS.Timeout | undefined;
  const begin = () => {
    timer = setTimeout(() => reject(signal.reason), grace);
  };
  signal.addEventListener('abort', begin, { once: true });
  try {
    return await Promise.race([work, abandoned]);
  } finally {
    signal.removeEventListener('abort', begin);
    clearTimeout(timer);
  }
}
