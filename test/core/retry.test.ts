import { describe, expect, test } from 'vitest';
import { MigrateError } from '../../src/errors.ts';
import { polling, retrying } from '../../src/retry.ts';

const unlimited = new AbortController().signal;
const refused = () => Promise.reject(new MigrateError('unreachable', 'refused'));

describe('retrying', () => {
  test.each([
    {
      limit: 'the number of tries',
      policy: { budget: Number.POSITIVE_INFINITY, tries: 3, first: 1, most: 2 },
      reports: 2,
    },
    { limit: 'no time at all', policy: { budget: 0, first: 1, most: 2 }, reports: 0 },
  ])('reports a failed try only if another one follows: $limit', async ({ policy, reports }) => {
    const reported: number[] = [];
    const trying = retrying(
      policy,
      unlimited,
      refused,
      () => true,
      (_, attempt) => reported.push(attempt),
    );
    await expect(trying).rejects.toThrow('refused');
    expect(reported).toHaveLength(reports);
  });
});

describe('polling', () => {
  test('looks once if there is no time', async () => {
    let looks = 0;
    const found = await polling({ budget: 0, first: 1, most: 1 }, unlimited, async () => {
      looks += 1;
      return undefined;
    });
    expect([found, looks]).toEqual([undefined, 1]);
  });

  test('looks a last time when the time is over, and throws what a look throws', async () => {
    let looks = 0;
    const look = async () => {
      looks += 1;
      if (looks === 2) throw new Error('mine');
      return undefined;
    };
    await expect(polling({ budget: 5, first: 60_000, most: 60_000 }, unlimited, look)).rejects.toThrow('mine');
  });

  test('ends a pause with the reason of the signal', async () => {
    const stop = new AbortController();
    const waiting = polling({ budget: 60_000, first: 60_000, most: 60_000 }, stop.signal, async () => {
      stop.abort(new Error('stopped'));
      return undefined;
    });
    await expect(waiting).rejects.toThrow('stopped');
  });

  test('takes the next look when the last one has asked for it', async () => {
    let looks = 0;
    const policy = { budget: 60_000, first: 60_000, most: 60_000, nextLook: () => 1 };
    expect(await polling(policy, unlimited, async () => (++looks === 3 ? looks : undefined))).toBe(3);
  });
});
