import { expect, test } from 'vitest';
import type { Entry, History } from '../../src/core/history.ts';
import { lastRestorePoint, type RestorePoint, restorePointOf, restorePointText } from '../../src/core/restore-point.ts';
import { positionOf } from '../../src/engine/neo4j/position.ts';

const WHOLE = { time: '2026-11-28T11:00:00.000Z', postgresLsn: '0/16B3748', neo4jTransaction: 42 };

test.each([WHOLE, { time: WHOLE.time }, { time: WHOLE.time, neo4jTransaction: 0 }])('as it was stored: %o', (point) => {
  expect(restorePointOf(point)).toEqual(point);
  expect(restorePointOf(JSON.stringify(point))).toEqual(point);
});

test.each([null, undefined, 5, '', '{', 'null', '[]', [], {}, { time: 'soon' }, { time: 5 }])(
  'no point: %o',
  (stored) => expect(restorePointOf(stored)).toBeUndefined(),
);

test('parts that are no position are left out', () =>
  expect(restorePointOf({ ...WHOLE, postgresLsn: 5, neo4jTransaction: '42' })).toEqual({ time: WHOLE.time }));

test('the last one is the latest of all histories', () => {
  const at = (time: string): RestorePoint => ({ time });
  const history = (database: 'postgres' | 'neo4j', ...points: (RestorePoint | undefined)[]): History => ({
    database,
    entries: points.map(
      (restorePoint, version): Entry => ({
        database,
        name: `${version}`,
        version,
        state: 'applied',
        ...(restorePoint && { restorePoint }),
      }),
    ),
  });
  // Out of order, an older number may be of a later run.
  const postgres = history('postgres', at('2026-11-28T11:00:00.000Z'), at('2026-11-27T11:00:00.000Z'), undefined);
  const neo4j = history('neo4j', at('2026-11-28T12:00:00.000+02:00'));
  expect(lastRestorePoint([postgres, neo4j])).toEqual(at('2026-11-28T11:00:00.000Z'));
  expect(lastRestorePoint([history('postgres', undefined), history('neo4j')])).toBeUndefined();
});

test('for people', () => {
  expect(restorePointText(WHOLE)).toBe('2026-11-28T11:00:00.000Z, PostgreSQL LSN 0/16B3748, Neo4j transaction 42');
  expect(restorePointText({ time: WHOLE.time })).toBe('2026-11-28T11:00:00.000Z');
});

// Community Edition, which the tests have, shows no number.
test('of a cluster the member that is furthest counts', () => {
  expect(positionOf([{ transaction: 41 }, { transaction: 42 }, { transaction: null }])).toEqual({
    neo4jTransaction: 42,
  });
  expect(positionOf([{ transaction: null }])).toEqual({});
  expect(positionOf([])).toEqual({});
});
