import assert from 'node:assert/strict';
import type { Values } from '../helm.ts';
import { eventually, type Stage } from '../stage.ts';

/** Migrations of PostgreSQL alone, given to the chart by name. */
export function inline(...files: readonly (readonly [name: string, text: string])[]): Values {
  return { scope: 'postgres', migrations: { inline: Object.fromEntries(files) } };
}

export const FIRST = ['001_first.sql', 'CREATE TABLE first (id int);\n'] as const;
/** Fails in its second statement: exit code 70. */
export const BAD = ['002_second.sql', 'CREATE TABLE half (id int);\nSELECT nothing FROM nowhere;\n'] as const;

/** The log of the Job that has failed with it is still there. */
export async function assertLogOfBad(stage: Stage, job = 'rag-migrate'): Promise<void> {
  assert.match(await stage.kubectl(['logs', `job/${job}`]), /relation .*nowhere.* does not exist/);
}

export const SECOND = ['002_second.sql', 'CREATE TABLE second (id int);\n'] as const;

/** A migration that goes on when the test lets it: polls, because a lock that it waited for would time out. */
export const GATED = [
  '001_gated.sql',
  `CREATE TABLE gated (id int);
DO $$ BEGIN WHILE NOT EXISTS (SELECT FROM gate) LOOP PERFORM pg_sleep(0.1); END LOOP; END $$;
`,
] as const;

/** The gate of GATED, shut. */
export class Gate {
  readonly #stage: Stage;

  private constructor(stage: Stage) {
    this.#stage = stage;
  }

  static async shut(stage: Stage): Promise<Gate> {
    await stage.props.postgres.query('CREATE TABLE gate (open boolean)');
    return new Gate(stage);
  }

  async open(): Promise<void> {
    await this.#stage.props.postgres.query('INSERT INTO gate VALUES (true)');
  }

  /** Waits until a migration stands before it. */
  async reached(): Promise<void> {
    const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'`;
    await eventually(async () => {
      const rows = await this.#stage.props.postgres.query(waiting);
      if (rows.length === 0) throw new Error('no migration stands before the gate');
    });
  }
}
