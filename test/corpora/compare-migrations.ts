import { join } from 'node:path';
import type { ClientPrograms } from '../psql/client-programs.ts';
import { differences, withoutVolatile } from '../psql/contents-difference.ts';
import { type DatabaseContents, readContents } from '../psql/database-contents.ts';
import { type FreshDatabase, type FreshDatabaseOptions, freshDatabase } from '../servers/databases.ts';
import { type MigrationSource, migrationSources } from './migration-sources.ts';
import { migrate, refusedFiles, withDirectory } from './program.ts';

/** The outcome for one directory of migrations. */
export interface Comparison {
  readonly result: 'equal' | 'different' | 'left out';
  readonly applied: number;
  /** Columns that are not compared because two runs of psql give different values. */
  readonly volatile: readonly string[];
  readonly differences: readonly string[];
  readonly leftOut: readonly { readonly path: string; readonly reason: string }[];
}

type Server = Exclude<FreshDatabaseOptions['server'], undefined>;

/** Applies the files that both can apply, by one run of the program and by psql file by file, and compares the databases. */
export async function compareMigrations(
  directory: string,
  server: Server,
  programs: ClientPrograms,
): Promise<Comparison> {
  const leftOut: { path: string; reason: string }[] = [];
  const all = await migrationSources(directory, (path, reason) => leftOut.push({ path, reason }));
  const valid = await withoutRefused(all, leftOut);
  const base = { leftOut, volatile: [], differences: [], applied: 0 };
  const psql = await byPsql(valid, server, programs);
  leftOut.push(...psql.failed);
  const { applied } = psql;
  if (applied.length === 0) return { ...base, result: 'left out' };

  const program = await byProgram(applied, server, programs);
  if (typeof program === 'string') return { ...base, result: 'different', differences: [program] };
  const names = ['psql', 'program'] as const;
  const first = differences(psql.contents, program, names);
  if (first.length === 0) return { ...base, result: 'equal', applied: applied.length };

  const { columns, strip } = withoutVolatile(psql.contents, (await byPsql(applied, server, programs)).contents);
  const found = differences(strip(psql.contents), strip(program), names);
  const result = found.length === 0 ? 'equal' : 'different';
  return { ...base, result, applied: applied.length, volatile: columns, differences: found };
}

type LeftOut = Comparison['leftOut'][number];

/** Files that only need the directive get it. */
async function withoutRefused(
  sources: readonly MigrationSource[],
  leftOut: LeftOut[],
): Promise<readonly MigrationSource[]> {
  let left = sources;
  for (;;) {
    const refused = left.length === 0 ? new Map() : await withDirectory(left, refusedFiles);
    if (refused.size === 0) return left;
    left = left.flatMap((source) => {
      const problem = refused.get(source.name);
      if (problem === undefined) return [source];
      if (!source.noTransaction && problem.hint?.includes('-- migrate: no-transaction'))
        return [{ ...source, noTransaction: true }];
      leftOut.push({ path: source.path, reason: `validate: ${problem.message}` });
      return [];
    });
  }
}

interface ByPsql {
  readonly applied: readonly MigrationSource[];
  readonly failed: readonly LeftOut[];
  readonly contents: DatabaseContents;
}

async function byPsql(sources: readonly MigrationSource[], server: Server, programs: ClientPrograms): Promise<ByPsql> {
  const failed: LeftOut[] = [];
  const applied: MigrationSource[] = [];
  const outcome = await withDirectory(sources, (directory) =>
    inFreshDatabase(server, async (database) => {
      for (const source of sources) {
        const { code, stderr } = await programs.psql(database, join(directory, source.name), !source.noTransaction);
        if (code === 0) applied.push(source);
        else failed.push({ path: source.path, reason: `psql: ${/(?:ERROR|FATAL): .*/.exec(stderr)?.[0] ?? stderr}` });
        // Its first statements have been committed, so the database is of no use.
        if (code !== 0 && source.noTransaction) return source;
      }
      return readContents(programs, database);
    }),
  );
  if (!('name' in outcome)) return { applied, failed, contents: outcome };
  const again = await byPsql(
    sources.filter(({ name }) => name !== outcome.name),
    server,
    programs,
  );
  return { ...again, failed: [...failed.filter(({ path }) => path === outcome.path), ...again.failed] };
}

/** What the database holds then, or why the program failed. */
async function byProgram(
  sources: readonly MigrationSource[],
  server: Server,
  programs: ClientPrograms,
): Promise<DatabaseContents | string> {
  return withDirectory(sources, (directory) =>
    inFreshDatabase(server, async (database) => {
      const { code, stderr } = await migrate(database, directory);
      if (code === 0) return readContents(programs, database);
      return `migrate ends with ${code}\n${/^error: .*/ms.exec(stderr)?.[0] ?? stderr}`.replaceAll(directory, '…');
    }),
  );
}

async function inFreshDatabase<T>(server: Server, work: (database: FreshDatabase) => Promise<T>): Promise<T> {
  const database = await freshDatabase({ server });
  try {
    return await work(database);
  } finally {
    await database.drop();
  }
}
