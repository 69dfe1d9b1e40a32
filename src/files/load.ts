import { readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Migration, Parsed } from '../core/migration.ts';
import { badName, parseFileName, parseMigration } from '../core/parse.ts';
import { MigrateError, type Problem } from '../errors.ts';
import { listNames, reason } from './directory.ts';

/** How often a directory may change under our eyes before we give up. */
const TRIES = 5;

/**
 * The migrations of a directory, by version. Links to files are followed. Left alone are names that begin with a dot, names
 * that do not end in .sql or .cypher, and directories. Read in one go: a file after the other takes a fifth of the time that
 * turns of the event loop between them would.
 *
 * @throws MigrateError `config` where the directory cannot be read; `source` with every problem of its files.
 */
export function loadMigrations(directory: string): readonly Migration[] {
  // Kubernetes replaces a ConfigMap's files by turning one link, ..data: what was read on both sides of it belongs to two versions.
  for (let left = TRIES; left > 0; left -= 1) {
    const before = mountedVersion(directory);
    const loaded = load(directory);
    if (before === mountedVersion(directory)) return accepted(directory, loaded);
  }
  throw new MigrateError('config', `the migration directory ${directory} keeps changing while it is read`, {
    hint: 'run again when the ConfigMap is no longer being updated',
  });
}

function mountedVersion(directory: string): string | undefined {
  try {
    return realpathSync(join(directory, '..data'));
  } catch {
    return undefined;
  }
}

function load(directory: string): readonly Parsed[] {
  return listNames(directory).flatMap((name) => loadFile(directory, name) ?? []);
}

/** Undefined for a directory, whatever its name. */
function loadFile(directory: string, name: string): Parsed | undefined {
  const path = join(directory, name);
  try {
    const status = statSync(path);
    if (status.isDirectory()) return undefined;
    if (parseFileName(name) === undefined) return { problems: [badName(name)] };
    // Opening a pipe would wait for ever.
    if (!status.isFile()) return { problems: [{ message: `${name} is not a file`, place: { file: name } }] };
    return parseMigration(name, readFileSync(path));
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
