import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Ended, execute } from '../execute.ts';
import type { FreshDatabase } from '../servers/databases.ts';
import type { MigrationSource } from './migration-sources.ts';

const PROGRAM = fileURLToPath(new URL('../../dist/bin.js', import.meta.url));
const DIRECTIVE = '-- migrate: no-transaction\n';

/** Writes the files into a directory for the time of `work`. */
export async function withDirectory<T>(
  sources: readonly MigrationSource[],
  work: (directory: string) => Promise<T>,
): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'corpus-'));
  try {
    for (const { name, text, noTransaction } of sources)
      await writeFile(join(directory, name), noTransaction ? DIRECTIVE + text : text);
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

interface Problem {
  readonly message: string;
  readonly hint?: string;
  readonly place?: { readonly file?: string };
}

/** What `validate` refuses: by file name the first problem of the file. */
export async function refusedFiles(directory: string): Promise<ReadonlyMap<string, Problem>> {
  const { code, stdout, stderr } = await run(['postgres', 'validate', '--json'], { MIGRATIONS_DIR: directory });
  if (code === 0) return new Map();
  const { error } = JSON.parse(stdout) as { error: Problem & { migration?: string; problems?: readonly Problem[] } };
  const problems = error.problems ?? [{ ...error, place: { file: error.migration ?? '' } }];
  const named = problems.filter(({ place }) => place?.file);
  if (named.length === 0) throw new Error(`validate ends with ${code}: ${stderr}`);
  return new Map(named.toReversed().map((problem) => [problem.place?.file ?? '', problem]));
}

/** Applies a directory in one run. */
export function migrate({ url }: FreshDatabase, directory: string): Promise<Ended> {
  return run(['postgres', 'migrate'], { DATABASE_URL: url, MIGRATIONS_DIR: directory, LOG_FORMAT: 'text' });
}

function run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> {
  return execute(process.execPath, [PROGRAM, ...args], { env: { PATH: process.env.PATH, HOME: tmpdir(), ...env } });
}
