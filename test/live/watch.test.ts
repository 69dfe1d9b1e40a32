import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Sight, Watch } from '../../src/engine/watch.ts';
import type { Event } from '../../src/events.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const NOTHING: Sight = { working: true, blockers: [] };

/** A watch whose looks are counted. */
function watching(look: () => Promise<Sight>) {
  const told: Event[] = [];
  const looked = vi.fn(look);
  const watch = new Watch('postgres', looked, (event) => told.push(event));
  watch.attend('001_a.sql');
  return { watch, looked, told };
}

test('no look before a second, then one a second, and none after the end', async () => {
  const { watch, looked, told } = watching(async () => NOTHING);
  const short = watch.begin();
  await vi.advanceTimersByTimeAsync(900);
  short();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(looked).not.toHaveBeenCalled();
  const long = watch.begin();
  await vi.advanceTimersByTimeAsync(3_500);
  expect(looked).toHaveBeenCalledTimes(3);
  long();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(looked).toHaveBeenCalledTimes(3);
  expect(told).toHaveLength(3);
});

test('a statement that gives up soon is looked at before it does', async () => {
  const blockers = [{ pid: 7 }];
  const { watch } = watching(async () => ({ working: true, blockers }));
  const ended = watch.begin(200);
  await vi.advanceTimersByTimeAsync(100);
  ended();
  expect(watch.blockers).toEqual(blockers);
});

test('what is seen when the statement has ended is not of it', async () => {
  const late = Promise.withResolvers<Sight>();
  const { watch, told } = watching(() => late.promise);
  const ended = watch.begin();
  await vi.advanceTimersByTimeAsync(1_000);
  ended();
  late.resolve({ working: true, blockers: [{ pid: 7 }] });
  await vi.advanceTimersByTimeAsync(5_000);
  expect(watch.blockers).toEqual([]);
  expect(told).toEqual([]);
});

test('who cannot look tries less and less often, says so once, and goes on when it can', async () => {
  let refusing = true;
  const { watch, looked, told } = watching(async () => {
    if (refusing) throw new Error('too many connections');
    return NOTHING;
  });
  watch.begin();
  await vi.advanceTimersByTimeAsync(120_000);
  // After 1 s, then 2, 4, 8, 16 and 30 s later, and so on.
  expect(looked).toHaveBeenCalledTimes(7);
  expect(told).toEqual([{ event: 'unobserved', database: 'postgres', message: 'too many connections' }]);
  refusing = false;
  await vi.advanceTimersByTimeAsync(31_000);
  expect(told.at(-1)).toMatchObject({ event: 'observed', migration: '001_a.sql' });
});
