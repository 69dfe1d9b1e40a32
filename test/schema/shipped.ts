import { readdirSync, readFileSync } from 'node:fs';
import type { Driver } from 'neo4j-driver';
import type { Client } from 'pg';
import type { Migration } from '../../src/core/migration.ts';
import { parseMigration } from '../../src/core/parse.ts';

const DIRECTORY = new URL('../../migrations/', import.meta.url);

function parse(name: string, bytes: Uint8Array): Migration {
  const { migration, problems } = parseMigration(name, bytes);
  if (migration === undefined) throw new Error(`${name}: ${problems.map((problem) => problem.message).join('; ')}`);
  return migration;
}

const SHIPPED = readdirSync(DIRECTORY)
  .filter((name) => /\.(sql|cypher)$/.test(name))
  .sort()
  .map((name) => parse(name, readFileSync(new URL(name, DIRECTORY))));

export const POSTGRES = SHIPPED.filter((migration) => migration.database === 'postgres');

const foundation = SHIPPED.find((migration) => migration.name === '006_foundation.cypher');
if (foundation === undefined) throw new Error('006_foundation.cypher is not there');
const FOUNDATION: Migration = foundation;

function rollbackOf(migration: Migration): string {
  if (migration.rollback === undefined) throw new Error(`${migration.name} has no rollback section`);
  return migration.rollback;
}

/** As the program sends a file: the whole text in one message, which is one transaction. */
export async function apply(client: Client, migrations: readonly Migration[]): Promise<void> {
  for (const migration of migrations) await client.query(migration.text);
}

export async function rollBack(client: Client, migration: Migration): Promise<void> {
  await client.query(rollbackOf(migration));
}

/** As the program does: each statement in a transaction of its own, then a wait until every index can be used. */
async function runCypher(driver: Driver, migration: Migration): Promise<void> {
  for (const { start, end } of migration.steps.flatMap((step) => step.statements)) {
    await driver.executeQuery(migration.text.slice(start, end));
  }
  await driver.executeQuery('CALL db.awaitIndexes(60)');
}

export const applyFoundation = (driver: Driver) => runCypher(driver, FOUNDATION);

/** A text as a person pastes it into cypher-shell. */
export const pasteCypher = (driver: Driver, text: string) =>
  runCypher(driver, parse('000_pasted.cypher', Buffer.from(text)));

export const rollBackFoundation = (driver: Driver) => pasteCypher(driver, rollbackOf(FOUNDATION));
