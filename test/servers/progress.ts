/** A line on stderr about something slow, so that nobody takes a download for a hang. */
export function progress(message: string): void {
  process.stderr.write(`[servers] ${message}\n`);
}

/** Says what begins, every ten seconds that it still goes on, and how long it took. */
export async function withProgress<T>(message: string, work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  const seconds = () => `${((performance.now() - began) / 1000).toFixed(1)} s`;
  progress(`${message} ...`);
  const reminder = setInterval(() => progress(`${message} ... ${seconds()}`), 10_000);
  try {
    const result = await work();
    progress(`${message}: done in ${seconds()}`);
    return result;
  } finally {
    clearInterval(reminder);
  }
}
