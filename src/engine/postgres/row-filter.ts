import type { Socket } from 'node:net';

const DATA_ROW = 'D'.charCodeAt(0);
const READY_FOR_QUERY = 'Z'.charCodeAt(0);
/** Bytes: the type of a message, and its length without the type. https://www.postgresql.org/docs/current/protocol-message-formats.html */
const HEADER = 5;

type Forward = (bytes: Buffer) => void;

/** Bytes that are dropped between two collections of garbage. */
const COLLECTION = 1 << 20;

/**
 * Takes the rows out of what a server sends before the driver sees them, for as long as `isDropping` says so: the driver makes
 * objects of every row, and a migration may return millions. To be called on a connected socket.
 */
export function filterRows(stream: Socket, isDropping: () => boolean): void {
  const readers = stream.listeners('data') as Forward[];
  const filter = new RowFilter(isDropping, (bytes) => {
    for (const read of readers) read.call(stream, bytes);
  });
  let uncollected = 0;
  let collect: Promise<Collect> | undefined;
  for (const read of readers) stream.removeListener('data', read);
  stream.on('data', (chunk: Buffer) => {
    filter.push(chunk);
    if (!filter.isInRows) return;
    uncollected += chunk.length;
    if (uncollected < COLLECTION) return;
    uncollected = 0;
    collect ??= collector();
    void collect.then((minor) => minor({ type: 'minor' }));
  });
}

type Collect = (options: { readonly type: 'minor' }) => void;

/**
 * Each chunk is a buffer of its own outside of V8's heap. Nothing else is made while rows are dropped, so V8 would see no reason to
 * collect them before there are a hundred megabytes.
 */
async function collector(): Promise<Collect> {
  const [{ setFlagsFromString }, { runInNewContext }] = await Promise.all([import('node:v8'), import('node:vm')]);
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as Collect;
}

/** Cuts the answers of a server at rows, which are dropped, and forwards everything else as it came. */
export class RowFilter {
  readonly #isDropping: () => boolean;
  readonly #forward: Forward;
  /** The beginning of a header that goes on in the next chunk. */
  #header: Buffer | undefined;
  /** Bytes of a message that go on in the next chunk, and whether it is dropped. */
  #rest = 0;
  #dropped = false;

  constructor(isDropping: () => boolean, forward: Forward) {
    this.#isDropping = isDropping;
    this.#forward = forward;
  }

  /** Whether the message that came last is a row that is dropped. */
  get isInRows(): boolean {
    return this.#dropped;
  }

  push(arrived: Buffer): void {
    const chunk = this.#header === undefined ? arrived : Buffer.concat([this.#header, arrived]);
    this.#header = undefined;
    let at = Math.min(this.#rest, chunk.length);
    let from = this.#dropped ? at : 0;
    let answered = true;
    this.#rest -= at;
    while (at < chunk.length) {
      if (chunk.length - at < HEADER) {
        this.#header = chunk.subarray(at);
        break;
      }
      const type = chunk[at];
      const end = at + 1 + chunk.readUInt32BE(at + 1);
      this.#dropped = false;
      if (type === READY_FOR_QUERY) answered = true;
      if (type === DATA_ROW) {
        // Whose row it is depends on the answers before it, which the driver has to see first.
        if (answered && at > from) {
          this.#forward(chunk.subarray(from, at));
          from = at;
        }
        answered = false;
        this.#dropped = this.#isDropping();
        if (this.#dropped && at > from) this.#forward(chunk.subarray(from, at));
      }
      at = Math.min(end, chunk.length);
      this.#rest = end - at;
      if (this.#dropped) from = at;
    }
    if (at > from) this.#forward(chunk.subarray(from, at));
  }
}
