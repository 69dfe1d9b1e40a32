import { expect, onTestFinished, test } from 'vitest';
import { directoryOf } from '../program.ts';
import { emptyNeo4j, type FreshDatabase } from '../servers/databases.ts';
import { onTerminal } from '../terminal.ts';
import { graphTransaction, session } from '../traffic/held.ts';
import { onGraph } from './graph-migrating.ts';
import { expectOneLineEach, HOSTILE, IN_SQL, SHOWN } from './hostile-text.ts';
import { emptyDatabase, migrate } from './migrating.ts';
import { attempt } from './refusal.ts';

/* Text of a server or a file never colors, overwrites or forges a line of the log, a terminal or a command's output. */

const WARNING = `DO $$ BEGIN RAISE WARNING USING MESSAGE = ${IN_SQL}, DETAIL = ${IN_SQL}, HINT = ${IN_SQL}; END $$;\n`;
const EXCEPTION = `DO $$ BEGIN RAISE EXCEPTION USING MESSAGE = ${IN_SQL}, DETAIL = ${IN_SQL}, HINT = ${IN_SQL},
  SCHEMA = ${IN_SQL}, TABLE = ${IN_SQL}, COLUMN = ${IN_SQL}, CONSTRAINT = ${IN_SQL}; END $$;\n`;
/** All of it is possible in a name, of at most 63 bytes. */
const LABEL = '`l\x1b[31m\nfake: lf\x9b\u202efake`';
const TABLE = '"n\x1b[31m\nfake: lf\x9b\u202efake"';

async function environment({ url }: FreshDatabase, files: Readonly<Record<string, string>>) {
  return { DATABASE_URL: url, MIGRATIONS_DIR: await directoryOf(files) };
}

test('a warning is one line of the text log', async () => {
  const { code, stderr } = await migrate(await emptyDatabase(), { '001_a.sql': WARNING });
  expect(code, stderr).toBe(0);
  expect(stderr).toContain(`warning: 001_a.sql: postgres says: ${SHOWN}\n`);
  expectOneLineEach(stderr);
});

test('so are the parts of an error', async () => {
  const { code, stderr } = await migrate(await emptyDatabase(), { '001_a.sql': EXCEPTION });
  expect(code).toBe(70);
  for (const label of ['detail', "server's hint"]) expect(stderr).toContain(`  ${label}: ${SHOWN}\n`);
  expect(stderr).toContain(`  on: constraint ${SHOWN}, table ${SHOWN}.${SHOWN}, column ${SHOWN}\n`);
  expectOneLineEach(stderr);
});

test('JSON keeps the exact values, escaped: in the log, in the answer and in the termination message', async () => {
  const env = await environment(await emptyDatabase(), { '001_a.sql': WARNING, '002_b.sql': EXCEPTION });
  const { stdout, stderr, events, termination } = await attempt(['postgres', 'migrate', '--json'], {
    env: { ...env, LOG_FORMAT: 'json' },
  });
  expect(events).toContainEqual(expect.objectContaining({ event: 'notice', message: HOSTILE }));
  expect(events.at(-1)).toMatchObject({
    message: `002_b.sql: ${HOSTILE}`,
    server: { detail: HOSTILE, table: HOSTILE },
  });
  expect(events.at(-1)?.msg).toBe(`002_b.sql: ${SHOWN}`);
  expect(JSON.parse(stdout).error.server.hint).toBe(HOSTILE);
  expect(JSON.parse(termination).server.hint).toBe(HOSTILE);
  for (const text of [stdout, stderr, termination]) expectOneLineEach(text);
});

test('names and the statements of others are one line each in a plan, in status and in verify', async () => {
  const database = await emptyDatabase();
  const files = { '001_a.sql': `CREATE TABLE ${TABLE} (id int);\n`, '002_b.sql': `ALTER TABLE ${TABLE} ADD b int;\n` };
  const env = await environment(database, files);
  expect((await attempt(['postgres', 'migrate', '--to', '1'], { env })).code).toBe(0);
  const holder = await session(database.url);
  await holder.query(`BEGIN; SELECT ${IN_SQL}, '\x1b[31m' FROM ${TABLE}`);

  const plan = await attempt(['postgres', 'plan'], { env });
  expect(plan.stdout).toContain('In the way right now');
  const blocked = await attempt(['postgres', 'migrate', '--ddl-lock-timeout', '1s', '--ddl-lock-retry-for', '0s'], {
    env,
  });
  expect([blocked.code, blocked.stderr]).toEqual([75, expect.stringContaining('blocked by pid ')]);
  await database.query('INSERT INTO migrations (filename) VALUES ($1)', [`003_${HOSTILE}.sql`]);
  const status = await attempt(['postgres', 'status'], { env });
  expect(status.stdout).toContain(`003_${SHOWN}.sql`);
  const verify = await attempt(['postgres', 'verify'], { env });
  const schemas = ['mermaid', 'dot', 'json'].map((format) =>
    attempt(['postgres', 'schema', '--format', format], { env }),
  );
  for (const { stdout, stderr } of [plan, blocked, status, verify, ...(await Promise.all(schemas))]) {
    expectOneLineEach(stdout);
    expectOneLineEach(stderr);
  }
});

