// umzug has no command line of its own: this is the one that its manual tells people to write, with pg.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const [, , peers, directory] = process.argv;
const require = createRequire(`${peers}/package.json`);
const { Umzug } = require('umzug');
const pg = require('pg');

const client = new pg.Client(process.env.DATABASE_URL);
await client.connect();
await client.query('CREATE TABLE IF NOT EXISTS umzug (name text PRIMARY KEY)');
const umzug = new Umzug({
  migrations: {
    glob: ['*.sql', { cwd: directory }],
    resolve: ({ name, path }) => ({ name, up: async () => client.query(await readFile(path, 'utf8')) }),
  },
  storage: {
    logMigration: ({ name }) => client.query('INSERT INTO umzug VALUES ($1)', [name]),
    unlogMigration: ({ name }) => client.query('DELETE FROM umzug WHERE name = $1', [name]),
    executed: async () => (await client.query('SELECT name FROM umzug ORDER BY name')).rows.map(({ name }) => name),
  },
  logger: undefined,
});
await umzug.up();
await client.end();
