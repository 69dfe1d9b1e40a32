import type { Database } from '../../src/core/migration.ts';

/** Migrations that leave a mark in a ledger without keys each time that they run. */
export interface FileSet {
  /** The program's scope: both databases, or one. */
  readonly scope: readonly Database[];
  /** Whether it may end with 76: some step of it must not run twice, and a fault may have come in the middle of it. */
  readonly mayStayUnfinished: boolean;
  readonly files: Readonly<Record<string, string>>;
}

const CYPHER = {
  '004_data.cypher': `CREATE (:Ledger {what: '004'});
UNWIND range(1, 20) AS id CREATE (:Item {id: id});
`,
  '005_schema.cypher': `CREATE INDEX idx_item IF NOT EXISTS FOR (i:Item) ON (i.id);
CREATE CONSTRAINT tag_name IF NOT EXISTS FOR (t:Tag) REQUIRE t.name IS UNIQUE;
`,
  '006_mixed.cypher': `CREATE (:Ledger {what: '006 before'});
CREATE INDEX idx_note IF NOT EXISTS FOR (n:Note) ON (n.text);
CREATE (:Ledger {what: '006 after'});
MATCH (n) WHERE n.what = '006 after' SET n.seen = true;
`,
  '007_batches.cypher': `// migrate: auto-commit
// migrate: replayable
UNWIND range(1, 10) AS id CALL (id) { MERGE (b:Batch {id: id}) SET b.runs = coalesce(b.runs, 0) + 1 } IN TRANSACTIONS OF 5 ROWS;
`,
};

const both: FileSet = {
  scope: ['postgres', 'neo4j'],
  mayStayUnfinished: false,
  files: {
    '001_tables.sql': `CREATE TABLE ledger (what text NOT NULL);
CREATE TYPE mood AS ENUM ('calm');
CREATE TABLE item (id integer, mood mood);
INSERT INTO item SELECT n, 'calm' FROM generate_series(1, 500) n;
CREATE SCHEMA app;
INSERT INTO ledger VALUES ('001');
`,
    '002_column.sql': `ALTER TABLE item ADD COLUMN note text;
INSERT INTO ledger VALUES ('002');
`,
    // Wherever it is gone on with, its table belongs into the schema that it has set.
    '003_online.sql': `-- migrate: no-transaction
SET search_path = app, public;
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS idx_item_id ON item (id);
VACUUM item;
ALTER TYPE mood ADD VALUE 'wild';
CREATE TABLE placed (id integer);
INSERT INTO ledger VALUES ('003');
`,
    ...CYPHER,
    // These four are under way at once.
    '008_links.sql': `CREATE TABLE link (id integer PRIMARY KEY, to_id integer REFERENCES link DEFERRABLE INITIALLY DEFERRED);
INSERT INTO ledger VALUES ('008');
`,
    '009_ring.sql': `INSERT INTO link SELECT n, n % 50 + 1 FROM generate_series(1, 50) n;
INSERT INTO ledger VALUES ('009');
`,
    '010_column.sql': `ALTER TABLE link ADD COLUMN note text DEFAULT 'none';
INSERT INTO ledger VALUES ('010');
CREATE TEMP TABLE ledger (what text);
`,
    // Not into the temporary table that the file before it has left.
    '011_last.sql': `INSERT INTO ledger VALUES ('011');
`,
  },
};

/** Neo4j alone: nothing but its lease stands between two runs. */
const graph: FileSet = { scope: ['neo4j'], mayStayUnfinished: false, files: CYPHER };

/** Steps that commit by themselves, midway, and may not run twice. */
const once: FileSet = {
  scope: ['postgres', 'neo4j'],
  mayStayUnfinished: true,
  files: {
    '001_ledger.sql': 'CREATE TABLE ledger (what text NOT NULL);\n',
    '002_commits.sql': `-- migrate: no-transaction
DO $$ BEGIN INSERT INTO ledger VALUES ('first'); COMMIT; INSERT INTO ledger VALUES ('second'); COMMIT; END $$;
`,
    '003_batches.cypher': `// migrate: auto-commit
UNWIND range(1, 10) AS id CALL (id) { CREATE (:Ledger {what: toString(id)}) } IN TRANSACTIONS OF 2 ROWS;
`,
  },
};

export const SETS = { both, graph, once } as const;
export type SetName = keyof typeof SETS;
