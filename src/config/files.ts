import { isUtf8 } from 'node:buffer';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getSystemErrorMap } from 'node:util';
import type { Problem } from '../errors.ts';

/** The only reading of files that configuration does: `.env`, secrets, certificates, tenants. */

type Read =
  | { readonly text: string; readonly reason?: undefined }
  | { readonly text?: undefined; readonly reason: string; readonly isMissing: boolean };

/** A file's text, or in words why there is none. */
export function readText(path: string): Read {
  return readAs(path, () => true);
}

/** As readText, for settings: LocalRAG's reader takes UTF-8 alone, and a password that is half of it is worse than none. */
export function readUtf8(path: string): Read {
  return readAs(path, isUtf8);
}

function readAs(path: string, isValid: (bytes: Buffer) => boolean): Read {
  try {
    const bytes = readFileSync(path);
    if (isValid(bytes)) return { text: bytes.toString('utf8') };
    return { reason: 'it is not encoded in UTF-8', isMissing: false };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { reason: reasonOf(error as NodeJS.ErrnoException), isMissing: code === 'ENOENT' };
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
  const read = readUtf8(path);
  if (read.text !== undefined) return read.text;
  if (read.isMissing) return undefined;
  const hint = 'make it readable, or start the program in a directory without it';
  return { message: `cannot read ${path}: ${read.reason}`, hint };
}

function reasonOf(error: NodeJS.ErrnoException): string {
  return getSystemErrorMap().get(error.errno ?? 0)?.[1] ?? error.code ?? 'unknown error';
}
