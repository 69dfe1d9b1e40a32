import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatDuration, parseDuration } from '../../src/core/duration.ts';

test.each([
  ['500ms', 500],
  ['90s', 90_000],
  ['5m', 300_000],
  ['1h', 3_600_000],
  ['0s', 0],
])('%s', (text, milliseconds) => expect(parseDuration(text)).toBe(milliseconds));

test.each([[''], ['5'], ['s'], ['5 s'], ['-5s'], ['1.5s'], ['5S'], ['5s '], ['5d'], ['1e3s'], ['99999999999s']])(
  'not %j',
  (text) => expect(parseDuration(text)).toBeUndefined(),
);

test.each([
  [0, '0s'],
  [1, '1ms'],
  [1500, '1500ms'],
  [90_000, '90s'],
  [300_000, '5m'],
  [7_200_000, '2h'],
])('%i is written %s', (milliseconds, text) => expect(formatDuration(milliseconds)).toBe(text));

test('what is written is read back', () => {
  fc.assert(
    fc.property(fc.nat(), (milliseconds) => {
      expect(parseDuration(formatDuration(milliseconds))).toBe(milliseconds);
    }),
  );
});
