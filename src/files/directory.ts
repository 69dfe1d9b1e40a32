import { readdirSync } from 'node:fs';
import { MigrateError } from '../errors.ts';

/** The names in a directory that end as a migration's does, without those that begin with a dot. */
export function listNames(directory: string): readonly string[] {
  try {
    const names = readdirSync(directory);
    return names.filter((name) => !name.startsWith('.') && /\.(sql|cypher)$/i.test(name)).sort();
  } catch (error) {
    throw new MigrateError('config', `the migration directory ${directory} ${reason(error)}`, {
      cause: error,
      hint: 'name the directory that holds the migrations: MIGRATIONS_DIR',
    });
  }
}

/** What a system call's error means, in words that follow a path. */
export function reason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  switch (code) {
    case 'ENOENT':
      return 'does not exist';
    case 'ENOTDIR':
      return 'is not a directory';
    case 'EACCES':
    case 'EPERM':
      return 'may not be opened by this user';
    case 'ELOOP':
      return 'is a link that leads to itself';
    case 'EROFS':
      return 'is on a read-only file system';
    default:
      return `cannot be used (${code ?? String(error)})`;
  }
}
