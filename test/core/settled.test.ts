import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Entry, History } from '../../src/core/history.ts';
import type { Database, Migration } from '../../src/core/migration.ts';
import { parseMigration } from '../../src/core/parse.ts';
import { makePlan } from '../../src/core/plan.ts';
import { isSettled } from '../../src/core/settled.ts';

function file(version: number, database: Database, text: string): Migration {
  const name = `00${version}_x.${database === 'postgres' ? 'sql' : 'cypher'}`;
  const { migration } = parseMigration(
    name,
    new TextEncoder().encode(
      `CREATE (:${text})`.replace(/^.*$/, (data) => (database === 'postgres' ? `SELECT '${text}'` : data)),
    ),
  );
  if (migration === undefined) throw new Error(name);
  return migration;
}

const database = fc.constantFrom<Database>('postgres', 'neo4j');
const migration = fc
  .tuple(fc.integer({ min: 1, max: 4 }), database, fc.constantFrom('a', 'b'))
  .map(([version, database, text]) => file(version, database, text));
const entry = fc
  .tuple(migration, fc.constantFrom('applied', 'adopted', 'baseline', 'started'), fc.boolean(), fc.boolean())
  .map(
    ([{ name, version, database, checksum }, state, known, breaking]): Entry => ({
      database,
      name,
      version,
      state: state as Entry['state'],
      breaking,
      ...(known && { checksum }),
    }),
  );
const byName = <T extends { readonly name: string }>(items: fc.Arbitrary<T>) =>
  fc.uniqueArray(items, { maxLength: 4, selector: ({ name }) => name });

const historiesOf = (entries: readonly Entry[], scope: readonly Database[]): readonly History[] =>
  scope.map((database) => ({ database, entries: entries.filter((entry) => entry.database === database) }));

test('settled means that a plan has nothing to do and nothing to tell', () => {
  const scope = fc.constantFrom<readonly Database[]>(['postgres', 'neo4j'], ['postgres'], ['neo4j']);
  let settled = 0;
  fc.assert(
    fc.property(byName(migration), byName(entry), scope, fc.boolean(), (files, others, scope, mirrored) => {
      const entries = mirrored ? files.map((file): Entry => ({ ...file, state: 'applied' })) : others;
      const histories = historiesOf(entries, scope);
      if (!isSettled(files, histories)) return;
      settled += 1;
      expect(makePlan(files, histories)).toEqual({ pending: [], ahead: [], problems: [] });
    }),
    { numRuns: 1_000 },
  );
  expect(settled).toBeGreaterThan(100);
});

test.each<[string, Partial<Entry> | undefined]>([
  ['is applied with another checksum', { checksum: 'sha256:other' }],
  ['was begun and not finished', { state: 'started' }],
  ['is not there', undefined],
])('not settled where a file %s', (_, change) => {
  const first = file(1, 'postgres', 'a');
  const second = file(2, 'postgres', 'b');
  const applied: Entry = { ...first, state: 'applied' };
  const entries = [applied, ...(change === undefined ? [] : [{ ...second, state: 'applied' as const, ...change }])];
  expect(isSettled([first], historiesOf([applied], ['postgres']))).toBe(true);
  expect(isSettled([first, second], historiesOf(entries, ['postgres']))).toBe(false);
  expect(isSettled([], historiesOf([applied], ['postgres']))).toBe(false);
});
