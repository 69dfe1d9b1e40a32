import { once } from 'node:events';
import type { Socket } from 'node:net';
import { piecesOf } from '../../core/pieces.ts';

/** Characters of a message from which on it is sent in pieces. */
const LARGE = 4 << 20;

export function isLarge(parts: readonly string[]): boolean {
  return parts.reduce((sum, { length }) => sum + length, 0) >= LARGE;
}

/**
 * Sends one simple-query message, piece by piece as the server takes it. pg would make it one string and then one buffer, which
 * for a file of 200 MB are three more copies of it.
 */
export async function sendInPieces(stream: Socket, parts: readonly string[]): Promise<void> {
  const head = Buffer.alloc(5);
  head.write('Q', 'latin1');
  head.writeUInt32BE(4 + parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0) + 1, 1);
  const gone = new AbortController();
  const leave = () => gone.abort();
  stream.once('close', leave);
  try {
    stream.write(head);
    for (const part of parts)
      for (const piece of piecesOf(part)) {
        // What ends the connection ends the query, too, and is reported there.
        if (stream.destroyed) return;
        if (!stream.write(piece, 'utf8')) await once(stream, 'drain', { signal: gone.signal }).catch(() => {});
      }
    stream.write('\0');
  } finally {
    // The connection outlives the message, and Node warns of the tenth listener.
    stream.off('close', leave);
  }
}
