import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import neo4j from 'neo4j-driver';
import pg from 'pg';
import { allOrNone } from '../test/servers/acquire.ts';
import { acquireNeo4j } from '../test/servers/neo4j.ts';
import { acquirePostgres } from '../test/servers/postgres.ts';
import { evened, Film } from './film.ts';

// Writes the recordings in docs/live.md: the built program at work in a terminal made by tmux, on real servers (those of
// the tests, found in the same way). What differs each time, such as process ids, is evened out, so that little changes
// when they are recorded again. A Neo4j that TEST_NEO4J_URI names is emptied, as by the tests.

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PAGE = `${ROOT}docs/live.md`;
const COLUMNS = 116;
const DATABASE = 'localrag_recording';

type Statements = Readonly<Record<string, string>>;

const TITLE: Statements = { '001_chat_titles.sql': 'ALTER TABLE chats ADD COLUMN title text;\n' };
const HNSW: Statements = {
  '001_embedding_index.sql': `-- migrate: no-transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_chunks_embedding ON chunks USING hnsw (embedding vector_cosine_ops);
`,
};
const VECTORS: Statements = {
  '001_entity_vectors.cypher': `CREATE VECTOR INDEX entity_embedding IF NOT EXISTS FOR (e:Entity) ON (e.embedding)
OPTIONS {indexConfig: {\`vector.dimensions\`: 256, \`vector.similarity_function\`: 'cosine'}};
`,
};

const tmux = spawnSync('tmux', ['-V']);
if (tmux.error !== undefined) {
  console.error('tmux is missing. Debian and Ubuntu: apt-get install tmux; macOS: brew install tmux');
  process.exit(1);
}
const servers = await allOrNone([acquirePostgres({ settings: 'TEST' }), acquireNeo4j({ settings: 'TEST' })]);
const work = await mkdtemp(join(tmpdir(), 'recordings-'));
try {
  const [postgres, graph] = servers;
  const recordings = { ...(await ofPostgres(postgres.url)), ...(await ofNeo4j(graph)) };
  await writeFile(PAGE, withRecordings(await readFile(PAGE, 'utf8'), recordings));
  console.log('docs/live.md written');
} finally {
  await Promise.all(servers.map((server) => server.stop()));
  await rm(work, { recursive: true, force: true });
}

async function ofPostgres(administratorUrl: string) {
  const administrator = new pg.Client(administratorUrl);
  await administrator.connect();
  const clear = async () => {
    await administrator.query(`DROP DATABASE IF EXISTS ${DATABASE} WITH (FORCE)`);
    await administrator.query(`DROP ROLE IF EXISTS ${DATABASE}`);
  };
  await clear();
  await administrator.query(`CREATE ROLE ${DATABASE} LOGIN PASSWORD '${DATABASE}'`);
  await administrator.query(`CREATE DATABASE ${DATABASE} OWNER ${DATABASE}`);
  const inside = new URL(administratorUrl);
  inside.pathname = DATABASE;
  const superuser = new pg.Client(inside.href);
  await superuser.connect();
  await superuser.query('CREATE EXTENSION vector');
  await superuser.end();

  const owner = new URL(inside);
  owner.username = owner.password = DATABASE;
  const application = new pg.Client({ connectionString: owner.href, application_name: 'LocalRAG api' });
  await application.connect();
  await application.query(`CREATE TABLE chats (id int);
    CREATE TABLE chunks AS SELECT id, (SELECT array_agg(random()) FROM generate_series(1, 128) WHERE id > 0)::vector(128) AS embedding
      FROM generate_series(1, 20000) AS id`);
  const env = { DATABASE_URL: owner.href };

  await application.query('BEGIN; SELECT * FROM chats');
  const blocked = await record(['postgres', 'migrate'], { env, files: TITLE }, async (line) => {
    // After the first try, and some time of the second one.
    if (/^warning/m.test(line) && /^. [78] s/m.test(line)) await application.query('COMMIT');
  });
  // The column's history must not stand in the way of the next recording's.
  await application.query('DROP TABLE migrations');
  const index = await record(['postgres', 'migrate'], { env, files: HNSW });
  await application.end();
  await clear();
  await administrator.end();
  return { blocked, index };
}

