export interface AcquireOptions {
  /** Whose settings are looked at: TEST_POSTGRES_URL or DEMO_POSTGRES_URL, and so on. */
  readonly settings: 'TEST' | 'DEMO';
  /** Survives this process. */
  readonly detached?: boolean;
}

export type Source = 'given' | 'docker' | 'local';

/**
 * The first way that works. What a server's absence would hide is what these tests are for: where none
 * works this throws, and nothing is skipped.
 * @throws {Error} one sentence about each way that failed, and what to do
 */
export async function firstAvailable<T>(
  server: string,
  remedy: string,
  ways: readonly (() => Promise<T>)[],
): Promise<T> {
  const reasons: string[] = [];
  for (const way of ways) {
    try {
      return await way();
    } catch (error) {
      reasons.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new Error(`${server} could not be had: ${reasons.join('; ')}. ${remedy}`);
}
