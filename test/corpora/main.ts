import neo4j from 'neo4j-driver';
import { type ClientPrograms, clientPrograms } from '../psql/client-programs.ts';
import { acquireNeo4j } from '../servers/neo4j.ts';
import { acquirePostgres } from '../servers/postgres.ts';
import { readArguments } from './arguments.ts';
import { type Comparison, compareMigrations } from './compare-migrations.ts';
import { cypherFiles, splitCypher, splitSql } from './split-statements.ts';

const { statements, migrations } = await readArguments(process.argv.slice(2));
let different = 0;
if (statements.length > 0) different += await splitSql(statements, say);
const graphs = await cypherFiles(statements);
if (graphs.length > 0) different += await explained(graphs);
if (migrations.length > 0) different += await compared(migrations);
process.exitCode = different === 0 ? 0 : 1;

async function explained(files: readonly string[]): Promise<number> {
  const server = await acquireNeo4j({ settings: 'TEST' });
  const driver = neo4j.driver(server.uri, neo4j.auth.basic(server.user, server.password));
  try {
    return await splitCypher(files, driver, say);
  } finally {
    await driver.close();
    await server.stop();
  }
}

async function compared(directories: readonly string[]): Promise<number> {
  const programs: ClientPrograms = await clientPrograms();
  const server = await acquirePostgres({ settings: 'TEST' });
  try {
    const results: Comparison['result'][] = [];
    for (const directory of directories) {
      const comparison = await compareMigrations(directory, server, programs);
      results.push(comparison.result);
      report(directory, comparison);
    }
    const count = (result: Comparison['result']) => results.filter((each) => each === result).length;
    say(`${count('equal')} equal, ${count('different')} different, ${count('left out')} left out`);
    return count('different');
  } finally {
    await server.stop();
  }
}

function report(directory: string, { result, applied, volatile, differences, leftOut }: Comparison): void {
  say(`${result}  ${directory}: ${applied} files applied, ${leftOut.length} left out`);
  if (volatile.length > 0) say(`  not compared, because their values change from run to run: ${volatile.join(', ')}`);
  for (const difference of differences) say(`  ${difference.replaceAll('\n', '\n  ')}`);
  for (const { path, reason } of leftOut) say(`  left out  ${path}: ${reason}`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
