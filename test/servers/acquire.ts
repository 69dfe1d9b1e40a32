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

/**
 * A setting is an order: where the server that it names does not work, no other one takes its place.
 * @throws {Error} naming the setting
 */
export async function givenBy<T>(setting: string, connect: () => Promise<T>): Promise<T> {
  return connect().catch((cause: Error) => {
    throw new Error(`The server that ${setting} names does not answer: ${cause.message}`, { cause });
  });
}

/**
 * All of these servers or none: where one cannot be had, the others are stopped.
 * @throws {Error} what each one lacks, a line each
 */
export async function allOrNone<T extends readonly { stop(): Promise<void> }[]>(
  starting: { readonly [Index in keyof T]: Promise<T[Index]> },
): Promise<T> {
  const settled = await Promise.allSettled(starting);
  const failures = settled.flatMap((server) => (server.status === 'rejected' ? [server.reason as Error] : []));
  if (failures.length === 0) return Promise.all(starting) as unknown as Promise<T>;
  for (const server of settled) if (server.status === 'fulfilled') await server.value.stop();
  throw new AggregateError(failures, failures.map(({ message }) => message).join('\n'));
}
