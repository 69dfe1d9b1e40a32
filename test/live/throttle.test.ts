import { expect, test } from 'vitest';
import type { Event } from '../../src/events.ts';
import { throttled } from '../../src/throttle.ts';

type Observed = Extract<Event, { event: 'observed' }>;

test('what is observed again and again is told when it changes, and else every 30 s', () => {
  let now = 0;
  const told: Event[] = [];
  const emit = throttled(
    (event) => told.push(event),
    () => now,
  );
  let began = 0;
  /** One look a second, from this one on; returns after how many seconds it was told. */
  const looks = (count: number, seen: Partial<Observed> = {}) => {
    const before = told.length;
    const base: Observed = {
      event: 'observed',
      database: 'postgres',
      migration: '001_a.sql',
      elapsedMs: 0,
      blockers: [],
    };
    for (let look = 0; look < count; look++) {
      now += 1_000;
      emit({ ...base, elapsedMs: now - began, ...seen });
    }
    return told.slice(before).map((event) => (event as Observed).elapsedMs / 1_000);
  };
  const progress = { command: 'CREATE INDEX', phase: 'building index' };

  // Nothing but that it runs: worth a line after a while only.
  expect(looks(65)).toEqual([30, 60]);
  const blockers = [{ pid: 7, application: 'the application' }];
  expect(looks(3, { blockers })).toEqual([66]);
  // The same one, who does something else by now.
  expect(looks(3, { blockers: [{ pid: 7, application: 'the application', doing: 'idle' }] })).toEqual([]);
  expect(looks(2, { blockers: [...blockers, { pid: 8 }] })).toEqual([72]);
  expect(looks(2)).toEqual([74]);
  // Figures always move.
  for (const percent of [1, 2, 3]) looks(10, { progress: { ...progress, percent } });
  expect(told.slice(-1)).toEqual([expect.objectContaining({ elapsedMs: 76_000 })]);
  expect(looks(1, { progress: { ...progress, percent: 4 } })).toEqual([106]);
  expect(looks(1, { progress: { ...progress, phase: 'index validation' } })).toEqual([107]);

  began = now;
  expect(looks(29, { migration: '002_b.sql' })).toEqual([]);
  emit({ event: 'planned', pending: [] });
  expect(told.at(-1)).toEqual({ event: 'planned', pending: [] });
});
