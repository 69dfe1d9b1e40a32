import type { Entry, EntryState } from '../../core/history.ts';
import type { Migration } from '../../core/migration.ts';
import { stepsChecksum } from '../../core/steps.ts';
import { ConnectionLost } from '../../errors.ts';
import type { Change, Identity } from '../engine.ts';
import type { Row, Work } from './connection.ts';
import { statementError } from './errors.ts';

/** Times as texts: the driver's own take it 0.2 ms each row to make. */
export const READ_HISTORY = `MATCH (m:\`_Migration\`)
RETURN m {.*, startedAt: toString(m.startedAt), appliedAt: toString(m.appliedAt)} AS entry ORDER BY m.version`;

export function entryOf(row: Row): Entry {
  const entry = row.entry as Row;
  const optional = <T>(name: string, convert: (value: never) => T) =>
    entry[name] === null || entry[name] === undefined ? {} : { [name]: convert(entry[name] as never) };
  const date = (value: string) => new Date(value.replace(/\[.*\]$/, ''));
  return {
    database: 'neo4j',
    name: String(entry.name),
    version: Number(entry.version),
    state: entry.state as EntryState,
    ...optional('checksum', String),
    ...optional('stepsDone', Number),
    ...optional('stepsTotal', Number),
    ...optional('stepsChecksum', String),
    ...optional('stepBegun', Number),
    ...optional('breaking', Boolean),
    ...optional('startedAt', date),
    ...optional('appliedAt', date),
    ...optional('tookMs', Number),
    ...optional('by', String),
    ...optional('host', String),
    ...optional('toolVersion', String),
    ...optional('serverVersion', String),
  };
}

/** The writes of the history; each is a part of somebody's transaction. */
export class HistoryNodes {
  readonly #identity: Identity;
  readonly #user: string;
  readonly #serverVersion: () => string;

  constructor(identity: Identity, user: string, serverVersion: () => string) {
    this.#identity = identity;
    this.#user = user;
    this.#serverVersion = serverVersion;
  }

  /** Creates the node; fails on the unique version where another run has it already. */
  async create(tx: Work, migration: Migration, state: EntryState, done: number): Promise<void> {
    await tx
      .rows('CREATE (m:`_Migration` {version: $version}) SET m += $facts, m.startedAt = datetime.realtime()', {
        version: migration.version,
        facts: { ...this.#facts(migration, done), name: migration.name, state },
      })
      .catch((error) => {
        throw recordedMeanwhile(error);
      });
  }

  /** A node that is there already learns what the file is like now. */
  async restart(tx: Work, migration: Migration, done: number): Promise<void> {
    await tx.rows("MATCH (m:`_Migration` {version: $version}) WHERE m.state = 'started' SET m += $facts", {
      version: migration.version,
      facts: this.#facts(migration, done),
    });
  }

  /** A node that said that a migration is there, now says that it is about to run. */
  async reopen(tx: Work, migration: Migration): Promise<void> {
    await tx.rows(
      `MATCH (m:\`_Migration\` {version: $version}) WHERE m.state IN ['adopted', 'baseline']
       SET m += $facts, m.state = 'started', m.startedAt = datetime.realtime(), m.appliedAt = null, m.tookMs = null`,
      { version: migration.version, facts: this.#facts(migration, 0) },
    );
  }

  async begun(tx: Work, migration: Migration, step: number): Promise<void> {
    await tx.rows('MATCH (m:`_Migration` {version: $version}) SET m.stepBegun = $step', {
      version: migration.version,
      step,
    });
  }

  /** With the last step the migration is applied. */
  async done(tx: Work, migration: Migration, done: number): Promise<void> {
    await tx.rows(
      `MATCH (m:\`_Migration\` {version: $version}) SET m.stepsDone = $done, m.stepsChecksum = $checksum, m.stepBegun = null${
        done === migration.steps.length ? `, m.state = 'applied', ${APPLIED}` : ''
      }`,
      { version: migration.version, done, checksum: stepsChecksum(migration, done) },
    );
  }

  /** Completes a node that was created as applied before its work: time and duration are known only after it. */
  async completed(tx: Work, migration: Migration): Promise<void> {
    await tx.rows(`MATCH (m:\`_Migration\` {version: $version}) SET ${APPLIED}`, { version: migration.version });
  }

  async amend(tx: Work, change: Change): Promise<void> {
    switch (change.kind) {
      case 'record':
        await this.#forget(tx, change.migration.version);
        await this.create(tx, change.migration, change.state, change.migration.steps.length);
        await tx.rows(
          'MATCH (m:`_Migration` {version: $version}) SET m.appliedAt = datetime.realtime(), m.startedAt = null',
          { version: change.migration.version },
        );
        break;
      case 'forget':
        await this.#forget(tx, change.entry.version);
        break;
      case 'rechecksum':
        await tx.rows('MATCH (m:`_Migration` {version: $version}) SET m.checksum = $checksum', {
          version: change.migration.version,
          checksum: change.migration.checksum,
        });
        break;
      case 'resume':
        await this.restart(tx, change.migration, change.done);
        break;
    }
  }

  async #forget(tx: Work, version: number | undefined): Promise<void> {
    await tx.rows('MATCH (m:`_Migration` {version: $version}) DELETE m', { version });
  }

  #facts(migration: Migration, done: number): Row {
    return {
      checksum: migration.checksum,
      stepsDone: done,
      stepsTotal: migration.steps.length,
      stepsChecksum: stepsChecksum(migration, done),
      stepBegun: null,
      breaking: migration.directives.breaking,
      by: this.#user,
      host: this.#identity.host,
      toolVersion: this.#identity.toolVersion,
      serverVersion: this.#serverVersion(),
    };
  }
}

const APPLIED =
  'm.appliedAt = datetime.realtime(), m.tookMs = datetime.realtime().epochMillis - m.startedAt.epochMillis';

/** Its unique version says that another run was here, which the histories know more about. */
function recordedMeanwhile(error: unknown): unknown {
  const known = statementError(error);
  return known.server?.code?.endsWith('.Schema.ConstraintValidationFailed')
    ? new ConnectionLost(`another run has recorded this migration meanwhile: ${known.message}`, error)
    : error;
}
