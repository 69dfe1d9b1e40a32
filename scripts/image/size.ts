import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip, createZstdCompress } from 'node:zlib';

/** Bytes: the image as it lies on a node, and as it is transferred. */
export interface ImageSize {
  readonly unpacked: number;
  /** As registries hold it by default. */
  readonly gzip: number;
  readonly zstd: number;
}

/** @param docker runs `docker …` and returns its stdout */
export async function imageSize(docker: (...args: string[]) => Promise<string>, image: string): Promise<ImageSize> {
  const unpacked = Number(await docker('image', 'inspect', '--format', '{{.Size}}', image));
  const directory = await mkdtemp(join(tmpdir(), 'image-'));
  try {
    const archive = join(directory, 'image.tar');
    await docker('save', '--output', archive, image);
    const gzip = await lengthOf(archive, createGzip());
    const zstd = await lengthOf(archive, createZstdCompress());
    return { unpacked, gzip, zstd };
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function lengthOf(path: string, compressor: NodeJS.ReadWriteStream): Promise<number> {
  let length = 0;
  const count = new Writable({
    write(chunk: Buffer, _encoding, done) {
      length += chunk.length;
      done();
    },
  });
  await pipeline(createReadStream(path), compressor, count);
  return length;
}
