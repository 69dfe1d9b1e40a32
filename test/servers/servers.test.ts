import { createClient } from '@redis/client';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type EmptyNeo4j, emptyNeo4j, type FreshDatabase, freshDatabase } from './databases.ts';

let database: FreshDatabase;
let graph: EmptyNeo4j;
beforeAll(async () => {
  database = await freshDatabase();
  graph = await emptyNeo4j();
});
afterAll(async () => {
  await database.drop();
  await graph.close();
});

test('a fresh database has its extensions and belongs to a role that is no superuser', async () => {
  const [row] = await database.query(`
    SELECT current_user AS user, rolsuper, (SELECT count(*)::int FROM pg_tables WHERE schemaname = 'public') AS tables,
      '[1,2]'::vector <-> '[1,4]' AS distance, uuid_generate_v4() IS NOT NULL AS uuid
    FROM pg_roles WHERE rolname = current_user`);
  expect(row).toEqual({ user: database.user, rolsuper: false, tables: 0, distance: 2, uuid: true });
});

test('two fresh databases do not see each other', async () => {
  const other = await freshDatabase({ extensions: [] });
  await other.query('CREATE TABLE t (id int); INSERT INTO t VALUES (1)');
  await expect(database.query('SELECT * FROM t')).rejects.toMatchObject({ code: '42P01' });
  await other.drop();
  await expect(other.query('SELECT 1')).rejects.toMatchObject({ code: '28P01' });
});

test('emptyNeo4j leaves neither nodes nor constraints nor indexes', async () => {
  await graph.run('CREATE CONSTRAINT c FOR (n:N) REQUIRE n.id IS UNIQUE');
  await graph.run('CREATE INDEX i FOR (n:N) ON (n.name)');
  await graph.run('UNWIND range(1, 3) AS id CREATE (:N {id: id})-[:SELF]->(:M)');
  await (await emptyNeo4j()).close();
  expect(await graph.run('MATCH (n) RETURN count(n) AS nodes')).toEqual([{ nodes: 0 }]);
  expect(await graph.run('SHOW INDEXES YIELD type')).toEqual([{ type: 'LOOKUP' }, { type: 'LOOKUP' }]);
  expect(await graph.run('SHOW CONSTRAINTS YIELD name')).toEqual([]);
});

test('Redis wants its password', async () => {
  const { url } = inject('redis');
  const client = await createClient({ url }).connect();
  expect(await client.ping()).toBe('PONG');
  client.destroy();
  const anonymous = new URL(url);
  anonymous.password = '';
  const stranger = createClient({ url: anonymous.href, socket: { reconnectStrategy: false } });
  await expect(stranger.connect()).rejects.toThrow('NOAUTH');
});
