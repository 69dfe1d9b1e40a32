import pg from 'pg';
import type { FreshDatabase } from '../../../servers/databases.ts';

/** A migration that fails because of what it meets in one database, until that is fixed there. */
export interface Failure {
  readonly code: number;
  /** The text of the second migration. */
  readonly sql: string;
  /** In the termination message. */
  readonly says: RegExp;
  /** What every database has, and with which the migration succeeds. */
  prepare?(database: FreshDatabase): Promise<unknown>;
  /** Makes the migration fail. @returns the fix */
  cause(database: FreshDatabase): Promise<() => Promise<unknown>>;
  /** What has to be decided besides the fix: one of these. */
  readonly repairs?: readonly (readonly string[])[];
}

export const VERSION_1 = ['001_items.sql', 'CREATE TABLE items (id int, code text);\n'] as const;
export const SECOND_NAME = '002_change.sql';

const UNFINISHED = `-- migrate: no-transaction
DO $$ BEGIN
  UPDATE items SET id = 1 WHERE id IS NULL;
  COMMIT;
  IF EXISTS (SELECT FROM items WHERE code = 'bad') THEN RAISE EXCEPTION 'a code is bad'; END IF;
END $$;
`;

export const FAILURES: readonly Failure[] = [
  {
    code: 70,
    sql: 'CREATE UNIQUE INDEX items_code ON items (code);\n',
    says: /could not create unique index/,
    cause: async (database) => {
      await database.query("INSERT INTO items VALUES (1, 'a'), (2, 'a')");
      return () => database.query('DELETE FROM items WHERE id = 2');
    },
  },
  {
    code: 75,
    sql: 'ALTER TABLE items ADD COLUMN note text;\n',
    says: /lock timeout/,
    cause: async (database) => {
      const reader = new pg.Client({ connectionString: database.url, application_name: 'a report' });
      // A scenario that fails drops the database under it.
      reader.on('error', () => undefined);
      await reader.connect();
      await reader.query('BEGIN; SELECT FROM items');
      return () => reader.end();
    },
  },
  {
    code: 76,
    sql: UNFINISHED,
    says: /a code is bad/,
    cause: async (database) => {
      await database.query("INSERT INTO items VALUES (NULL, 'bad')");
      return () => database.query("DELETE FROM items WHERE code = 'bad'");
    },
    repairs: [
      ['repair', '--resume', '2', '--yes'],
      ['repair', '--mark-applied', '2', '--yes'],
    ],
  },
  {
    code: 77,
    sql: 'CREATE TABLE reports.daily (id int);\n',
    says: /permission denied/,
    prepare: (database) => database.query('CREATE SCHEMA reports'),
    cause: async (database) => {
      await database.asSuperuser('ALTER SCHEMA reports OWNER TO CURRENT_USER');
      return () => database.asSuperuser(`GRANT USAGE, CREATE ON SCHEMA reports TO ${database.user}`);
    },
  },
];
