import type { AlterTableStmt } from 'libpg-query';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ColumnType, keepsRows, parseColumnType } from '../../src/analysis/column-type.ts';
import { alterTable } from '../../src/analysis/impact/alter-table.ts';
import { parseStatement } from '../../src/analysis/parse-sql.ts';
import { CALLED_ONCE, mayBeVolatile } from '../../src/analysis/volatility.ts';
import { type FreshDatabase, freshDatabase } from '../servers/databases.ts';

// The tables that both the plan and the linter use, held against PostgreSQL's own catalog.

let database: FreshDatabase;
let client: pg.Client;
beforeAll(async () => {
  database = await freshDatabase({ extensions: ['vector'] });
  client = new pg.Client(database.url);
  await client.connect();
  // What a change between the two types of timestamps does depends on it.
  await client.query("SET timezone = 'Asia/Jakarta'");
});
afterAll(async () => {
  await client?.end();
  await database?.drop();
});

describe('functions', () => {
  const volatility = async () =>
    (
      await client.query<{ name: string; volatile: boolean }>(
        "SELECT proname AS name, bool_or(provolatile = 'v') AS volatile FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace GROUP BY 1",
      )
    ).rows;

  test('none that is called once is volatile, and all exist', async () => {
    const once = (await volatility()).filter(({ volatile }) => !volatile).map(({ name }) => name);
    expect([...CALLED_ONCE].filter((name) => !once.includes(name))).toEqual([]);
  });

  test('each volatile one is taken for it', async () => {
    const volatile = (await volatility()).filter((each) => each.volatile).map(({ name }) => name);
    expect(volatile.length).toBeGreaterThan(100);
    expect(volatile.filter((name) => !mayBeVolatile([name]) || !mayBeVolatile(['pg_catalog', name]))).toEqual([]);
  });

  test('so is one of another schema, whatever its name', () => {
    expect([mayBeVolatile(['app', 'now']), mayBeVolatile(['pg_catalog', 'now'])]).toEqual([true, false]);
  });
});

const TYPES =
  `text varchar varchar(20) varchar(30) char(5) bpchar xml json jsonb int2 int4 int8 oid numeric numeric(10) numeric(10,2)
  numeric(12,2) numeric(12,3) float4 float8 bool date time time(3) timestamp timestamp(3) timestamp(6) timestamptz timestamptz(3)
  interval bit(5) varbit varbit(5) varbit(6) cidr inet uuid bytea vector vector(3) halfvec halfvec(3) text[] varchar(20)[] varchar(30)[] varchar[]`.split(
    /\s+/,
  );

/** Changes that keep the rows and of which this is not known: the answer depends on more than the types, or few use them. */
const UNKNOWN = [/^timestamp\b/, /^timestamptz\b/, /^(numeric|time|interval|bit|varbit|oid)\b/];

/** As the plan and the linter see a type in a statement. */
async function written(type: string): Promise<ColumnType> {
  const node = (await parseStatement(`ALTER TABLE typed ALTER COLUMN value TYPE ${type}`)) as {
    AlterTableStmt: AlterTableStmt;
  };
  const to = alterTable(node.AlterTableStmt).effects[0]?.retypes?.to;
  if (to === undefined) throw new Error(`no type: ${type}`);
  return to;
}

const LOOK = `SELECT relfilenode AS file, format_type(atttypid, atttypmod) AS type FROM pg_class
  JOIN pg_attribute ON attrelid = oid AND attname = 'value' WHERE relname = 'typed'`;

describe('changes of a type', () => {
  test.each(TYPES)('of %s', async (from) => {
    const wrong: string[] = [];
    for (const to of TYPES) {
      await client.query(`BEGIN; CREATE TABLE typed (value ${from})`);
      const { file, type } = (await client.query(LOOK)).rows[0];
      const changed = await client.query(`ALTER TABLE typed ALTER COLUMN value TYPE ${to}`).catch(() => undefined);
      const kept = changed && (await client.query(LOOK)).rows[0].file === file;
      await client.query('ROLLBACK');
      if (kept === undefined) continue;
      const target = await written(to);
      const claims = [keepsRows(parseColumnType(type), target), keepsRows(await written(from), target)];
      const isRight = claims.every(
        (claim) => claim === kept || (kept && !claim && UNKNOWN.some((each) => each.test(from))),
      );
      if (!isRight || claims[0] !== claims[1]) wrong.push(`${from} → ${to} keeps the rows: ${kept}, not ${claims}`);
    }
    expect(wrong).toEqual([]);
  });
});
