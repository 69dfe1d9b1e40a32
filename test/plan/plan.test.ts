import pg from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { PlanData, PlannedEffect } from '../../src/commands/read/plan/planned.ts';
import { freshPair, freshPostgres, postgresEnv } from '../journeys/pair.ts';
import { directoryOf, run } from '../program.ts';

const BEFORE = {
  '001_before.sql': `CREATE TABLE documents (id serial PRIMARY KEY, title varchar(20), state text);
INSERT INTO documents (title) SELECT i::text FROM generate_series(1, 5000) i;
CREATE INDEX documents_title ON documents (title);
`,
  '002_graph.cypher': 'UNWIND range(1, 30) AS i CREATE (:Topic {n: i})-[:ABOUT]->(:Place);\n',
};
const AFTER = {
  ...BEFORE,
  '003_change.sql': `ALTER TABLE documents ALTER COLUMN state SET NOT NULL;
CREATE INDEX documents_state ON documents (state);
ALTER TABLE documents ALTER COLUMN title TYPE text;
DROP INDEX documents_title;
CREATE TABLE fresh (id int REFERENCES documents);
ALTER TABLE fresh ADD COLUMN at timestamptz DEFAULT clock_timestamp();
CREATE TABLE IF NOT EXISTS documents (id int);
SELECT pg_notify('a', 'b');
`,
  '004_index.sql':
    '-- migrate: no-transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS documents_id ON documents (id, state);\n',
  '005_graph.cypher': `CREATE INDEX topic_n IF NOT EXISTS FOR (t:Topic) ON (t.n);
CREATE CONSTRAINT new_unique IF NOT EXISTS FOR (n:New) REQUIRE n.id IS UNIQUE;
MATCH (t:Topic)-[a:ABOUT]->() SET a.x = 1;
`,
};

/** What a plan says of a line of a file, in short. */
function effectsOf(plan: PlanData, name: string, line: number): readonly string[] {
  const migration = plan.pending.find((each) => each.name === name);
  const statement = migration?.steps.flatMap(({ statements }) => statements).find((each) => each.line === line);
  return (statement?.effects ?? []).map(shortly);
}

function shortly({ object, lock, work, blocks, rows, new: isNew }: PlannedEffect): string {
  const who = [blocks.reads ? 'reads' : '', blocks.writes ? 'writes' : ''].filter(Boolean).join('+') || 'nobody';
  return `${object}${isNew ? ' (new)' : ''}: ${lock}, ${work}, blocks ${who}, ${rows} rows`;
}

