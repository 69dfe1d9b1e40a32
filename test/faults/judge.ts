import { setTimeout as sleep } from 'node:timers/promises';
import type { Arena } from './arena.ts';

/** What a run has left, as it can be seen from outside. */
export interface Snapshot {
  /** Mark in the ledger, or kind of thing made → how many there are. */
  readonly effects: Readonly<Record<string, number>>;
  /** A line an entry, of both histories. */
  readonly histories: readonly string[];
  /** A line an object, of both schemas. */
  readonly schemas: readonly string[];
}

const POSTGRES_SCHEMA = `
SELECT 'column ' || table_name || '.' || column_name || ' ' || udt_name AS line FROM information_schema.columns
  WHERE table_schema = 'public'
UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'enum ' || t.typname || ' ' || e.enumlabel FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid
ORDER BY line`;

export async function snapshot({ postgres, neo4j, set }: Arena): Promise<Snapshot> {
  const effects: Record<string, number> = {};
  const histories: string[] = [];
  const schemas: string[] = [];
  if (set.scope.includes('postgres')) {
    const tables = await postgres.query<{ name: string }>(
      "SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
    );
    const there = new Set(tables.map(({ name }) => name));
    if (there.has('ledger'))
      for (const { what, n } of await postgres.query('SELECT what, count(*)::int AS n FROM ledger GROUP BY what'))
        effects[`ledger ${what}`] = n;
    if (there.has('item'))
      effects['rows of item'] = (await postgres.query('SELECT count(*)::int AS n FROM item'))[0]?.n ?? 0;
    if (there.has('migrations')) {
      const rows = await postgres.query(
        `SELECT concat_ws(' ', filename, state, steps_done, 'of', steps_total, checksum, 'begun ' || step_begun) AS line
         FROM migrations ORDER BY filename`,
      );
      histories.push(...rows.map(({ line }) => line));
    }
    schemas.push(...(await postgres.query(POSTGRES_SCHEMA)).map(({ line }) => line));
  }
  const nodes = await neo4j.run<{ name: string; n: number }>(
    "MATCH (n) WHERE NOT n:`_Migration` AND NOT n:`_MigrationLease` AND NOT n:`_MigrationBootstrap` RETURN labels(n)[0] + coalesce(' ' + n.what, '') AS name, count(*) AS n",
  );
  for (const { name, n } of nodes) effects[`node ${name}`] = n;
  const entries = await neo4j.run<{ line: string }>(
    `MATCH (m:\`_Migration\`) RETURN m.name + ' ' + m.state + ' ' + m.stepsDone + ' of ' + m.stepsTotal + ' ' + m.checksum
       + coalesce(' begun ' + m.stepBegun, '') AS line ORDER BY line`,
  );
  histories.push(...entries.map(({ line }) => line));
  const objects = await neo4j.run<{ line: string }>(
    `SHOW INDEXES YIELD name, type, labelsOrTypes, properties, state
     RETURN 'graph index ' + name + ' ' + type + ' ' + coalesce(labelsOrTypes[0], '') + ' ' + coalesce(properties[0], '') + ' ' + state AS line ORDER BY line`,
  );
  const constraints = await neo4j.run<{ line: string }>(
    "SHOW CONSTRAINTS YIELD name, type RETURN 'graph constraint ' + name + ' ' + type AS line ORDER BY line",
  );
  schemas.push(...[...objects, ...constraints].map(({ line }) => line));
  return { effects, histories, schemas };
}

/** Milliseconds that a server may take to notice that a client has gone. */
const NOTICED = 15_000;

/**
 * What no run may leave behind: locks, sessions and transactions of ours, indexes that are not whole.
 * @param gone process ids of runs whose lease may be left: the next run that has work to do takes it over
 */
export async function leftovers(arena: Arena, gone: readonly number[]): Promise<readonly string[]> {
  const deadline = performance.now() + NOTICED;
  for (;;) {
    const found = [...(await postgresLeftovers(arena)), ...(await neo4jLeftovers(arena, gone))];
    if (found.length === 0 || performance.now() > deadline) return found;
    await sleep(100);
  }
}

async function postgresLeftovers({ postgres, set }: Arena): Promise<readonly string[]> {
  if (!set.scope.includes('postgres')) return [];
  const rows = await postgres.asSuperuser<{ line: string }>(`
    SELECT 'advisory lock of ' || pid AS line FROM pg_locks
      WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    UNION ALL SELECT 'session ' || pid || ' ' || state || ' ' || left(query, 60) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name LIKE 'localrag-migrate%'
    UNION ALL SELECT 'invalid index ' || indexrelid::regclass FROM pg_index WHERE NOT indisvalid`);
  return rows.map(({ line }) => line);
}

async function neo4jLeftovers({ neo4j }: Arena, gone: readonly number[]): Promise<readonly string[]> {
  const transactions = await neo4j.run<{ line: string }>(
    `SHOW TRANSACTIONS YIELD transactionId, metaData, currentQuery WHERE metaData.application = 'localrag-migrate'
     RETURN 'transaction ' + transactionId + ' ' + left(currentQuery, 60) AS line`,
  );
  const indexes = await neo4j.run<{ line: string }>(
    "SHOW INDEXES YIELD name, state WHERE state <> 'ONLINE' RETURN 'index ' + name + ' ' + state AS line",
  );
  const leases = await neo4j.run<{ line: string }>(
    "MATCH (l:`_MigrationLease`) WHERE l.until > datetime.realtime() AND NOT l.pid IN $gone RETURN 'lease of pid ' + l.pid AS line",
    { gone },
  );
  return [...transactions, ...indexes, ...leases].map(({ line }) => line);
}

/** How a snapshot differs from the reference: what was lost, what was doubled, what is not as it should be. */
export function differences(reference: Snapshot, found: Snapshot): readonly string[] {
  const names = new Set([...Object.keys(reference.effects), ...Object.keys(found.effects)]);
  const effects = [...names].flatMap((name) => {
    const wanted = reference.effects[name] ?? 0;
    const got = found.effects[name] ?? 0;
    return got === wanted ? [] : [`${got < wanted ? 'lost' : 'doubled'}: ${name} is there ${got} times, not ${wanted}`];
  });
  return [
    ...effects,
    ...lines('history', reference.histories, found.histories),
    ...lines('schema', reference.schemas, found.schemas),
  ];
}

function lines(where: string, wanted: readonly string[], got: readonly string[]): readonly string[] {
  return [
    ...wanted.filter((line) => !got.includes(line)).map((line) => `${where}: missing ${line}`),
    ...got.filter((line) => !wanted.includes(line)).map((line) => `${where}: unexpected ${line}`),
    ...(new Set(got).size < got.length ? [`${where}: a line stands there twice`] : []),
  ];
}
