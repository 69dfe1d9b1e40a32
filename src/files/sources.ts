import { hash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { checksumOf, withLineFeeds } from '../core/checksum.ts';
import { decode } from '../core/decode.ts';
import { parseFileName } from '../core/parse.ts';
import type { Source } from '../core/settled.ts';
import { listNames } from './directory.ts';

/** Bytes. */
const LARGE = 64 << 20;

/** Files, one or two milliseconds' worth: then whoever waits for a database has a turn. */
const IN_A_TURN = 100;

/**
 * The migrations of a directory by name and checksum, which is all that a run needs that finds nothing to do; undefined where
 * anything about it is out of the ordinary. Then `loadMigrations` has the word for it.
 */
export async function readSources(directory: string): Promise<readonly Source[] | undefined> {
  try {
    const sources: Source[] = [];
    for (const name of listNames(directory)) {
      const source = sourceOf(directory, name);
      if (source === undefined) return undefined;
      sources.push(source);
      if (sources.length % IN_A_TURN === 0) await new Promise(setImmediate);
    }
    return sources.length > 0 ? sources : undefined;
  } catch {
    return undefined;
  }
}

function sourceOf(directory: string, name: string): Source | undefined {
  const file = parseFileName(name);
  if (file === undefined) return undefined;
  // Without NONBLOCK, opening a pipe would wait for ever. Windows has neither.
  const opened = openSync(`${directory}/${name}`, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const status = fstatSync(opened);
    // What is large is read once, by `loadMigrations`: the comparison saves least there.
    if (!status.isFile() || status.size > LARGE) return undefined;
    const checksum = checksumOfFile(readFileSync(opened));
    return checksum === undefined ? undefined : { version: file.version, name, database: file.database, checksum };
  } finally {
    closeSync(opened);
  }
}

/** As of the text: of the same bytes, unless it has a BOM or CR. Bytes that are no text have the checksum of no migration. */
function checksumOfFile(bytes: Buffer): string | undefined {
  if ((bytes[0] ?? 0) < 0xef && !bytes.includes('\r')) return `sha256:${hash('sha256', bytes)}`;
  const { text, fault } = decode(bytes);
  return fault === undefined ? checksumOf([withLineFeeds(text)]) : undefined;
}
