import { appendFile, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { emptyNeo4j, type FreshDatabase, freshDatabase } from '../test/servers/databases.ts';
import { type LocalNeo4j, localNeo4j } from '../test/servers/local-neo4j.ts';
import { type LocalPostgres, localPostgres } from '../test/servers/local-postgres.ts';
import { delay } from './delay.ts';
import { directories } from './formats.ts';
import { type Command, measure, measureAll } from './measure.ts';
import { maven, type Peer, type Target, urlOf } from './peers.ts';
import { recovered } from './recovery.ts';
import type { Results } from './results.ts';
import { waited } from './waiting.ts';

export interface World {
  readonly postgres: LocalPostgres;
  readonly neo4j: LocalNeo4j;
  readonly peers: readonly Peer[];
  readonly results: Results;
}

const PROGRAM = fileURLToPath(new URL('../dist/bin.js', import.meta.url));

function ours(
  words: readonly string[],
  directory: string,
  target: Target,
  neo4j?: LocalNeo4j,
  uri = neo4j?.uri,
): Command {
  return {
    argv: [process.execPath, PROGRAM, ...words],
    env: {
      POSTGRES_HOST: target.host,
      POSTGRES_PORT: String(target.port),
      POSTGRES_DB: target.database,
      POSTGRES_USER: target.user,
      POSTGRES_PASSWORD: target.password,
      POSTGRES_SSLMODE: 'disable',
      ...(neo4j && uri && { NEO4J_URI: uri, NEO4J_USER: neo4j.user, NEO4J_PASSWORD: neo4j.password }),
      MIGRATIONS_DIR: directory,
      LOG_FORMAT: 'json',
    },
  };
}

const tables = (count: number) => Array.from({ length: count }, (_, index) => `CREATE TABLE t${index + 1} (i int);\n`);
const POSTGRES = 'ours, PostgreSQL';
const BOTH = 'ours, both databases';

/** Runs all in turn, `rounds` times, so that what disturbs the machine disturbs all of them. */
async function interleaved(
  results: Results,
  name: string,
  rounds: number,
  runs: ReadonlyMap<string, () => Promise<Command>>,
): Promise<void> {
  process.stderr.write(`${name}\n`);
  for (let round = 0; round < rounds; round += 1)
    for (const [tool, command] of runs)
      await command()
        .then(measure)
        .then((measured) => results.add(name, tool, measured))
        .catch((error: Error) => results.fail(name, tool, error.message));
}

/** As `interleaved`, where each round is the same. */
function repeated(results: Results, name: string, rounds: number, runs: ReadonlyMap<string, Command>): Promise<void> {
  return interleaved(results, name, rounds, new Map([...runs].map(([tool, run]) => [tool, async () => run])));
}

/** A database for each tool that holds all of the files already. */
async function applied(world: World, count: number) {
  const { postgres, neo4j, peers } = world;
  const dirs = await directories(['plain', ...peers.map(({ format }) => format)], tables(count));
  const liquibase = dirs.get('liquibase');
  if (liquibase !== undefined)
    await writeFile(
      join(liquibase, 'all.xml'),
      '<databaseChangeLog xmlns="http://www.liquibase.org/xml/ns/dbchangelog" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://www.liquibase.org/xml/ns/dbchangelog http://www.liquibase.org/xml/ns/dbchangelog/dbchangelog-latest.xsd"><includeAll path="." relativeToChangelogFile="true" endsWithFilter=".sql"/></databaseChangeLog>',
    );
  const plain = dirs.get('plain') as string;
  const both = (await directories(['plain'], tables(count))).get('plain') as string;
  await writeFile(join(both, '90001_node.cypher'), 'CREATE (:Bench {i: 1});\n');
  const fresh = () => freshDatabase({ extensions: [], server: postgres });
  return { dirs, plain, both, fresh, neo4j, peers };
}

/** a) nothing pending, and with it b) the files onto an empty database, which come first. */
export async function nothingPending(world: World, count: number, rounds: number, applyRounds: number): Promise<void> {
  const { dirs, plain, both, fresh, neo4j, peers } = await applied(world, count);
  const { results } = world;
  const databases = new Map<string, FreshDatabase>();
  const onFresh = (tool: string, command: (target: Target) => Command) => async () => {
    const database = await fresh();
    databases.set(tool, database);
    return command(database);
  };
  await interleaved(
    results,
    `${count} files onto an empty PostgreSQL`,
    applyRounds,
    new Map([
      [POSTGRES, onFresh(POSTGRES, (target) => ours(['postgres'], plain, target))],
      ...peers.map(
        ({ name, format, command }) =>
          [name, onFresh(name, (target) => command(dirs.get(format) as string, target))] as const,
      ),
    ]),
  );
  const graph = await emptyNeo4j(neo4j);
  await graph.close();
  const pair = await fresh();
  await measure(ours([], both, pair, neo4j));
  const again = (tool: string, command: (target: Target) => Command) =>
    [tool, async () => command(databases.get(tool) as FreshDatabase)] as const;
  const all = [
    [BOTH, async () => ours([], both, pair, neo4j)] as const,
    again(POSTGRES, (target) => ours(['postgres'], plain, target)),
    ...peers.map(({ name, format, command }) => again(name, (target) => command(dirs.get(format) as string, target))),
    ['bare node', async () => ({ argv: [process.execPath, '--eval', '0'] })] as const,
  ];
  await interleaved(results, `${count} files, nothing pending`, rounds, new Map(all));
  if (count > 100) return;
  const sql = await delay(world.postgres, 2);
  const bolt = await delay({ host: '127.0.0.1', port: Number(new URL(neo4j.uri).port) }, 2);
  const far = all.filter(([name]) => name.startsWith('goose') || name.startsWith('ours'));
  const moved = async (command: Command): Promise<Command> => ({
    argv: command.argv.map((word) => word.replace(`:${world.postgres.port}/`, `:${sql.port}/`)),
    env: {
      ...command.env,
      POSTGRES_PORT: String(sql.port),
      ...(command.env?.NEO4J_URI && { NEO4J_URI: `bolt://127.0.0.1:${bolt.port}` }),
    },
  });
  await interleaved(
    results,
    `${count} files, nothing pending, 2 ms away`,
    rounds,
    new Map(far.map(([name, command]) => [name, async () => moved(await command())])),
  );
  await Promise.all([sql.close(), bolt.close()]);
}

/** a) over TLS, on servers of its own. */
export async function overTls(world: World): Promise<void> {
  const certificate = (name: string) =>
    readFile(fileURLToPath(new URL(`../test/config/certificates/${name}`, import.meta.url)), 'utf8');
  const tls = { cert: await certificate('server.pem'), key: await certificate('server.key') };
  const postgres = await localPostgres({ tls });
  const neo4j = await localNeo4j({ tls });
  try {
    const { dirs, plain, both, fresh, peers } = await applied({ ...world, postgres, neo4j }, 6);
    const encrypted = ({ argv, env }: Command): Command => ({
      argv: argv.map((word) => word.replace('sslmode=disable', 'sslmode=require')),
      env: { ...env, ...(env?.POSTGRES_SSLMODE && { POSTGRES_SSLMODE: 'require' }) },
    });
    const runs = new Map<string, Command>();
    const add = async (tool: string, command: (target: Target) => Command) => {
      const run = encrypted(command(await fresh()));
      await measure(run);
      runs.set(tool, run);
    };
    await add(BOTH, (target) => ours([], both, target, neo4j));
    await add(POSTGRES, (target) => ours(['postgres'], plain, target));
    for (const { name, format, command } of peers.filter(({ name }) => name.startsWith('goose')))
      await add(name, (target) => command(dirs.get(format) as string, target));
    await repeated(world.results, '6 files, nothing pending, over TLS', 9, runs);
  } finally {
    await Promise.all([postgres.remove(), neo4j.remove()]);
  }
}

/** b) with 2 ms of round trip. */
export async function farAway(world: World, count: number): Promise<void> {
  const { dirs, plain, fresh, peers } = await applied(world, count);
  const proxy = await delay(world.postgres, 2);
  const some = peers.filter(({ name, kind }) => kind === 'loop' || name.startsWith('goose'));
  const far = async () => ({ ...(await fresh()), port: proxy.port });
  await interleaved(
    world.results,
    `${count} files onto an empty PostgreSQL, 2 ms away`,
    3,
    new Map([
      [POSTGRES, async () => ours(['postgres'], plain, await far())],
      ...some.map(
        ({ name, format, command }) => [name, async () => command(dirs.get(format) as string, await far())] as const,
      ),
    ]),
  );
  await proxy.close();
}

/** c) 10,000 rows in the history, and as many files. */
export async function longHistory(world: World): Promise<void> {
  const { dirs, plain, fresh, peers } = await applied(world, 10_000);
  const database = await fresh();
  await measure(ours(['postgres', 'baseline', '--to', '10000'], plain, database));
  const runs = new Map([[POSTGRES, ours(['postgres'], plain, database)]]);
  for (const { name, format, command } of peers.filter(({ name }) => name.startsWith('goose'))) {
    const run = command(dirs.get(format) as string, await fresh());
    await measure(run);
    runs.set(name, run);
  }
  await repeated(world.results, '10,000 rows of history, nothing pending', 5, runs);
}

/** d) one file of 200 MB. */
export async function largeFile(world: World): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'bench-large-'));
  const path = join(directory, '001_large.sql');
  await writeFile(path, 'CREATE TABLE large (i int, t text);\n');
  const row = (index: number) => `(${index},'${'x'.repeat(80)}')`;
  const statement = `INSERT INTO large VALUES ${Array.from({ length: 10_000 }, (_, index) => row(index)).join(',')};\n`;
  for (let written = 0; written < 200e6; written += statement.length) await appendFile(path, statement);
  const psql = (target: Target) => ({ argv: ['psql', '-q', '-X', '-1', '-f', path, urlOf(target)] });
  const fresh = () => freshDatabase({ extensions: [], server: world.postgres });
  await interleaved(
    world.results,
    'one file of 200 MB',
    3,
    new Map([
      [POSTGRES, async () => ours(['postgres'], dirname(path), await fresh())],
      ['psql -1 -f', async () => psql(await fresh())],
    ]),
  );
}

