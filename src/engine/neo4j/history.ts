import type { Entry, EntryState } from '../../core/history.ts';
import type { Migration } from '../../core/migration.ts';
import type { RestorePoint } from '../../core/restore-point.ts';
import { stepsChecksum } from '../../core/steps.ts';
import { MigrateError, Overtaken } from '../../errors.ts';
import type { Change, Identity } from '../engine.ts';
import type { Row, Work } from './connection.ts';
import { statementError } from './errors.ts';
import { damagedNodes } from './history-nodes.ts';

/** The writes of the history; each is a part of somebody's transaction. */
export class HistoryNodes {
  readonly #identity: Identity;
  readonly #user: string;
  readonly #serverVersion: () => string;
  /** Of the run that writes. */
  restorePoint: RestorePoint | undefined;

  constructor(identity: Identity, user: string, serverVersion: () => string) {
    this.#identity = identity;
    this.#user = user;
    this.#serverVersion = serverVersion;
  }

  /** Creates the node; fails on the unique version where another run has it already. */
  async create(tx: Work, migration: Migration, state: EntryState, done: number): Promise<void> {
    const rows = await tx
      .rows(CREATE, {
        version: migration.version,
        facts: { ...this.#facts(migration, done), name: migration.name, state, restorePoint: this.#point },
      })
      .catch((error) => {
        throw recordedMeanwhile(error);
      });
    if (rows.length === 0) throw anchorGone();
  }

  /** A node that is there already learns what the file is like now. */
  async restart(tx: Work, migration: Migration, done: number): Promise<void> {
    await tx.rows(
      `MATCH (m:\`_Migration\` {version: $version}) WHERE m.state = 'started'
       SET m += $facts, m.restorePoint = coalesce(m.restorePoint, $point)`,
      { version: migration.version, facts: this.#facts(migration, done), point: this.#point },
    );
  }

  /** A node that said that a migration is there, now says that it is about to run. */
  async reopen(tx: Work, migration: Migration): Promise<void> {
    await tx.rows(
      `MATCH (m:\`_Migration\` {version: $version}) WHERE m.state IN ['adopted', 'baseline']
       SET m += $facts, m.state = 'started', m.startedAt = datetime.realtime(), m.appliedAt = null, m.tookMs = null, m.restorePoint = $point`,
      { version: migration.version, facts: this.#facts(migration, 0), point: this.#point },
    );
  }

  async begun(tx: Work, migration: Migration, step: number): Promise<void> {
    await tx.rows('MATCH (m:`_Migration` {version: $version}) SET m.stepBegun = $step', {
      version: migration.version,
      step,
    });
  }

  /** With the last step the migration is applied; `completed` says when, where the work of the step is still to come. */
  async done(tx: Work, migration: Migration, done: number): Promise<void> {
    await tx.rows(
      `MATCH (m:\`_Migration\` {version: $version}) SET m.stepsDone = $done, m.stepsChecksum = $checksum, m.stepBegun = null, m.runId = $runId${
        done === migration.steps.length ? `, m.state = 'applied', ${APPLIED}` : ''
      }`,
      { version: migration.version, done, checksum: stepsChecksum(migration, done), runId: this.#identity.runId },
    );
  }

  /** Completes a node that says that it is applied since before its work: time and duration are known only after it. */
  async completed(tx: Work, migration: Migration): Promise<void> {
    await tx.rows(`MATCH (m:\`_Migration\` {version: $version}) SET ${APPLIED}`, { version: migration.version });
  }

  /** To be followed by `recount`. */
  async amend(tx: Work, change: Change): Promise<void> {
    switch (change.kind) {
      case 'record':
        await tx.rows('MATCH (m:`_Migration` {version: $version, name: $name}) DETACH DELETE m', {
          version: change.migration.version,
          name: change.migration.name,
        });
        await this.create(tx, change.migration, change.state, change.migration.steps.length);
        await tx.rows(
          'MATCH (m:`_Migration` {version: $version}) SET m.appliedAt = datetime.realtime(), m.startedAt = null',
          { version: change.migration.version },
        );
        break;
      case 'forget':
        await changeOne(tx, change.entry, 'DETACH DELETE m');
        break;
      case 'forget-all':
        await tx.rows('MATCH (m:`_Migration`) DETACH DELETE m');
        break;
      case 'rechecksum':
        await changeOne(tx, change.migration, 'SET m.checksum = $checksum', { checksum: change.migration.checksum });
        break;
      case 'resume':
        await changeOne(tx, change.migration, "WHERE m.state = 'started' SET m += $facts", {
          facts: this.#facts(change.migration, change.done),
        });
        break;
      case 'rebuild':
        for (const id of await damagedNodes(tx))
          await tx.rows('MATCH (m:`_Migration`) WHERE elementId(m) = $id DETACH DELETE m', { id });
        for (const migration of change.migrations)
          await this.amend(tx, { kind: 'record', migration, state: 'baseline' });
        break;
    }
  }

  /** Says how many entries there are now. */
  async recount(tx: Work): Promise<void> {
    await tx.rows('MATCH (b:`_MigrationBootstrap`) SET b.recorded = COUNT { (:`_Migration`) }');
  }

  get #point(): string | null {
    return this.restorePoint === undefined ? null : JSON.stringify(this.restorePoint);
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
      runId: this.#identity.runId,
    };
  }
}

/** Changes the node of one migration, which its number and its name tell from those of others. */
async function changeOne(
  tx: Work,
  { version, name }: Pick<Entry, 'version' | 'name'>,
  change: string,
  parameters: Row = {},
): Promise<void> {
  const rows = await tx.rows(
    `MATCH (m:\`_Migration\` {version: $version, name: $name}) ${change} RETURN 1 AS changed`,
    {
      version,
      name,
      ...parameters,
    },
  );
  if (rows.length > 0) return;
  throw new MigrateError('source', `the Neo4j history has no such entry any more: ${name}`, {
    hint: 'nothing was changed: localrag-migrate status shows what is there',
  });
}

/** With its link to the anchor, which counts it. */
const CREATE = `MATCH (b:\`_MigrationBootstrap\`) WITH b ORDER BY elementId(b) LIMIT 1
CREATE (m:\`_Migration\` {version: $version})-[:\`_MIGRATION_OF\`]->(b)
SET m += $facts, m.startedAt = datetime.realtime(), b.recorded = coalesce(b.recorded, 0) + 1
RETURN b.recorded AS recorded`;

function anchorGone(): MigrateError {
  return new MigrateError(
    'source',
    "the Neo4j history's anchor (label _MigrationBootstrap) was deleted while the run was at work",
    {
      hint: 'find out what deletes nodes without a label; then run migrate again: it says what is missing',
    },
  );
}

const APPLIED =
  'm.appliedAt = datetime.realtime(), m.tookMs = datetime.realtime().epochMillis - m.startedAt.epochMillis';

/** Its unique version says that another run was here, which the histories know more about. */
function recordedMeanwhile(error: unknown): unknown {
  const known = statementError(error);
  return known.server?.code?.endsWith('.Schema.ConstraintValidationFailed')
    ? new Overtaken(`another run has recorded this migration meanwhile: ${known.message}`, error)
    : error;
}
