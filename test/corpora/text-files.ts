import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';

const numeric = new Intl.Collator('en', { numeric: true });

/** The files with this ending in a directory and below it, or the file itself; relative paths in the order of their numbers. */
export async function filesIn(path: string, ending: string): Promise<readonly string[]> {
  if ((await stat(path)).isFile()) return path.endsWith(ending) ? [path] : [];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => join(path, relative(path, join(entry.parentPath, entry.name))))
    .filter((file) => !relative(path, file).includes('node_modules'))
    .sort((a, b) => numeric.compare(a, b));
}

/** A file's text without byte order mark; undefined if it is not UTF-8 or has a NUL character, which no server accepts. */
export async function textOf(file: string): Promise<string | undefined> {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file));
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}