test('a rehearsal too', async () => {
  const env = await environment(await emptyDatabase(), {
    '001_a.sql': `CREATE TABLE ${TABLE} (id int);\nCREATE INDEX ON ${TABLE} (id);\n`,
  });
  const { code, stdout } = await attempt(['postgres', 'migrate', '--rehearse'], { env });
  expect(code).toBe(0);
  expectOneLineEach(stdout);
});

test('values of the configuration, and names of files', async () => {
  const bad = { LOG_LEVEL: HOSTILE, LOCK_TIMEOUT: HOSTILE, POSTGRES_PORT: HOSTILE, DATABASES: HOSTILE };
  for (const [name, value] of Object.entries(bad)) {
    const { code, stderr } = await attempt(['postgres', 'status'], { env: { POSTGRES_USER: 'u', [name]: value } });
    expect(code, name).toBe(78);
    expectOneLineEach(stderr);
  }
  const MIGRATIONS_DIR = await directoryOf({ [`001_${HOSTILE}.sql`]: '', '002_b.sql': 'SELECT 1;' });
  for (const args of [['validate'], ['validate', `--${HOSTILE}`], ['status', '--tenant-index', HOSTILE]]) {
    const { code, stdout, stderr } = await attempt(args, { env: { MIGRATIONS_DIR } });
    expect(code).not.toBe(0);
    expectOneLineEach(stdout + stderr);
  }
});

test('a password with such characters is masked however it is shown', async () => {
  const NEO4J_PASSWORD = 'se\x1bcret\x9b-pass\nword';
  const env = {
    ...(await environment(await emptyDatabase(), {
      '001_a.sql': `DO $$ BEGIN RAISE EXCEPTION '%', E'se\\u001bcret\\u009b-pa' || E'ss\\nword'; END $$;\n`,
    })),
    NEO4J_PASSWORD,
  };
  for (const LOG_FORMAT of ['text', 'json']) {
    const { stderr } = await attempt(['postgres', 'migrate'], { env: { ...env, LOG_FORMAT } });
    expect(stderr).toContain('***');
    expect(stderr).not.toContain('-pass');
  }
});

test('errors of Neo4j, with labels, values and open transactions in them', async () => {
  const neo4j = await emptyNeo4j();
  onTestFinished(() => neo4j.close());
  const first = { '001_a.cypher': `CREATE CONSTRAINT c IF NOT EXISTS FOR (n:${LABEL}) REQUIRE n.id IS UNIQUE;\n` };
  const { code, stderr } = await onGraph({
    ...first,
    '002_b.cypher': `CREATE (:${LABEL} {id: '${HOSTILE}'}), (:${LABEL} {id: '${HOSTILE}'});\n`,
  });
  expect([code, stderr]).toEqual([70, expect.stringContaining('already exists with label `l\\x1b[31m fake: lf')]);
  expectOneLineEach(stderr);

  await neo4j.run(`CREATE (:${LABEL} {id: 2})`);
  const holder = await graphTransaction(neo4j);
  await holder.run(`CREATE (:${LABEL} {id: 1, red: '\x1b[31m'})`);
  const blocked = { ...first, '003_c.cypher': `CREATE INDEX i IF NOT EXISTS FOR (n:${LABEL}) ON (n.b);\n` };
  const { stdout } = await onGraph(blocked, 'plan');
  expect(stdout).toContain('In the way right now');
  const refused = await onGraph(blocked, 'migrate --ddl-lock-timeout 1s --ddl-lock-retry-for 0s');
  expect(refused.code).toBe(75);
  await holder.close();
  for (const text of [stdout, refused.stderr]) expectOneLineEach(text);
});

test('on a terminal', async () => {
  const database = await emptyDatabase();
  await database.query(`CREATE TABLE ${TABLE} (id int)`);
  const holder = await session(database.url);
  await holder.query(`BEGIN; SELECT '\x1b[31m' FROM ${TABLE}`);
  const files = { '001_a.sql': WARNING, '002_b.sql': `DROP TABLE ${TABLE};\n`, '003_c.sql': EXCEPTION };
  const env = { ...(await environment(database, files)), DDL_LOCK_TIMEOUT: '1h' };
  const { code, screen, pictures } = await onTerminal(['postgres', 'migrate'], {
    env,
    columns: 600,
    answers: [['blocked by', () => void holder.end()]],
  });
  expect(code).toBe(70);
  const lines = pictures.flat();
  expect(lines.join('\n')).toContain(SHOWN);
  for (const line of lines) expect(line).not.toMatch(/^\s*fake/);
  // Colors of ours there are; none is red before a word of the message.
  for (const sequence of ['\x1b[31mred', '\x07', '\x9b', '\x7f', '\u202e']) expect(screen).not.toContain(sequence);
});
