import { stat } from 'node:fs/promises';

/** What a run reads, as paths that the person who starts it names. */
export interface Corpora {
  /** Files, and directories of files, whose statements are split. */
  readonly statements: readonly string[];
  /** Directories of migrations. */
  readonly migrations: readonly string[];
}

const USAGE = 'usage: npm run test:corpora -- [--statements DIRECTORY|FILE ...] [--migrations DIRECTORY ...]';

/**
 * Each flag takes all paths up to the next flag.
 * @throws {Error} with the usage, or with the path that does not exist
 */
export async function readArguments(args: readonly string[]): Promise<Corpora> {
  const paths: Record<string, string[]> = { '--statements': [], '--migrations': [] };
  let current: string[] | undefined;
  for (const argument of args) {
    if (argument.startsWith('--')) {
      current = paths[argument];
      if (current === undefined) throw new Error(`unknown option ${argument}\n${USAGE}`);
    } else {
      if (current === undefined) throw new Error(USAGE);
      await stat(argument);
      current.push(argument);
    }
  }
  const { '--statements': statements = [], '--migrations': migrations = [] } = paths;
  if (statements.length + migrations.length === 0) throw new Error(USAGE);
  return { statements, migrations };
}
