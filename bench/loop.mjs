// The least that a migrator can do with pg: for each file one message, with begin, the file, its history row and commit.
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const [, , peers, directory] = process.argv;
const pg = createRequire(`${peers}/package.json`)('pg');

const client = new pg.Client(process.env.DATABASE_URL);
await client.connect();
await client.query('CREATE TABLE IF NOT EXISTS loop (name text PRIMARY KEY)');
const { rows } = await client.query('SELECT name FROM loop');
const applied = new Set(rows.map(({ name }) => name));
for (const name of (await readdir(directory)).sort()) {
  if (applied.has(name)) continue;
  const text = await readFile(`${directory}/${name}`, 'utf8');
  await client.query(`BEGIN;${text}\n;INSERT INTO loop VALUES ('${name}');COMMIT`);
}
await client.end();
