import { createHash } from 'node:crypto';
import { piecesOf } from './pieces.ts';

/** Text without BOM and with LF line ends, so that a checksum is the same on every system that a file is checked out on. */
export function withLineFeeds(text: string): string {
  return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
}

/** `sha256:` and 64 hexadecimal digits over the UTF-8 of normalised text. Never change it: histories hold what it returned. */
export function checksum(text: string): string {
  return checksumOf([text]);
}

/** One checksum over several pieces, as they follow each other. */
export function checksumOf(pieces: Iterable<string>): string {
  const hash = createHash('sha256');
  for (const piece of pieces) for (const part of piecesOf(piece)) hash.update(part, 'utf8');
  return `sha256:${hash.digest('hex')}`;
}
