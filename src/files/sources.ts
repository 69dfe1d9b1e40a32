import { hash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { checksumOf, withLineFeeds } from '../core/checksum.ts';
import { decode } from '../core/decode.ts';
import { parseFileName } from '../core/parse.ts';
import type { Source } from '../core/settled.ts';

/** Bytes. */
const LARGE = 64 << 20;

/**
 * The migrations of a directory by name and checksum, which is all that a run needs that finds nothing to do; undefined where
 * anything about it is out of the ordinary. Then `loadMigrations` has the word for it.
 */
export function readSources(directory: string): readonly Source[] | undefined {
  try {
    const names = readdirSync(directory).filter((name) => !name.startsWith('.') && /\.(sql|cypher)$/i.test(name));
    const sources = names.map((name) => sourceOf(directory, name));
    return sources.every((source) => source !== undefined) && sources.length > 0 ? sources : undefined;
  } catch {
    return undefined;
  }
}

function sourceOf(directory: string, name: string): Source | undefined {
  const file = parseFileName(name);
  const path = `${directory}/${name}`;
  // Opening a pipe would wait for ever.
  const status = statSync(path);
  // What is large is read once, by `loadMigrations`: the comparison saves least there.
  if (file === undefined || !status.isFile() || status.size > LARGE) return undefined;
  const { version, database } = file;
  const checksum = checksumOfFile(readFileSync(path));
  return checksum === undefined ? undefined : { version, name, database, checksum };
}

/** As of the text: of the same bytes, unless it has a BOM or CR. Bytes that are no text have the checksum of no migration. */
function checksumOfFile(bytes: Buffer): string | undefined {
  if ((bytes[0] ?? 0) < 0xef && !bytes.includes('\r')) return `sha256:${hash('sha256', bytes)}`;
  const { text, fault } = decode(bytes);
  return fault === undefined ? checksumOf([withLineFeeds(text)]) : undefined;
}
