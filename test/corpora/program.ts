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

/** A single problem is the error itself. Findings are those of the linter, of which errors count. */
interface Validation {
  readonly error?: Problem & { readonly migration?: string; readonly problems?: readonly Problem[] };
  readonly findings?: readonly (Problem & { readonly level: string })[];
}

/** What `validate` refuses: by file name the first problem of the file. */
export async function refusedFiles(directory: string): Promise<ReadonlyMap<string, Problem>> {
  const { code, stdout, stderr } = await run(['postgres', 'validate', '--json'], { MIGRATIONS_DIR: directory });
  if (code === 0) return new Map();
  const { error, findings = [] } = JSON.parse(stdout) as Validation;
  const single = error === undefined ? [] : [{ ...error, place: { file: error.migration ?? '' } }];
  const problems = [...(error?.problems ?? single), ...findings.filter(({ level }) => level === 'error')];
  const byFile = new Map(problems.toReversed().map((problem) => [problem.place?.file ?? '', problem]));
  byFile.delete('');
  if (byFile.size === 0) throw new Error(`validate ends with ${code}: ${stderr || stdout}`);
  return byFile;
}

/** Applies a directory in one run. */
export function migrate({ url }: FreshDatabase, directory: string): Promise<Ended> {
  return run(['postgres', 'migrate'], { DATABASE_URL: url, MIGRATIONS_DIR: directory, LOG_FORMAT: 'text' });
}

function run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> {
  return execute(process.execPath, [PROGRAM, ...args], { env: { PATH: process.env.PATH, HOME: tmpdir(), ...env } });
}
