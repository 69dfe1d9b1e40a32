import { loadModule } from 'libpg-query';
import type { Driver } from 'neo4j-driver';
import { explainEach } from './cypher-split.ts';
import { compareSplit } from './sql-split.ts';
import { Tally } from './tally.ts';
import { filesIn, textOf } from './text-files.ts';

type Say = (line: string) => void;

/** Splits the SQL files at these paths; returns how many differ from PostgreSQL's parser. */
export async function splitSql(paths: readonly string[], say: Say): Promise<number> {
  await loadModule();
  return splitFiles('SQL', await filesAt(paths, ['.sql']), (text) => Promise.resolve(compareSplit(text)), say);
}

export async function cypherFiles(paths: readonly string[]): Promise<readonly string[]> {
  return filesAt(paths, ['.cypher', '.cql']);
}

/** Splits Cypher files; returns how many differ from the server. */
export async function splitCypher(files: readonly string[], driver: Driver, say: Say): Promise<number> {
  return splitFiles('Cypher', files, (text) => explainEach(driver, text), say);
}

interface Split {
  readonly compared: number;
  readonly refused: readonly string[];
  readonly clientCommands: number;
  readonly difference?: string;
}

async function splitFiles(
  language: string,
  files: readonly string[],
  split: (text: string) => Promise<Split>,
  say: Say,
): Promise<number> {
  const [refused, leftOut] = [new Tally(), new Tally()];
  let [compared, clientCommands, different] = [0, 0, 0];
  for (const file of files) {
    const text = await textOf(file);
    if (text === undefined) {
      leftOut.add('not UTF-8');
      continue;
    }
    const result = await split(text);
    compared += result.compared;
    clientCommands += result.clientCommands;
    for (const reason of result.refused) refused.add(reason);
    if (result.difference === undefined) continue;
    different += 1;
    say(`different  ${file}: ${result.difference}`);
  }
  say(`${language}: ${files.length} files, ${compared} statements compared, ${different} files different`);
  say(`  statements that the server's parser does not accept: ${refused}`);
  say(`  commands of the database's shell: ${clientCommands}; files left out: ${leftOut}`);
  return different;
}

async function filesAt(paths: readonly string[], endings: readonly string[]): Promise<readonly string[]> {
  const lists = paths.flatMap((path) => endings.map((ending) => filesIn(path, ending)));
  return (await Promise.all(lists)).flat();
}
