import { Session } from 'node:inspector/promises';
import { fileURLToPath } from 'node:url';

const SOURCES = fileURLToPath(new URL('../../src/', import.meta.url));

/**
 * How much the program does in `run`, in a number that depends on neither the machine nor the compiler: how often each block of its
 * source runs, by V8's own counters, and how many characters it lets the engine search, copy and decode.
 */
export async function workOf(run: () => unknown): Promise<number> {
  const session = new Session();
  session.connect();
  const characters = countingCharacters();
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
    await run();
    const { result } = await session.post('Profiler.takePreciseCoverage');
    const blocks = result
      .filter(({ url }) => url.replace('file://', '').startsWith(SOURCES))
      .flatMap(({ functions }) => functions.flatMap(({ ranges }) => ranges));
    if (blocks.length === 0) throw new Error('no source of the program was counted');
    return blocks.reduce((sum, { count }) => sum + count, characters.count());
  } finally {
    characters.stop();
    session.disconnect();
  }
}

/** Functions of the engine whose work grows with a text, and in which no block of ours runs. */
function countingCharacters(): { count(): number; stop(): void } {
  let count = 0;
  const { indexOf, lastIndexOf } = String.prototype;
  const { from } = Buffer;
  const decode = Buffer.prototype.toString;
  String.prototype.indexOf = function (this: string, searched, at = 0) {
    const found = indexOf.call(this, searched, at);
    count += (found < 0 ? this.length : found) - at;
    return found;
  };
  String.prototype.lastIndexOf = function (this: string, searched, at = this.length) {
    const found = lastIndexOf.call(this, searched, at);
    count += at - Math.max(found, 0);
    return found;
  };
  Buffer.prototype.toString = function (this: Buffer, ...range: Parameters<typeof decode>) {
    count += this.length;
    return decode.apply(this, range);
  };
  Buffer.from = ((value: string, encoding: BufferEncoding) => {
    count += value.length;
    return from(value, encoding);
  }) as typeof from;
  return {
    count: () => count,
    stop: () => {
      Object.assign(String.prototype, { indexOf, lastIndexOf });
      Buffer.prototype.toString = decode;
      Buffer.from = from;
    },
  };
}
