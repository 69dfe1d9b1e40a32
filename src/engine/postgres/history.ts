import pg from 'pg';
import type { EntryState } from '../../core/history.ts';
import type { Migration } from '../../core/migration.ts';
import { stepsChecksum } from '../../core/steps.ts';
import type { Identity } from '../engine.ts';

const text = pg.escapeLiteral;

/** Our columns beside the three of the earlier tool; all nullable, so that its rows and its inserts stay valid. */
const COLUMNS = {
  checksum: 'text',
  state: 'text',
  steps_done: 'integer',
  steps_total: 'integer',
  steps_checksum: 'text',
  step_begun: 'integer',
  breaking: 'boolean',
  started_at: 'timestamptz',
  took_ms: 'bigint',
  applied_by: 'text',
  host: 'text',
  tool_version: 'text',
  server_version: 'text',
} as const;

/** The statements that read and write one history table; every one names it with its schema, whatever search_path says. */
export class HistoryTable {
  /** With its schema, quoted. */
  readonly name: string;
  readonly #identity: Identity;

  constructor(schema: string, identity: Identity) {
    this.name = `${schema}.migrations`;
    this.#identity = identity;
  }

  /** Whether the table is there with all of our columns. */
  isCurrent(): string {
    return `SELECT count(*)::int = ${Object.keys(COLUMNS).length} AS current FROM pg_catalog.pg_attribute
      WHERE attrelid = to_regclass(${text(this.name)}) AND NOT attisdropped
        AND attname IN (${Object.keys(COLUMNS).map(text).join(', ')})`;
  }

  /**
   * Makes the table, or brings an earlier tool's up to ours; part of the transaction that first writes to it, so that a
   * first migration that fails leaves nothing. Only under the lock: CREATE IF NOT EXISTS races (23505).
   */
  create(): string {
    return `CREATE TABLE IF NOT EXISTS ${this.name} (
  id serial PRIMARY KEY,
  filename varchar(255) NOT NULL UNIQUE,
  applied_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP
);
ALTER TABLE ${this.name}
  ${Object.entries(COLUMNS)
    .map(([column, type]) => `ADD COLUMN IF NOT EXISTS ${column} ${type}`)
    .join(',\n  ')};
COMMENT ON TABLE ${this.name} IS 'What localrag-migrate has applied to this database'`;
  }

  /** A statement that fails unless a migration is recorded as done. */
  mustHold({ name }: Migration): string {
    return `DO $turn$ BEGIN
  IF NOT EXISTS (SELECT FROM ${this.name} WHERE filename = ${text(name)} AND state = 'applied') THEN
    RAISE EXCEPTION 'out of turn: the migration before this one is not recorded';
  END IF;
END $turn$`;
  }

  /** Records a whole migration as done; inside its own transaction, so its time is the transaction's. */
  recordApplied(migration: Migration): string {
    return `DELETE FROM ${this.name} WHERE filename = ${text(migration.name)} AND state = 'started' AND steps_done = 0;
${this.#insert(migration, 'applied', migration.steps.length, 'transaction_timestamp()', took('transaction_timestamp()'))}`;
  }

  /** Records a migration as run whose row said that it is there; inside its own transaction. */
  recordReapplied(migration: Migration): string {
    const begun = 'transaction_timestamp()';
    return this.#rewrite(this.#values(migration, 'applied', migration.steps.length, begun, took(begun)), migration);
  }

  /** Records that a migration whose row said that it is there is about to run from its first step on. */
  reopen(migration: Migration): string {
    return this.#rewrite(this.#values(migration, 'started', 0, 'clock_timestamp()', 'NULL'), migration);
  }

  /** Records that the first step is about to run; a row that is there already learns what the file is like now. */
  recordStarted(migration: Migration): string {
    return `UPDATE ${this.name} SET checksum = ${text(migration.checksum)}, steps_total = ${migration.steps.length},
  breaking = ${migration.directives.breaking} WHERE filename = ${text(migration.name)} AND state = 'started';
INSERT INTO ${this.name} (${INSERTED}) SELECT ${this.#values(migration, 'started', 0, 'clock_timestamp()', 'NULL')}
  WHERE NOT EXISTS (SELECT FROM ${this.name} WHERE filename = ${text(migration.name)})`;
  }

  /** Records that a step that must not run twice is about to run. */
  recordBegun(migration: Migration, step: number): string {
    return `UPDATE ${this.name} SET step_begun = ${step} WHERE filename = ${text(migration.name)} AND state = 'started'`;
  }

  /** Records that the first `done` steps are done; with the last one the migration is applied. */
  recordDone(migration: Migration, done: number): string {
    const last = done === migration.steps.length;
    return `UPDATE ${this.name} SET steps_done = ${done}, steps_checksum = ${text(stepsChecksum(migration, done))}, step_begun = NULL${
      last ? `, state = 'applied', applied_at = clock_timestamp(), took_ms = ${took('started_at')}` : ''
    } WHERE filename = ${text(migration.name)} AND state = 'started'`;
  }

  /** A person's word that the migration is present. */
  recordDecided(migration: Migration, state: 'baseline' | 'applied'): string {
    return `DELETE FROM ${this.name} WHERE filename = ${text(migration.name)};
${this.#insert(migration, state, migration.steps.length, 'NULL', 'NULL')}`;
  }

  forget(name: string): string {
    return `DELETE FROM ${this.name} WHERE filename = ${text(name)}`;
  }

  rechecksum(migration: Migration): string {
    return `UPDATE ${this.name} SET checksum = ${text(migration.checksum)} WHERE filename = ${text(migration.name)}`;
  }

  resume(migration: Migration, done: number): string {
    return `UPDATE ${this.name} SET step_begun = NULL, steps_done = ${done}, steps_checksum = ${text(stepsChecksum(migration, done))}
  WHERE filename = ${text(migration.name)} AND state = 'started'`;
  }

  #rewrite(values: string, { name }: Migration): string {
    return `UPDATE ${this.name} SET (${INSERTED}) = (${values})
  WHERE filename = ${text(name)} AND (state IS NULL OR state IN ('adopted', 'baseline'))`;
  }

  #insert(migration: Migration, state: EntryState, done: number, startedAt: string, tookMs: string): string {
    return `INSERT INTO ${this.name} (${INSERTED}) VALUES (${this.#values(migration, state, done, startedAt, tookMs)})`;
  }

  #values(migration: Migration, state: EntryState, done: number, startedAt: string, tookMs: string): string {
    const { host, toolVersion } = this.#identity;
    return `${text(migration.name)}, clock_timestamp(), ${text(migration.checksum)}, ${text(state)}, ${done}, ${migration.steps.length}, ${
      done === 0 ? 'NULL' : text(stepsChecksum(migration, done))
    }, ${migration.directives.breaking}, ${startedAt}, ${tookMs}, current_user, ${text(host)}, ${text(toolVersion)}, current_setting('server_version')`;
  }
}

const INSERTED =
  'filename, applied_at, checksum, state, steps_done, steps_total, steps_checksum, breaking, started_at, took_ms, applied_by, host, tool_version, server_version';

/** Milliseconds from a timestamp to now, as SQL. */
function took(from: string): string {
  return `(extract(epoch FROM clock_timestamp() - ${from}) * 1000)::bigint`;
}
