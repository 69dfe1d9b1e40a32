import pg from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Rehearsal } from '../../src/engine/engine.ts';
import { freshPair, type Pair } from '../journeys/pair.ts';
import { directoryOf, run } from '../program.ts';

const TABLES = `CREATE TABLE parents (id int PRIMARY KEY);
INSERT INTO parents VALUES (1);
CREATE TABLE items (id serial PRIMARY KEY, name text, parent int REFERENCES parents DEFERRABLE INITIALLY DEFERRED);
INSERT INTO items (name) SELECT i::text FROM generate_series(1, 2000) i;
CREATE TYPE mood AS ENUM ('ok');
`;
const GRAPH = "CREATE (:Topic {name: 'a'}), (:Topic {name: 'a'});\n";

const PENDING = {
  '003_index.sql': 'CREATE INDEX items_name ON items (name);\n',
  '004_change.sql': `ALTER TABLE items ADD COLUMN token uuid DEFAULT gen_random_uuid();
UPDATE items SET name = name || '!';
INSERT INTO items (name, parent) VALUES ('late', 2);
INSERT INTO parents VALUES (2);
CREATE TABLE fresh (id serial PRIMARY KEY);
`,
  // It needs what 004 makes, that no trigger of 004 is pending any more, and that what was deferred is so again.
  '005_needs.sql': `INSERT INTO fresh DEFAULT VALUES;
ALTER TABLE items ADD COLUMN more text DEFAULT 'x';
INSERT INTO items (name, parent) VALUES ('later', 3);
INSERT INTO parents VALUES (3);
`,
  '006_graph.cypher': `// migrate: auto-commit
CREATE INDEX topic_n IF NOT EXISTS FOR (t:Topic) ON (t.n);
MATCH (t:Topic) WITH t.name AS name, collect(t) AS all FOREACH (t IN all[1..] | DELETE t);
CREATE (:Topic {name: 'b'});
CREATE CONSTRAINT topic_unique IF NOT EXISTS FOR (t:Topic) REQUIRE t.name IS UNIQUE;
UNWIND range(1, 20) AS i CALL (i) { CREATE (:Batch {i: i}) } IN TRANSACTIONS OF 10 ROWS;
MATCH (b:Batch) SET b.x = 1;
`,
  '007_outside.sql': `-- migrate: no-transaction
ALTER TYPE mood ADD VALUE IF NOT EXISTS 'fine';
CREATE INDEX CONCURRENTLY IF NOT EXISTS items_more ON items (more);
`,
  '008_after.sql': 'ALTER TABLE items ADD COLUMN last text;\n',
};

/** Everything that a rehearsal could leave behind, the moved sequence aside. */
async function leftBy({ postgres, neo4j }: Pair): Promise<unknown> {
  return [
    await postgres.query(
      "SELECT relname, relfilenode, xmin::text FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY oid",
    ),
    await postgres.query('SELECT * FROM pg_constraint ORDER BY oid'),
    await postgres.query('SELECT * FROM pg_enum ORDER BY oid'),
    await postgres.query('SELECT * FROM migrations ORDER BY id'),
    await postgres.query('SELECT count(*), sum(hashtext(items::text)) FROM items'),
    await postgres.query(
      "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
    ),
    await neo4j.run('MATCH (n) RETURN labels(n) AS labels, properties(n) AS properties ORDER BY elementId(n)'),
    await neo4j.run('SHOW INDEXES YIELD name, labelsOrTypes RETURN name, labelsOrTypes ORDER BY name'),
    await neo4j.run('SHOW CONSTRAINTS YIELD name RETURN name ORDER BY name'),
  ];
}

async function migrated(): Promise<Pair> {
  const pair = await freshPair({ extensions: [] });
  const directory = await directoryOf({ '001_tables.sql': TABLES, '002_graph.cypher': GRAPH });
  expect((await run(['migrate'], { env: { ...pair.env, MIGRATIONS_DIR: directory } })).code).toBe(0);
  return pair;
}

