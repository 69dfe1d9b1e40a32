import { isTransient, retrying } from '../../retry.ts';
import { answered } from './answered.ts';
import type { Connection, Work } from './connection.ts';
import { isNameTaken } from './errors.ts';
import { SHORT } from './lease.ts';
import { assertNothingOpen } from './schema.ts';

/** What the history and the lease stand on. */
export const CONSTRAINTS = {
  _migration_version_unique: 'FOR (m:`_Migration`) REQUIRE m.version IS UNIQUE',
  _migration_lease_name_unique: 'FOR (l:`_MigrationLease`) REQUIRE l.name IS UNIQUE',
} as const;

type Name = keyof typeof CONSTRAINTS;

/**
 * The history's anchor: all nodes of ours are linked to it, so that a clean-up of unconnected nodes passes them by. It is linked to
 * itself from the start. It is there before the constraints are, and says how many entries were recorded: where it is gone, or
 * says another number than there are, something else has deleted nodes of ours.
 */
const ANCHOR = 'MERGE (b:`_MigrationBootstrap`) MERGE (b)-[:`_MIGRATION_OF`]->(b)';

/**
 * Two runs may have made a node each, as nothing keeps MERGE from that. So each locks all that it sees, in one order: of two runs,
 * the one whose node was committed later sees the other's as well.
 */
const TAKE_TURN = 'MATCH (b:`_MigrationBootstrap`) WITH b ORDER BY elementId(b) SET b.turn = true';

/**
 * Makes the constraints that are missing, and the anchor where it is not there (`anchored`), in tries for `budget` milliseconds. Nobody can have the lease yet, so runs take turns by
 * the lock of another node. For no CREATE CONSTRAINT may wait for another's: where that one is cut off, it leaves its index behind,
 * POPULATING, and the one that has waited makes a second index of the same name; from then on no command drops the first
 * (seen on 5.26, in one of fifty databases on which sixteen runs began at once and half were killed).
 */
export async function bootstrap(
  connection: Connection,
  anchored: boolean,
  budget: number,
  signal: AbortSignal,
): Promise<void> {
  await retrying(
    { budget, first: 50, most: 1_000 },
    signal,
    async () => {
      const complete = (await missing(connection, signal)).length === 0;
      if (complete && anchored) return;
      if (complete && (await isAnchored(connection, signal))) return;
      // A statement of a run that is at work may have deleted it, with everything else; that run puts it back.
      if (complete) await assertNothingOpen(connection, 'the history', signal);
      await connection.transaction((tx) => tx.rows(ANCHOR), answered(signal), { timeout: SHORT });
      const turn = (tx: Work) => inTurn(connection, tx, signal);
      await connection.transaction(turn, answered(signal, SHORT), { timeout: SHORT });
    },
    isTransient,
  );
}

async function inTurn(connection: Connection, tx: Work, signal: AbortSignal): Promise<void> {
  await tx.rows(TAKE_TURN);
  // Whoever had it before may have made them.
  for (const name of await missing(connection, signal)) await make(connection, name, signal);
}

async function isAnchored(connection: Connection, signal: AbortSignal): Promise<boolean> {
  return (
    (await connection.readFromLeader('MATCH (b:`_MigrationBootstrap`) RETURN 1 AS one LIMIT 1', signal)).length > 0
  );
}

async function missing(connection: Connection, signal: AbortSignal): Promise<readonly Name[]> {
  const rows = await connection.readFromLeader('SHOW CONSTRAINTS YIELD name RETURN name', signal);
  const there = new Set(rows.map(({ name }) => name));
  return (Object.keys(CONSTRAINTS) as Name[]).filter((name) => !there.has(name));
}

/** Throws `busy` while the server is still at a command of somebody who had the turn, and was killed in it. */
async function make(connection: Connection, name: Name, signal: AbortSignal): Promise<void> {
  const execute = (command: string) =>
    connection.autoCommit(command, answered(signal), { metadata: { constraint: true } });
  const create = () => execute(`CREATE CONSTRAINT ${name} IF NOT EXISTS ${CONSTRAINTS[name]}`);
  await assertNothingOpen(connection, name, signal);
  try {
    await create();
  } catch (error) {
    if (!isNameTaken(error)) throw error;
    // Its index is there alone: somebody was killed while it made the constraint.
    await execute(`DROP INDEX ${name} IF EXISTS`);
    await create();
  }
}
