import { unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database } from '../core/migration.ts';
import { parseFileName } from '../core/parse.ts';
import { MigrateError } from '../errors.ts';
import { listNames, reason } from './directory.ts';
import { template } from './template.ts';

/** The history's column for file names takes 255 characters; a number and an ending take 22 of them at most. */
const LONGEST_SLUG = 233;

/**
 * Writes the file of a new migration, with the number after the highest one, and returns its path. Never overwrites a file,
 * and of several creators at the same time no two take one number.
 *
 * @throws MigrateError `usage` for a name that cannot be part of a file name; `config` where the directory cannot be used.
 */
export async function createMigration(directory: string, name: string, database: Database): Promise<string> {
  const slug = checkedSlug(name);
  for (let least = 0; ; ) {
    const { version, digits } = nextNumber(directory, least);
    const path = join(directory, `${digits}_${slug}.${database === 'postgres' ? 'sql' : 'cypher'}`);
    const claim = join(directory, `.${version}.claim`);
    // Whoever makes this file owns the number while it looks whether the number is still free. One that a crash left behind
    // costs a number, and numbers may have gaps.
    if (await written(claim, '')) {
      try {
        const current = nextNumber(directory, least);
        if (current.version === version && (await written(path, template(slug, database)))) return path;
      } finally {
        await unlink(claim);
      }
    } else {
      least = version + 1;
    }
  }
}

function checkedSlug(name: string): string {
  if (/^[a-z0-9_]+$/.test(name) && name.length <= LONGEST_SLUG) return name;
  const slug = name
    .normalize('NFKD')
    .replace(/\p{Mn}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .slice(0, LONGEST_SLUG)
    .replace(/^_+|_+$/g, '');
  throw new MigrateError('usage', `a migration cannot be named ${JSON.stringify(name)}`, {
    hint: `small letters, digits and underscores make a name${slug === '' ? ': add_users' : `; write ${slug}`}`,
  });
}

/** The number after the highest of both databases, as wide as that one and at least three digits. */
function nextNumber(directory: string, least: number): { readonly version: number; readonly digits: string } {
  const files = listNames(directory).flatMap((name) => parseFileName(name) ?? []);
  const newest = files.toSorted((a, b) => b.version - a.version)[0];
  const version = Math.max((newest?.version ?? 0) + 1, least);
  if (version >= 1e14)
    throw new MigrateError('config', `no number is left after ${newest?.digits} in ${directory}`, {
      hint: 'numbers have 14 digits at most',
    });
  return { version, digits: String(version).padStart(newest?.digits.length ?? 3, '0') };
}

/** False where the file is there already. */
async function written(path: string, content: string): Promise<boolean> {
  try {
    await writeFile(path, content, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw new MigrateError('config', `${path} cannot be written: its directory ${reason(error)}`, {
      cause: error,
      hint: 'run create where the sources of the migrations are, and give their directory with MIGRATIONS_DIR',
    });
  }
}
