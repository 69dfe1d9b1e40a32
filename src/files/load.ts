import { readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Migration, Parsed } from '../core/migration.ts';
import { badName, parseFileName, parseMigration } from '../core/parse.ts';
import { MigrateError, type Problem } from '../errors.ts';
import { listNames, reason } from './directory.ts';

/** Files that are read at the same time: enough to hide a network file system's latency, few enough for any limit. */
const AT_ONCE = 8;

/** How often a directory may change under our eyes before we give up. */
const TRIES = 5;

/**
 * The migrations of a directory, by version. Links to files are followed. Left alone are names that begin with a dot, names
 * that do not end in .sql or .cypher, and directories.
 *
 * @throws MigrateError `config` where the directory cannot be read; `source` with every problem of its files.
 */
export async function loadMigrations(directory: string): Promise<readonly Migration[]> {
  // Kubernetes replaces a ConfigMap's files by turning one link, ..data: what was read on both sides of it belongs to two versions.
  for (let left = TRIES; left > 0; left -= 1) {
    const before = await mountedVersion(directory);
    const loaded = await load(directory);
    if (before === (await mountedVersion(directory))) return accepted(directory, loaded);
  }
  throw new MigrateError('config', `the migration directory ${directory} keeps changing while it is read`, {
    hint: 'run again when the ConfigMap is no longer being updated',
  });
}

async function mountedVersion(directory: string): Promise<string | undefined> {
  return realpath(join(directory, '..data')).catch(() => undefined);
}

async function load(directory: string): Promise<readonly Parsed[]> {
  const names = (await listNames(directory)).filter((name) => /\.(sql|cypher)$/i.test(name));
  const loaded: Parsed[] = [];
  const queue = names.entries();
  const worker = async () => {
    for (const [index, name] of queue) {
      const parsed = await loadFile(directory, name);
      if (parsed !== undefined) loaded[index] = parsed;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return loaded.filter((parsed) => parsed !== undefined);
}

/** Undefined for a directory, whatever its name. */
async function loadFile(directory: string, name: string): Promise<Parsed | undefined> {
  const path = join(directory, name);
  try {
    const status = await stat(path);
    if (status.isDirectory()) return undefined;
    if (parseFileName(name) === undefined) return { problems: [badName(name)] };
    // Opening a pipe would wait for ever.
    if (!status.isFile()) return { problems: [{ message: `${name} is not a file`, place: { file: name } }] };
    return parseMigration(name, await readFile(path));
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    const missing = 'code' in error && error.code === 'ENOENT';
    const message = missing ? `${name} is a link to a file that does not exist` : `${name} ${reason(error)}`;
    return { problems: [{ message, place: { file: name } }] };
  }
}

function accepted(directory: string, loaded: readonly Parsed[]): readonly Migration[] {
  const migrations = loaded.flatMap((parsed) => parsed.migration ?? []).sort((a, b) => a.version - b.version);
  const problems = [...loaded.flatMap((parsed) => parsed.problems), ...sharedNumbers(migrations)];
  const [first] = problems;
  if (first === undefined && migrations.length > 0) return migrations;
  if (first === undefined)
    throw new MigrateError('source', `the migration directory ${directory} holds no migration`, {
      hint: 'name the directory that holds the migrations: MIGRATIONS_DIR; `localrag-migrate create` begins one',
    });
  if (problems.length === 1) throw new MigrateError('source', first.message, first);
  throw new MigrateError('source', `${problems.length} problems in the migrations of ${directory}`, { problems });
}

/** The number decides the order and is the key of the history, whatever its zeros and whichever the database. */
function sharedNumbers(migrations: readonly Migration[]): readonly Problem[] {
  const byNumber = new Map<number, Migration[]>();
  for (const migration of migrations)
    byNumber.set(migration.version, [...(byNumber.get(migration.version) ?? []), migration]);
  return [...byNumber]
    .filter(([, sharing]) => sharing.length > 1)
    .map(([version, sharing]) => ({
      message: `${sharing.length} migrations have the number ${version}: ${sharing.map(({ name }) => name).join(', ')}`,
      hint: 'give each a number of its own; one that has been applied anywhere keeps its number',
      place: { file: sharing[0]?.name ?? '' },
    }));
}
