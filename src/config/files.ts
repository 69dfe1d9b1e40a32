import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getSystemErrorMap } from 'node:util';
import type { Problem } from '../errors.ts';

/** The only reading of files that configuration does: `.env`, secrets, certificates, tenants. */

type Read =
  | { readonly text: string; readonly reason?: undefined }
  | { readonly text?: undefined; readonly reason: string };

/** A file's text, or in words why there is none. */
export function readText(path: string): Read {
  try {
    return { text: readFileSync(path, 'utf8') };
  } catch (error) {
    return { reason: reasonOf(error as NodeJS.ErrnoException) };
  }
}

/** The names in a directory, in their order, without what a mounted Secret hides (`..data`); or in words why there are none. */
export function listNames(directory: string): { readonly names?: readonly string[]; readonly reason?: string } {
  try {
    return {
      names: readdirSync(directory)
        .filter((name) => !name.startsWith('.'))
        .sort(),
    };
  } catch (error) {
    return { reason: reasonOf(error as NodeJS.ErrnoException) };
  }
}

/**
 * The text of `.env` in a directory, for loadConfig; undefined where there is none.
 * A file that cannot be read comes back as a problem, so that loadConfig reports it together with all others.
 */
export function readDotenv(directory: string): string | Problem | undefined {
  const path = join(directory, '.env');
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    const message = `cannot read ${path}: ${reasonOf(error as NodeJS.ErrnoException)}`;
    return { message, hint: 'make it readable, or start the program in a directory without it' };
  }
}

function reasonOf(error: NodeJS.ErrnoException): string {
  return getSystemErrorMap().get(error.errno ?? 0)?.[1] ?? error.code ?? 'unknown error';
}