describe('plan', () => {
  test('locks, sizes, and who stands in the way; for a user with SELECT alone too', async () => {
    const { postgres, env } = await freshPair({ extensions: [] });
    const before = await directoryOf(BEFORE);
    expect((await run(['migrate'], { env: { ...env, MIGRATIONS_DIR: before } })).code).toBe(0);
    await postgres.query('ANALYZE documents');
    const reader = `${postgres.database}_reader`;
    await postgres.asSuperuser(
      `CREATE ROLE ${reader} LOGIN PASSWORD 'reader-password'; GRANT SELECT ON migrations TO ${reader}`,
    );
    const holder = new pg.Client({ connectionString: postgres.url, application_name: 'the-holder' });
    await holder.connect();
    onTestFinished(async () => {
      await holder.end();
      await postgres.asSuperuser(`DROP OWNED BY ${reader}; DROP ROLE ${reader}`);
    });
    await holder.query("BEGIN; UPDATE documents SET state = 'x' WHERE id = 1");

    const directory = await directoryOf(AFTER);
    const settings = { ...env, MIGRATIONS_DIR: directory, POSTGRES_USER: reader, POSTGRES_PASSWORD: 'reader-password' };
    const [json, text] = await Promise.all([
      run(['plan', '--json', '--exit-code'], { env: settings }),
      run(['migrate', '--dry-run'], { env: { ...env, MIGRATIONS_DIR: directory } }),
    ]);
    expect([json.code, text.code]).toEqual([3, 0]);
    const plan = JSON.parse(json.stdout) as PlanData;
    const sql = (line: number) => effectsOf(plan, '003_change.sql', line);
    expect(sql(1)).toEqual(['documents: ACCESS EXCLUSIVE, scan, blocks reads+writes, 5000 rows']);
    expect(sql(2)).toEqual(['documents: SHARE, index, blocks writes, 5000 rows']);
    // varchar(20) → text keeps the rows as they are.
    expect(sql(3)).toEqual(['documents: ACCESS EXCLUSIVE, none, blocks reads+writes, 5000 rows']);
    expect(sql(4)).toEqual(['documents: ACCESS EXCLUSIVE, none, blocks reads+writes, 5000 rows']);
    expect(sql(5)).toEqual(['documents: SHARE ROW EXCLUSIVE, none, blocks writes, 5000 rows']);
    expect(sql(6)).toEqual(['fresh (new): ACCESS EXCLUSIVE, rewrite, blocks nobody, undefined rows']);
    expect(sql(7)).toEqual([]);
    expect(effectsOf(plan, '004_index.sql', 2)).toEqual([
      'documents: SHARE UPDATE EXCLUSIVE, index, blocks nobody, 5000 rows',
    ]);
    const [opaque] = plan.pending[0]?.steps[0]?.statements.slice(-1) ?? [];
    expect(opaque).toMatchObject({ line: 8, opaque: true });
    const cypher = (line: number) => effectsOf(plan, '005_graph.cypher', line);
    expect(cypher(1)).toEqual(['Topic: LABEL, index, blocks writes, 30 rows']);
    expect(cypher(2)).toEqual(['New (new): LABEL, scan, blocks nobody, 0 rows']);
    expect(cypher(3)).toEqual([
      'Topic: NODES, rows, blocks nobody, 30 rows',
      'ABOUT: NODES, rows, blocks nobody, 30 rows',
    ]);

    // The holder's ROW EXCLUSIVE goes together with SHARE UPDATE EXCLUSIVE, so only the first statement is named.
    const [way] = plan.inTheWay.filter(({ object }) => object === 'documents');
    expect(way).toMatchObject({
      holds: 'ROW EXCLUSIVE',
      application: 'the-holder',
      migration: '003_change.sql',
      line: 1,
    });
    expect(way).toMatchObject({ hidden: true });
    expect(way?.doing).toBeUndefined();
    expect(plan.hidden.join()).toContain('pg_read_all_stats');

    expect(text.stdout).toMatch(
      /SHARE: blocks writes to documents \([\d.]+ kB, ~5,000 rows\) while it builds the index; reads go on/,
    );
    expect(text.stdout).toContain('until it commits, nobody reads or writes documents');
    expect(text.stdout).toContain('documents is there already: nothing is done');
    expect(text.stdout).toMatch(/documents: ROW EXCLUSIVE held by pid \d+, the-holder, .*idle in transaction/);

    // A table that is locked against every look still has a size.
    await holder.query('LOCK TABLE documents');
    const locked = await run(['postgres', 'plan', '--to', '3', '--json'], { env: settings });
    expect(locked.code).toBe(0);
    const [first] = (JSON.parse(locked.stdout) as PlanData).pending[0]?.steps[0]?.statements[0]?.effects ?? [];
    expect(first?.bytes).toBeGreaterThan(100_000);
  });

  test('nothing pending is no news, with --exit-code too', async () => {
    const postgres = await freshPostgres({ extensions: [] });
    const directory = await directoryOf({ '001_a.sql': 'CREATE TABLE a (id int);\n' });
    const env = { ...postgresEnv(postgres), MIGRATIONS_DIR: directory };
    expect((await run(['postgres', 'migrate'], { env })).code).toBe(0);
    const planned = await run(['postgres', 'plan', '--exit-code'], { env });
    expect([planned.code, planned.stdout]).toEqual([0, 'Nothing is pending.\n']);
  });

  test('--offline needs no configuration at all, and says what it assumes', async () => {
    const directory = await directoryOf(AFTER);
    const planned = await run(['plan', '--offline', '--exit-code', '--migrations-dir', directory], {
      env: { DATABASE_URL: 'not a URL' },
    });
    expect(planned.code).toBe(3);
    expect(planned.stdout).toContain('Without a database: nothing counts as applied');
    expect(planned.stdout).toContain('SHARE: blocks writes to documents while it builds the index');
    expect(planned.stdout).toContain('makes documents; nobody waits');
    expect(planned.stdout).not.toContain('stands in the way');
  });
});
