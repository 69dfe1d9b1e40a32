import { expect, test } from 'vitest';
import { Pace } from '../../src/engine/pace.ts';

test('the rest is estimated by how a percentage has moved, and only where it has', () => {
  const pace = new Pace();
  expect(pace.rest('scanning', 10, 0)).toBeUndefined();
  expect(pace.rest('scanning', 12, 2_000)).toBeUndefined();
  expect(pace.rest('scanning', 14, 4_000)).toBe(86_000);
  // It slows down, and the estimate grows.
  expect(pace.rest('scanning', 15, 10_000)).toBe(170_000);
  expect(pace.rest('scanning', 100, 20_000)).toBe(0);
  // Another phase counts from its own beginning.
  expect(pace.rest('loading', 0, 21_000)).toBeUndefined();
  expect(pace.rest('loading', 0.5, 60_000)).toBeUndefined();
  expect(pace.rest('loading', 50, 121_000)).toBe(100_000);
  // So does a build that began anew.
  expect(pace.rest('loading', 1, 122_000)).toBeUndefined();
});
