import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type Effect, nameText } from '../../src/analysis/impact/effect.ts';
import { blocks, conflict, LOCK_MODES, lockMode, strongest } from '../../src/analysis/impact/locks.ts';
import { impactOfSql } from '../../src/analysis/impact/sql.ts';
import { parseStatement } from '../../src/analysis/parse-sql.ts';
import { type FreshDatabase, freshDatabase } from '../servers/databases.ts';

// The proof that what the plan says of locks, scans and rewrites is true: PostgreSQL itself is asked.

const SCHEMA = `
CREATE TABLE parents (id int PRIMARY KEY, name text);
INSERT INTO parents SELECT i, i::text FROM generate_series(1, 100) i;
CREATE TABLE items (id int PRIMARY KEY, parent int, name varchar(20), amount int CHECK (amount >= 0), note text);
INSERT INTO items SELECT i, 1, i::text, i, 'x' FROM generate_series(1, 100) i;
ALTER TABLE items ADD CONSTRAINT items_loose CHECK (amount < 1000) NOT VALID;
ALTER TABLE items ADD CONSTRAINT items_parent FOREIGN KEY (parent) REFERENCES parents NOT VALID;
CREATE INDEX items_name ON items (name);
CREATE UNIQUE INDEX items_amount ON items (amount);
CREATE TABLE others (id int, name text, made int GENERATED ALWAYS AS (1) STORED);
INSERT INTO others SELECT i, i::text FROM generate_series(1, 100) i;
CREATE TABLE bases (id int);
CREATE TABLE parts (id int) PARTITION BY LIST (id);
CREATE TABLE part_1 PARTITION OF parts FOR VALUES IN (1);
CREATE TABLE part_2 (id int);
INSERT INTO part_2 VALUES (2);
CREATE VIEW seen AS SELECT id FROM others;
CREATE MATERIALIZED VIEW kept AS SELECT id, name FROM others;
CREATE UNIQUE INDEX kept_id ON kept (id);
CREATE SEQUENCE numbers;
CREATE FUNCTION noop() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER stamp BEFORE UPDATE ON others FOR EACH ROW EXECUTE FUNCTION noop();
CREATE POLICY mine ON others USING (true);
CREATE TYPE mood AS ENUM ('ok');
`;

