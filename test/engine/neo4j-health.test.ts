import neo4j from 'neo4j-driver';
import { expect, test } from 'vitest';
import { healthChecks } from '../../src/engine/neo4j/catalog.ts';
import type { Connection, Row } from '../../src/engine/neo4j/connection.ts';
import { connectError } from '../../src/engine/neo4j/errors.ts';
import { freshPair } from '../journeys/pair.ts';
import { directoryOf, run } from '../program.ts';

/** A server with these databases; the shared one is of an edition that has only one. */
function server(answering: string, databases: Readonly<Record<string, Row>>): Connection {
  const read = async (query: string, _: AbortSignal, { database }: Row = {}) => {
    if (!query.startsWith('SHOW DATABASES')) return [{ version: '5.26.30', edition: 'enterprise' }];
    return query.includes('WHERE name = $database') ? [databases[String(database)]].flatMap((row) => row ?? []) : [];
  };
  return { database: answering, read } as unknown as Connection;
}

const ONLINE = { currentStatus: 'online', access: 'read-write' };
const writable = async (connection: Connection) =>
  (await healthChecks(connection, 'migrator', new AbortController().signal)).find(({ name }) => name === 'writable');

test('health judges the database that is configured, whatever the home database is like', async () => {
  const readOnly = { tenant: { currentStatus: 'online', access: 'read-only' }, neo4j: ONLINE };
  expect(await writable(server('tenant', readOnly))).toMatchObject({ ok: false, detail: 'online, read-only' });
  expect(await writable(server('neo4j', readOnly))).toMatchObject({ ok: true, detail: 'online, read-write' });
  expect(await writable(server('tenant', {}))).toMatchObject({ ok: false, detail: 'SHOW DATABASES does not list it' });
});

test('a database that is stopped or still starting says so, and may come', async () => {
  const refused = new neo4j.Neo4jError(
    "Database 'tenant' is unavailable.",
    'Neo.TransientError.General.DatabaseUnavailable',
    '50N42',
    '',
  );
  expect(await connectError(refused, 'neo4j://graph')).toMatchObject({
    kind: 'unreachable',
    hint: expect.stringContaining('START DATABASE'),
  });
});

test('on a server: the configured database, and one that does not exist', async () => {
  const { env } = await freshPair();
  const settings = { ...env, MIGRATIONS_DIR: await directoryOf({}), LOG_FORMAT: 'text' };
  const sound = await run(['neo4j', 'health'], { env: { ...settings, NEO4J_DATABASE: 'neo4j' } });
  expect([sound.code, sound.stdout]).toEqual([0, expect.stringContaining('ok   writable: online, read-write')]);
  const missing = await run(['neo4j', 'health'], { env: { ...settings, NEO4J_DATABASE: 'tenant' } });
  expect([missing.code, missing.stdout]).toEqual([
    78,
    expect.stringContaining('set NEO4J_DATABASE to one that exists'),
  ]);
});
