import { join } from 'node:path';
import { directoryOf, run } from '../program.ts';
import type { ClientPrograms } from '../psql/client-programs.ts';
import { differences } from '../psql/contents-difference.ts';
import { type DatabaseContents, readContents } from '../psql/database-contents.ts';
import { type FreshDatabase, freshDatabase } from '../servers/databases.ts';

type Files = Readonly<Record<string, string>>;
type Apply = (database: FreshDatabase, directory: string, files: Files) => Promise<void>;

/**
 * Applies the files to three databases: by psql with a session for each file, by one run of the program, and by a run for each
 * file. Returns what differs from psql.
 * @throws {Error} if psql or the program fails
 */
export async function applyThreeWays(
  programs: ClientPrograms,
  files: Files,
  other: string,
): Promise<readonly string[]> {
  const directory = await directoryOf(files);
  const contentsAfter = async (apply: Apply): Promise<DatabaseContents> => {
    const database = await freshDatabase({ extensions: [] });
    try {
      await database.asSuperuser(`GRANT ${other} TO ${database.user}`);
      await apply(database, directory, files);
      return await readContents(programs, database);
    } finally {
      await database.drop();
    }
  };
  const byPsql: Apply = async (database) => {
    for (const file of Object.keys(files)) {
      const { code, stderr } = await programs.psql(database, join(directory, file), true);
      if (code !== 0) throw new Error(`psql refuses ${file}: ${stderr}`);
    }
  };
  const [expected, oneRun, runs] = await Promise.all([
    contentsAfter(byPsql),
    contentsAfter((database) => migrate(database, directory)),
    contentsAfter(async (database) => {
      // The first file leaves nothing in its session.
      for (const file of Object.keys(files).slice(1)) await migrate(database, directory, '--to', file.slice(0, 3));
    }),
  ]);
  return [
    ...differences(expected, oneRun, ['psql', 'one run']),
    ...differences(expected, runs, ['psql', 'a run for each file']),
  ];
}

async function migrate({ url }: FreshDatabase, directory: string, ...flags: readonly string[]): Promise<void> {
  const env = { DATABASE_URL: url, MIGRATIONS_DIR: directory, LOG_FORMAT: 'text' };
  const { code, stderr } = await run(['postgres', 'migrate', ...flags], { env });
  if (code !== 0) throw new Error(`migrate ${flags.join(' ')} ends with ${code}: ${stderr}`);
}
