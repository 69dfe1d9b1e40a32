import { createRequire } from 'node:module';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as ours from '../../src/engine/postgres/scram.ts';

type Functions = typeof ours;
const theirs = createRequire(import.meta.url)('pg/lib/crypto/utils') as Functions;
const bytes = fc.uint8Array({ minLength: 1, maxLength: 64 }).map((array) => Buffer.from(array));
const text = fc.string({ unit: 'binary' });
const hex = (data: ArrayBuffer | Buffer) => Buffer.from(data as ArrayBuffer).toString('hex');

test('has every function that pg asks of its own', () => {
  expect(Object.keys(ours).sort()).toEqual(Object.keys(theirs).sort());
});

test('computes what pg computes', async () => {
  const compared = async (compute: (functions: Functions) => Promise<ArrayBuffer | Buffer>) =>
    expect(hex(await compute(ours))).toBe(hex(await compute(theirs)));
  await fc.assert(
    fc.asyncProperty(bytes, text, text, fc.integer({ min: 1, max: 50 }), async (data, word, other, iterations) => {
      await compared(({ sha256 }) => sha256(data));
      await compared(({ hashByName }) => hashByName('SHA-384', data));
      await compared(({ hmacSha256 }) => hmacSha256(data, word));
      await compared(({ deriveKey }) => deriveKey(word, data, iterations));
      expect(await ours.md5(word)).toBe(await theirs.md5(word));
      expect(await ours.postgresMd5PasswordHash(word, other, data)).toBe(
        await theirs.postgresMd5PasswordHash(word, other, data),
      );
    }),
    { numRuns: 50 },
  );
  expect(ours.randomBytes(18)).toHaveLength(18);
});