describe('migrate --rehearse', () => {
  test('durations, locks, rewrites and rows; what cannot be rehearsed; nothing remains, and then it migrates', async () => {
    const pair = await migrated();
    const directory = await directoryOf({ '001_tables.sql': TABLES, '002_graph.cypher': GRAPH, ...PENDING });
    const env = { ...pair.env, MIGRATIONS_DIR: directory };
    const before = await leftBy(pair);
    const rehearsed = await run(['migrate', '--rehearse', '--json'], { env });
    expect([rehearsed.code, rehearsed.stderr]).toEqual([0, expect.not.stringContaining('"level":"error"')]);
    expect(await leftBy(pair)).toEqual(before);

    const { rehearsals } = JSON.parse(rehearsed.stdout) as { rehearsals: readonly Rehearsal[] };
    const [postgres, neo4j] = rehearsals;
    const seen = postgres?.statements.map(({ migration, line, locks, rewrites, rows }) => ({
      at: `${migration}:${line}`,
      locks: locks.map(({ object, mode }) => `${object} ${mode}`).sort(),
      rewrites,
      rows,
    }));
    expect(seen).toEqual([
      { at: '003_index.sql:1', locks: ['items ShareLock'], rewrites: [], rows: 0 },
      { at: '004_change.sql:1', locks: ['items AccessExclusiveLock'], rewrites: ['items'], rows: 0 },
      { at: '004_change.sql:2', locks: [], rewrites: [], rows: 2000 },
      { at: '004_change.sql:3', locks: ['items_id_seq RowExclusiveLock'], rewrites: [], rows: 1 },
      { at: '004_change.sql:4', locks: ['parents RowExclusiveLock'], rewrites: [], rows: 1 },
      { at: '004_change.sql:5', locks: [], rewrites: [], rows: 0 },
      { at: '005_needs.sql:1', locks: [], rewrites: [], rows: 1 },
      { at: '005_needs.sql:2', locks: [], rewrites: [], rows: 0 },
      { at: '005_needs.sql:3', locks: [], rewrites: [], rows: 1 },
      { at: '005_needs.sql:4', locks: [], rewrites: [], rows: 1 },
      { at: '007_outside.sql:2', locks: [], rewrites: [], rows: 0 },
    ]);
    expect(postgres?.leftOut).toEqual([
      {
        migration: '007_outside.sql',
        line: 3,
        why: expect.stringContaining('CREATE INDEX CONCURRENTLY inside of a transaction'),
      },
      { migration: '008_after.sql', line: 1, why: expect.stringContaining('may need') },
    ]);
    expect(postgres?.remains).toEqual([expect.stringMatching(/items_id_seq moved from 2000 to 2002/)]);

    expect(neo4j?.statements.map(({ line, rows }) => [line, rows])).toEqual([
      [2, 0],
      [3, 1],
      [4, 3],
    ]);
    expect(neo4j?.leftOut.map(({ line, why }) => [line, why])).toEqual([
      [5, expect.stringContaining('checks data that is changed before it')],
      [6, expect.stringContaining('commits by itself')],
      [7, expect.stringContaining('may need')],
    ]);
    expect(neo4j?.remains).toEqual([]);
    expect((await run(['migrate'], { env })).code).toBe(0);
  });

  test('a statement that is refused: exit code and place as with migrate; nothing remains', async () => {
    const pair = await migrated();
    const files = {
      '001_tables.sql': TABLES,
      '002_graph.cypher': GRAPH,
      '003_wrong.sql': "CREATE TABLE fresh (id int);\nINSERT INTO fresh VALUES ('ü', nothing);\n",
    };
    const before = await leftBy(pair);
    const env = { ...pair.env, MIGRATIONS_DIR: await directoryOf(files) };
    const [rehearsed, graph] = [
      await run(['migrate', '--rehearse'], { env }),
      await run(['neo4j', 'migrate', '--rehearse'], {
        env: {
          ...env,
          MIGRATIONS_DIR: await directoryOf({
            ...files,
            '004_wrong.cypher':
              'CREATE CONSTRAINT topic_unique IF NOT EXISTS FOR (t:Topic) REQUIRE t.name IS UNIQUE;\n',
          }),
        },
      }),
    ];
    expect(await leftBy(pair)).toEqual(before);
    expect(rehearsed.code).toBe(70);
    expect(graph.code).toBe(70);
    expect(graph.events.at(-1)).toMatchObject({ migration: '004_wrong.cypher', line: 1, column: 1 });
    const migrate = await run(['migrate'], { env });
    const { time: _one, ...told } = rehearsed.events.at(-1) ?? {};
    const { time: _other, ...expected } = migrate.events.at(-1) ?? {};
    expect(told).toEqual(expected);
    expect(told).toMatchObject({ line: 2, column: 32, server: { code: '42703' } });
  });

  test('a graph that was never migrated gets no lease and no constraint; a lock that is not had is told with its holder', async () => {
    const pair = await freshPair({ extensions: [] });
    const { postgres, env } = pair;
    await postgres.query('CREATE TABLE mine (id int)');
    const holder = new pg.Client({ connectionString: postgres.url, application_name: 'the-holder' });
    await holder.connect();
    onTestFinished(() => holder.end());
    const directory = await directoryOf({
      '001_mine.sql': '-- migrate: ddl-lock-timeout=300ms\nALTER TABLE mine ADD COLUMN more int;\n',
      '002_graph.cypher': 'CREATE (:Topic);\n',
    });
    const settings = { env: { ...env, MIGRATIONS_DIR: directory } };
    const rehearsed = await run(['migrate', '--rehearse'], settings);
    expect(rehearsed.code).toBe(0);
    expect(rehearsed.stdout).toMatch(
      /ACCESS EXCLUSIVE on mine[\s\S]*002_graph[\s\S]*changed 2 \(nodes[^)]*\)\n\n.*\n\nNothing remains\.\n/,
    );
    expect(await pair.neo4j.run('MATCH (n) RETURN n')).toEqual([]);
    expect(await pair.neo4j.run('SHOW CONSTRAINTS YIELD name')).toEqual([]);
    expect(await postgres.query("SELECT to_regclass('migrations') AS history")).toEqual([{ history: null }]);

    await holder.query('BEGIN; SELECT FROM mine');
    const busy = await run(['migrate', '--rehearse'], settings);
    expect(busy.code).toBe(75);
    expect(busy.stderr).toContain('the-holder');
  });
});
