import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { allOrNone } from '../test/servers/acquire.ts';
import { emptyNeo4j, freshDatabase } from '../test/servers/databases.ts';
import { acquireNeo4j } from '../test/servers/neo4j.ts';
import { acquirePostgres } from '../test/servers/postgres.ts';
import { ANSWERS, type Answers, QUESTIONS } from './build/answers.ts';
import { SETTLED } from './build/rehearsal.ts';

// Writes scripts/build/answers.json: what PostgreSQL and Neo4j (got as the tests get theirs) answer to a run of `migrate` that
// finds nothing to do, for the build to play back. A Neo4j that TEST_NEO4J_URI names is emptied, as by the tests.

const PROGRAM = fileURLToPath(new URL('../src/bin.ts', import.meta.url));
/** AuthenticationOk: https://www.postgresql.org/docs/current/protocol-message-formats.html */
const WELCOME = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0]);

const servers = await allOrNone([acquirePostgres({ settings: 'TEST' }), acquireNeo4j({ settings: 'TEST' })]);
const [postgres, graph] = servers;
try {
  const database = await freshDatabase({ extensions: [], server: postgres });
  const empty = await emptyNeo4j(graph);
  const sql = await listening({ host: database.host, port: database.port });
  const bolt = await listening({ host: new URL(graph.uri).hostname, port: Number(new URL(graph.uri).port) });
  const env = {
    POSTGRES_HOST: '127.0.0.1',
    POSTGRES_PORT: String(sql.port),
    POSTGRES_DB: database.database,
    POSTGRES_USER: database.user,
    POSTGRES_PASSWORD: database.password,
    POSTGRES_SSLMODE: 'disable',
    NEO4J_URI: `bolt://127.0.0.1:${bolt.port}`,
    NEO4J_USER: graph.user,
    NEO4J_PASSWORD: graph.password,
    MIGRATIONS_DIR: SETTLED,
  };
  await migrate(env);
  // The machine that they are from is nobody's business.
  await database.query("UPDATE migrations SET host = 'localhost'");
  await empty.run("MATCH (m:`_Migration`) SET m.host = 'localhost'");
  sql.answers.length = 0;
  bolt.answers.length = 0;
  await migrate(env);
  const answers = kept(sql.answers, bolt.answers);
  if (answers.postgres.length !== QUESTIONS.postgres.length || answers.neo4j.length !== QUESTIONS.neo4j.length)
    throw new Error('the servers answered more often than scripts/build/answers.ts has questions, or less often');
  await writeFile(ANSWERS, `${JSON.stringify(answers, null, 2)}\n`);
  await Promise.all([database.drop(), empty.close()]);
} finally {
  await Promise.all(servers.map((server) => server.stop()));
}
process.exit();

async function migrate(env: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn(process.execPath, [PROGRAM, 'migrate'], { env, stdio: 'inherit' });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`migrate ended with ${code}`);
}

/** Without SCRAM, whose answers fit one question only: whoever plays them back lets everybody in. */
function kept(sql: readonly Buffer[], bolt: readonly Buffer[]): Answers {
  const welcome = sql.findIndex((answer) => answer.includes(WELCOME));
  const [first = Buffer.alloc(0), ...rest] = sql.slice(welcome);
  const postgres = [first.subarray(first.indexOf(WELCOME)), ...rest];
  const base64 = (answers: readonly Buffer[]) =>
    answers.filter(({ length }) => length > 0).map((answer) => answer.toString('base64'));
  return { postgres: base64(postgres), neo4j: base64(bolt) };
}

/** Stands in front of a server and keeps what it says, an entry for each time that the client has spoken. */
async function listening(target: { host: string; port: number }): Promise<{ port: number; answers: Buffer[] }> {
  const answers: Buffer[] = [];
  const server = createServer((client) => {
    const other = connect(target);
    client.on('data', (data) => {
      answers.push(Buffer.alloc(0));
      other.write(data);
    });
    other.on('data', (data) => {
      answers.push(Buffer.concat([answers.pop() ?? Buffer.alloc(0), data]));
      client.write(data);
    });
    for (const [one, another] of [
      [client, other],
      [other, client],
    ] as const) {
      one.on('end', () => another.end());
      one.on('error', () => another.destroy());
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, answers };
}