const IN_TRANSACTION: readonly string[] = [
  'CREATE TABLE fresh (id int PRIMARY KEY, parent int REFERENCES parents)',
  'CREATE TABLE fresh (LIKE others)',
  'CREATE TABLE fresh () INHERITS (others)',
  'CREATE TABLE part_3 PARTITION OF parts FOR VALUES IN (3)',
  'CREATE TABLE fresh AS SELECT * FROM others',
  'SELECT * INTO fresh FROM others',
  'CREATE INDEX fresh ON items (note)',
  'CREATE UNIQUE INDEX IF NOT EXISTS fresh ON items (note, id)',
  'ALTER TABLE items ADD COLUMN a int',
  "ALTER TABLE items ADD COLUMN a text NOT NULL DEFAULT 'x'",
  'ALTER TABLE items ADD COLUMN a timestamptz DEFAULT now()',
  'ALTER TABLE items ADD COLUMN a timestamptz DEFAULT clock_timestamp()',
  'ALTER TABLE items ADD COLUMN a uuid DEFAULT gen_random_uuid()',
  'ALTER TABLE items ADD COLUMN a serial',
  'ALTER TABLE items ADD COLUMN a int GENERATED ALWAYS AS IDENTITY',
  'ALTER TABLE items ADD COLUMN a int GENERATED ALWAYS AS (amount + 1) STORED',
  'ALTER TABLE items ADD COLUMN a int CHECK (a > 0)',
  'ALTER TABLE items ADD COLUMN a int UNIQUE',
  'ALTER TABLE items ADD COLUMN a int REFERENCES parents',
  'ALTER TABLE items ADD COLUMN a int DEFAULT 1 REFERENCES parents',
  'ALTER TABLE items DROP COLUMN note',
  "ALTER TABLE items ALTER COLUMN note SET DEFAULT 'y'",
  'ALTER TABLE items ALTER COLUMN note SET NOT NULL',
  'ALTER TABLE items ALTER COLUMN id SET STATISTICS 500',
  'ALTER TABLE items ALTER COLUMN note SET STORAGE EXTERNAL',
  'ALTER TABLE items ALTER COLUMN note SET (n_distinct = 5)',
  'ALTER TABLE items ALTER COLUMN id TYPE bigint',
  'ALTER TABLE items ALTER COLUMN note TYPE int USING 1',
  'ALTER TABLE others ALTER COLUMN made DROP EXPRESSION',
  'ALTER TABLE items ADD CONSTRAINT fresh CHECK (id > 0)',
  'ALTER TABLE items ADD CONSTRAINT fresh CHECK (id > 0) NOT VALID',
  'ALTER TABLE items ADD CONSTRAINT fresh UNIQUE (note, id)',
  'ALTER TABLE items ADD CONSTRAINT fresh UNIQUE USING INDEX items_amount',
  'ALTER TABLE others ADD PRIMARY KEY (id)',
  'ALTER TABLE others ADD CONSTRAINT fresh FOREIGN KEY (id) REFERENCES parents',
  'ALTER TABLE others ADD CONSTRAINT fresh FOREIGN KEY (id) REFERENCES parents NOT VALID',
  'ALTER TABLE others ADD CONSTRAINT fresh EXCLUDE USING btree (id WITH =)',
  'ALTER TABLE items VALIDATE CONSTRAINT items_loose',
  'ALTER TABLE items DROP CONSTRAINT items_loose',
  'ALTER TABLE items SET (fillfactor = 70)',
  'ALTER TABLE items RESET (fillfactor)',
  'ALTER TABLE items SET UNLOGGED',
  'ALTER TABLE items CLUSTER ON items_name',
  'ALTER TABLE items REPLICA IDENTITY FULL',
  'ALTER TABLE items ENABLE ROW LEVEL SECURITY',
  'ALTER TABLE others DISABLE TRIGGER stamp',
  'ALTER TABLE items OWNER TO CURRENT_USER',
  'ALTER TABLE parts ATTACH PARTITION part_2 FOR VALUES IN (2)',
  'ALTER TABLE parts DETACH PARTITION part_1',
  'ALTER TABLE others INHERIT bases',
  'ALTER TABLE items ADD COLUMN a int, ALTER COLUMN note SET NOT NULL',
  'ALTER TABLE items RENAME TO goods',
  'ALTER TABLE items RENAME COLUMN note TO remark',
  'ALTER INDEX items_name RENAME TO goods_name',
  'ALTER TABLE others SET SCHEMA other',
  'DROP TABLE part_2',
  'DROP INDEX items_name',
  'DROP TRIGGER stamp ON others',
  'DROP POLICY mine ON others',
  'DROP VIEW seen',
  'DROP TYPE mood',
  'TRUNCATE others',
  "INSERT INTO others (id, name) VALUES (1, 'a')",
  'INSERT INTO others (id, name) SELECT id, name FROM parents WHERE id < 5',
  "UPDATE others SET name = 'b'",
  'UPDATE others SET name = p.name FROM parents p WHERE p.id = others.id',
  'DELETE FROM others WHERE id IN (SELECT id FROM parents)',
  'WITH gone AS (DELETE FROM others RETURNING id) SELECT count(*) FROM gone',
  'WITH p AS (SELECT id FROM parents) SELECT * FROM p',
  'SELECT * FROM others FOR UPDATE',
  'LOCK TABLE others IN SHARE MODE',
  'LOCK TABLE others',
  'CREATE TRIGGER fresh AFTER INSERT ON others FOR EACH ROW EXECUTE FUNCTION noop()',
  'CREATE RULE fresh AS ON DELETE TO others DO INSTEAD NOTHING',
  'CREATE POLICY fresh ON others USING (true)',
  'ALTER POLICY mine ON others USING (false)',
  'CREATE STATISTICS fresh ON id, name FROM others',
  'CREATE VIEW fresh AS SELECT id FROM others',
  'CREATE OR REPLACE VIEW seen AS SELECT id FROM parents',
  "COMMENT ON TABLE others IS 'x'",
  "COMMENT ON COLUMN others.name IS 'x'",
  'REINDEX TABLE items',
  'REINDEX INDEX items_name',
  'CLUSTER items USING items_name',
  'REFRESH MATERIALIZED VIEW kept',
  'REFRESH MATERIALIZED VIEW CONCURRENTLY kept',
  'ALTER SEQUENCE numbers INCREMENT 2',
  'ANALYZE items',
  'GRANT SELECT ON others TO PUBLIC',
  'CREATE SEQUENCE fresh',
  "ALTER TYPE mood ADD VALUE 'fine'",
  "CREATE FUNCTION fresh() RETURNS int LANGUAGE sql AS 'SELECT 1'",
  "SET work_mem = '8MB'",
];