async function ofNeo4j({ uri, user, password }: { uri: string; user: string; password: string }) {
  const driver = neo4j.driver(uri, neo4j.auth.basic(user, password));
  const session = driver.session();
  const clear = async () => {
    for (const [list, drop] of [
      ['SHOW CONSTRAINTS YIELD name', 'CONSTRAINT'],
      ["SHOW INDEXES YIELD name, type WHERE type <> 'LOOKUP' RETURN name", 'INDEX'],
    ] as const)
      for (const found of (await session.run(list)).records) await session.run(`DROP ${drop} \`${found.get('name')}\``);
    await session.run('MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS');
  };
  await clear();
  await session.run(
    'UNWIND range(1, 11000) AS i CALL (i) { CREATE (:Entity {embedding: [j IN range(1, 256) | rand()]}) } IN TRANSACTIONS OF 2000 ROWS',
  );
  const graph = await record(['neo4j', 'migrate'], {
    env: { NEO4J_URI: uri, NEO4J_USER: user, NEO4J_PASSWORD: password },
    files: VECTORS,
  });
  await clear();
  await driver.close();
  return { graph };
}

interface Scene {
  readonly env: Readonly<Record<string, string>>;
  readonly files: Statements;
}

/** The lines that a person sees, one after the other; `watching` is shown each screen. */
async function record(
  args: readonly string[],
  { env, files }: Scene,
  watching: (screen: string) => Promise<void> = async () => {},
): Promise<readonly string[]> {
  const directory = join(work, 'migrations');
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory);
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
  const configuration = join(work, 'tmux.conf');
  await writeFile(
    configuration,
    'set -g remain-on-exit on\nset -g default-terminal tmux-256color\nset -g status off\n',
  );

  const socket = join(work, 'tmux');
  const { PATH, HOME } = process.env;
  // The settings go through the environment: a password has no place in an argument list.
  const settings = { PATH, HOME, TERM: 'xterm-256color', MIGRATIONS_DIR: directory, ...env };
  const ask = (...words: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync('tmux', ['-u', '-S', socket, '-f', configuration, ...words], {
      cwd: work,
      env: settings,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`tmux ${words[0]} ended with ${status}: ${stderr}`);
    return stdout;
  };
  const program = [process.execPath, `${ROOT}dist/bin.js`, ...args].map((word) => `'${word}'`).join(' ');
  ask('new-session', '-d', '-x', String(COLUMNS), '-y', '40', `exec ${program}`);
  try {
    const film = new Film();
    for (;;) {
      const ended = ask('list-panes', '-F', '#{pane_dead}').startsWith('1');
      // -J: a line that the terminal has broken is one line. -S: what has left the screen at the top, too.
      const screen = ask('capture-pane', '-p', '-J', '-S', '-').replace(/^Pane is dead.*$/m, '');
      film.add(screen);
      if (ended)
        return [
          `$ localrag-migrate ${args.join(' ')}`,
          ...film.lines.map((line) => evened(line.replaceAll(DATABASE, 'localrag'))),
        ];
      await watching(screen);
      await sleep(100);
    }
  } finally {
    ask('kill-server');
  }
}

function withRecordings(page: string, recordings: Readonly<Record<string, readonly string[]>>): string {
  return page.replace(
    /(<!-- recording:(\w+) -->\n)[\s\S]*?(<!-- \/recording -->)/g,
    (_whole, opening: string, name: string, closing: string) => {
      const lines = recordings[name];
      if (lines === undefined) throw new Error(`docs/live.md asks for a recording that is not made: ${name}`);
      return `${opening}\`\`\`text\n${lines.join('\n')}\n\`\`\`\n${closing}`;
    },
  );
}