/** e) a hundred at once. */
export async function hundred(world: World): Promise<void> {
  const { both, fresh, neo4j } = await applied(world, 5);
  const run = async (name: string, command: Command) => {
    const ended = await measureAll(command, 100);
    const walls = ended.map(({ wall }) => wall);
    world.results.add(name, 'first to last exit', {
      wall: Math.max(...walls) - Math.min(...walls),
      cpu: ended.reduce((sum, { cpu }) => sum + cpu, 0),
      memory: Math.max(...ended.map(({ memory }) => memory)),
    });
    world.results.add(name, 'start to last exit', {
      wall: Math.max(...walls),
      cpu: ended.reduce((sum, { cpu }) => sum + cpu, 0),
      memory: Math.max(...ended.map(({ memory }) => memory)),
    });
  };
  for (let round = 0; round < 3; round += 1) {
    const graph = await emptyNeo4j(neo4j);
    await graph.close();
    const database = await fresh();
    await run('100 at once, six pending, both databases', ours([], both, database, neo4j));
    await run('100 at once, nothing pending, both databases', ours([], both, database, neo4j));
  }
}

/** f) 200 small Cypher files. */
export async function cypher(world: World): Promise<void> {
  const { neo4j, results, postgres } = world;
  const texts = Array.from({ length: 200 }, (_, index) => `CREATE (:Bench {i: ${index + 1}});\n`);
  const dirs = await directories(['plain', 'neo4j-migrations'], texts, 'cypher');
  const empty = async <T>(value: T) => {
    const graph = await emptyNeo4j(neo4j);
    await graph.close();
    return value;
  };
  const target = await freshDatabase({ extensions: [], server: postgres });
  const classPath = await maven(
    'neo4j-migrations-2.17.3',
    ['eu.michael-simons.neo4j:neo4j-migrations:2.17.3'],
    'Neo4jMigrationsMain',
  );
  const java = ['java', '-cp', classPath, 'Neo4jMigrationsMain', neo4j.uri, neo4j.user, neo4j.password];
  const name = '200 Cypher files onto an empty Neo4j';
  await interleaved(
    results,
    name,
    5,
    new Map([
      ['ours, Neo4j', () => empty(ours(['neo4j'], dirs.get('plain') as string, target, neo4j))],
      ['neo4j-migrations 2.17.3 (library)', () => empty({ argv: [...java, dirs.get('neo4j-migrations') as string] })],
    ]),
  );
}