/** How often each table was read whole so far: counts of transactions before may be among them. */
const SCANS = "SELECT COALESCE(jsonb_object_agg(relname, seq_scan), '{}') AS scans FROM pg_stat_xact_user_tables";

/** The locks on each table of ours, and whether it has a new file (a sequence is one page, always written anew). */
const TAKEN = `SELECT f.name, array_agg(l.mode) AS modes,
  bool_or(c.relfilenode IS DISTINCT FROM f.file AND c.relkind <> 'S') AS anew
  FROM pg_locks l JOIN files f ON f.oid = l.relation LEFT JOIN pg_class c USING (oid)
  WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' GROUP BY f.oid, f.name`;

interface Taken {
  readonly name: string;
  readonly modes: readonly string[];
  readonly anew: boolean | null;
}

let database: FreshDatabase;
let client: pg.Client;
let other: pg.Client;

beforeAll(async () => {
  database = await freshDatabase({ extensions: [] });
  [client, other] = [new pg.Client(database.url), new pg.Client(database.url)];
  await Promise.all([client.connect(), other.connect()]);
  await client.query(
    `${SCHEMA} CREATE SCHEMA other; CREATE TABLE files AS SELECT oid, relname::text AS name, relfilenode AS file
    FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'm', 'v', 'S')`,
  );
});
afterAll(async () => {
  await Promise.all([client?.end(), other?.end()]);
  await database?.drop();
});

async function effectsOf(statement: string): Promise<readonly Effect[]> {
  const node = await parseStatement(statement);
  if (node === undefined) throw new Error(`no statement: ${statement}`);
  return impactOfSql(node).effects;
}

/** An index's table, for effects that are about it. */
const tableOf = ({ relation, tableOf = false }: Effect) => (tableOf ? 'items' : nameText(relation));

/** A statement that works on rows reads what it has to, one that writes a table anew may do it by an index. */
const isLeftOpen = (effects: readonly Effect[], name: string) =>
  effects.some(
    (effect) =>
      tableOf(effect) === name &&
      (['rows', 'rewrite'].includes(effect.work) || /^(ACCESS|ROW) SHARE$/.test(effect.lock)),
  );

const byName = <T extends { readonly name: string }>(rows: readonly T[]) =>
  [...rows].sort((a, b) => (a.name < b.name ? -1 : 1));

const scans = async () => (await client.query<{ scans: Record<string, number> }>(SCANS)).rows[0]?.scans ?? {};

