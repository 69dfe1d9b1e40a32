import { inject } from 'vitest';
import type { FreshDatabase } from '../servers/databases.ts';
import { APPLICATION, session } from './held.ts';

/** Who of the application stands in line behind a session of the program, and for how many milliseconds. */
const BEHIND = `SELECT (extract(epoch FROM max(clock_timestamp() - l.waitstart)) * 1000)::float AS waited
FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE NOT l.granted AND a.datname = current_database() AND a.application_name = '${APPLICATION}'
  AND EXISTS (
    SELECT FROM pg_stat_activity m
    WHERE m.pid = ANY (pg_blocking_pids(a.pid)) AND m.application_name LIKE 'localrag-migrate%'
  )`;

/**
 * The longest wait of the application for a lock that the program stands in front of, by the server's own clock: what a
 * busy machine adds to an operation is not in it.
 */
export class WaitsBehindUs {
  longest = 0;
  #on = true;
  readonly #watching: Promise<void>;

  private constructor(look: () => Promise<number | null>) {
    this.#watching = this.#watch(look);
    this.#watching.catch(() => {});
  }

  static async watch(postgres: FreshDatabase): Promise<WaitsBehindUs> {
    const url = new URL(inject('postgres').url);
    url.pathname = postgres.database;
    const observer = await session(url.href);
    return new WaitsBehindUs(
      async () => (await observer.query<{ waited: number | null }>(BEHIND)).rows[0]?.waited ?? null,
    );
  }

  async stop(): Promise<void> {
    this.#on = false;
    await this.#watching;
  }

  async #watch(look: () => Promise<number | null>): Promise<void> {
    while (this.#on) this.longest = Math.max(this.longest, (await look()) ?? 0);
  }
}