/** g) two hundred init containers that wait for the run. */
export async function waiting(world: World): Promise<void> {
  const { both, fresh, neo4j } = await applied(world, 5);
  const database = await fresh();
  const migrate = async () => ours(['migrate', '--lock-timeout', '90s'], both, database, neo4j);
  const wait = ours(['wait', '--wait-timeout', '10m'], both, database, neo4j);
  const { alone, beside, noticed, ...connections } = await waited(
    200,
    wait,
    migrate,
    { database, server: world.postgres },
    neo4j,
  );
  const name = '200 processes wait for six migrations, both databases';
  world.results.add(name, 'migrate, alone', alone);
  world.results.add(name, 'migrate, beside 200 that wait', beside);
  for (const wall of noticed)
    world.results.add(name, 'a waiting process, from the end of migrate to its own', { wall, cpu: 0, memory: 0 });
  process.stderr.write(
    `${name}: at most ${connections.postgres} connections to PostgreSQL, ${connections.neo4j} to Neo4j\n`,
  );
}

/** h) a run that follows one that was killed. */
export async function recovery({ postgres, neo4j, results }: World): Promise<void> {
  for (const set of ['both', 'graph'] as const) {
    const name = `From SIGKILL to the next run's first migration, ${set === 'both' ? 'both databases' : 'Neo4j alone'}`;
    process.stderr.write(`${name}\n`);
    for (const { phase, took } of await recovered(set, { postgres, neo4j }, PROGRAM, 5))
      for (const row of ['all phases', `killed ${phase}`]) results.add(name, row, { wall: took, cpu: 0, memory: 0 });
  }
}
