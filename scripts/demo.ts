import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { allOrNone } from '../test/servers/acquire.ts';
import { acquireNeo4j, type Neo4jServer } from '../test/servers/neo4j.ts';
import { acquirePostgres, type PostgresServer } from '../test/servers/postgres.ts';

/**
 * The program as a user runs it, on a real PostgreSQL and a real Neo4j: those given by DEMO_POSTGRES_URL and
 * DEMO_NEO4J_URI, _USER, _PASSWORD, else in Docker, else downloaded. With --keep they stay for more.
 */
const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false } } });
const root = fileURLToPath(new URL('..', import.meta.url));
const options = { settings: 'DEMO', detached: values.keep } as const;

try {
  const servers = await allOrNone([acquirePostgres(options), acquireNeo4j(options)]);
  try {
    await demonstrate(...servers);
  } catch (error) {
    await stopAll(servers);
    throw error;
  }
  if (!values.keep) await stopAll(servers);
} catch (error) {
  say(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

async function demonstrate(postgres: PostgresServer, neo4j: Neo4jServer): Promise<void> {
  const database = await databaseFor(postgres);
  const environment = {
    POSTGRES_HOST: database.hostname,
    POSTGRES_PORT: database.port || '5432',
    POSTGRES_DB: decodeURIComponent(database.pathname.slice(1)),
    POSTGRES_USER: decodeURIComponent(database.username),
    POSTGRES_PASSWORD: decodeURIComponent(database.password),
    NEO4J_URI: neo4j.uri,
    NEO4J_USER: neo4j.user,
    NEO4J_PASSWORD: neo4j.password,
  };

  run(['scripts/build.ts']);
  for (const command of ['validate', 'migrate', 'status', 'migrate', 'verify']) {
    say(`\n$ localrag-migrate ${command}`);
    run(['dist/bin.js', command], { ...environment, LOG_FORMAT: 'text' });
  }
  say('\nThe demo worked: both databases hold the schema, and the second migrate found nothing to do.');
  if (!values.keep) return;

  say('\nThe servers are still up. To use them:');
  for (const [name, value] of Object.entries(environment)) say(`  export ${name}='${value}'`);
  say('  node_modules/.bin/node dist/bin.js status');
  say('To end them:');
  for (const { stopCommand } of [postgres, neo4j]) if (stopCommand) say(`  ${stopCommand}`);
}

async function stopAll(servers: readonly { stop(): Promise<void> }[]): Promise<void> {
  await Promise.all(servers.map((server) => server.stop()));
}

/** LocalRAG's database and the role that owns it; a server that was given is used as its URL says. */
async function databaseFor(server: PostgresServer): Promise<URL> {
  const url = new URL(server.url);
  if (server.source === 'given') return url;
  const administrator = new pg.Client(server.url);
  await administrator.connect();
  await administrator.query(`CREATE ROLE localrag LOGIN PASSWORD '${server.password}'`);
  await administrator.query('CREATE DATABASE localrag OWNER localrag');
  await administrator.end();
  url.pathname = '/localrag';

  // pgvector is not a trusted extension: a superuser installs it, once a database.
  const superuser = new pg.Client(url.href);
  await superuser.connect();
  await superuser.query('CREATE EXTENSION vector');
  await superuser.end();
  url.username = 'localrag';
  return url;
}

/** Without the settings in the caller's environment, which are for other databases. */
function run(args: readonly string[], settings: Readonly<Record<string, string>> = {}): void {
  const { PATH, HOME, TERM, NO_COLOR } = process.env;
  const { status, signal } = spawnSync(process.execPath, args, {
    cwd: root,
    env: { PATH, HOME, TERM, NO_COLOR, ...settings },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status ?? signal}`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