describe('in a transaction', () => {
  const version = Number.parseInt(inject('postgres').version, 10);
  const newer = [
    ...(version >= 15 ? ['MERGE INTO others o USING parents p ON p.id = o.id WHEN MATCHED THEN DELETE'] : []),
    // Up to PostgreSQL 17 it is SHARE ROW EXCLUSIVE; the plan says the stronger one.
    ...(version >= 18 ? ['ALTER TABLE items ALTER CONSTRAINT items_parent DEFERRABLE'] : []),
  ];
  test.each([...IN_TRANSACTION, ...newer])('%s', async (statement) => {
    const effects = await effectsOf(statement);
    await client.query('BEGIN');
    try {
      const before = await scans();
      await client.query(statement);
      const after = await scans();
      const { rows } = await client.query<Taken>(TAKEN);
      const foreseen = effects.map((effect) => ({
        name: tableOf(effect),
        lock: effect.lock,
        anew: effect.work === 'rewrite' || effect.work === 'empties',
        scanned: isLeftOpen(effects, tableOf(effect)) ? undefined : effect.work === 'scan' || effect.work === 'index',
      }));
      const taken = rows.map(({ name, modes, anew }) => ({
        name,
        lock: strongest(modes.map(lockMode)),
        anew: anew ?? false,
        scanned: isLeftOpen(effects, name) ? undefined : (after[name] ?? 0) > (before[name] ?? 0),
      }));
      // ACCESS SHARE, which a look at the table's definition takes too, stands in the way of nobody who reads or writes.
      const worthIt = taken.filter(
        ({ name, lock }) => lock !== 'ACCESS SHARE' || foreseen.some((each) => each.name === name),
      );
      expect(byName(worthIt)).toEqual(byName(foreseen));
    } finally {
      await client.query('ROLLBACK');
    }
  });
});

describe('outside of a transaction', () => {
  test.each([
    'CREATE INDEX CONCURRENTLY fresh ON items (note)',
    'DROP INDEX CONCURRENTLY items_name',
    'REINDEX TABLE CONCURRENTLY items',
    'REINDEX INDEX CONCURRENTLY items_name',
    'VACUUM items',
    'VACUUM FULL items',
    'ALTER TABLE parts DETACH PARTITION part_1 CONCURRENTLY',
  ])('%s waits for the lock that is foreseen', async (statement) => {
    const [effect] = await effectsOf(statement);
    if (effect === undefined) throw new Error('no effect');
    const { rows: backends } = await client.query('SELECT pg_backend_pid() AS pid');
    await other.query(`BEGIN; LOCK TABLE ${tableOf(effect)} IN SHARE UPDATE EXCLUSIVE MODE`);
    const running = client.query(statement).then(
      () => 'done',
      (error: Error) => error.message,
    );
    try {
      const waiting = async () =>
        (await other.query(`SELECT mode FROM pg_locks WHERE NOT granted AND pid = ${backends[0].pid}`)).rows.map(
          ({ mode }) => lockMode(mode),
        );
      await expect.poll(waiting, { interval: 20 }).toEqual([effect.lock]);
    } finally {
      await other.query(`SELECT pg_cancel_backend(${backends[0].pid})`);
      await running;
      await other.query('ROLLBACK');
    }
    expect(await running).toBe('canceling statement due to user request');
  });
});

test('which locks go together is as the server has it', async () => {
  for (const held of LOCK_MODES) {
    await other.query(`BEGIN; LOCK TABLE others IN ${held} MODE`);
    const refused: string[] = [];
    for (const wanted of LOCK_MODES) {
      const result = await client.query(`BEGIN; LOCK TABLE others IN ${wanted} MODE NOWAIT`).then(
        () => false,
        () => true,
      );
      await client.query('ROLLBACK');
      if (result) refused.push(wanted);
    }
    await other.query('ROLLBACK');
    expect(refused, held).toEqual(LOCK_MODES.filter((wanted) => conflict(held, wanted)));
  }
  expect(blocks('SHARE')).toEqual({ reads: false, writes: true });
});
