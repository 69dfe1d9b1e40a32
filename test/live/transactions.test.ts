import { expect, test } from 'vitest';
import { blockersOf, type Open, suspects } from '../../src/engine/neo4j/transactions.ts';

const open = (id: string, rest: Partial<Open> = {}): Open => ({
  id,
  user: 'neo4j',
  application: null,
  host: '10.0.0.7:50000',
  since: '2026-01-31T12:00:00Z',
  elapsedMs: 5_000,
  query: '',
  status: 'Running',
  locks: 1,
  token: null,
  ...rest,
});

test('whoever blocks data is named by the server; one that this user may not see has its name alone', () => {
  const own = open('tx-9', { status: 'Blocked by: [tx-7, tx-8]', token: 3 });
  const other = open('tx-7', { application: 'LocalRAG api', query: 'MATCH (n) SET n.x = 1' });
  expect(blockersOf(own, [own, other])).toEqual([
    {
      transaction: 'tx-7',
      user: 'neo4j',
      application: 'LocalRAG api',
      host: '10.0.0.7:50000',
      since: '2026-01-31T12:00:00Z',
      doing: 'MATCH (n) SET n.x = 1',
    },
    { transaction: 'tx-8' },
  ]);
  expect(blockersOf(open('tx-9'), [other])).toEqual([]);
});

test('a schema command may be blocked by whoever holds locks for longer, but by nobody of a migration', () => {
  const all = [
    open('older', { elapsedMs: 5_000 }),
    open('younger', { elapsedMs: 900 }),
    open('reader', { locks: 0 }),
    open('ours', { token: 3 }),
  ];
  expect(suspects(all, 1_000)).toEqual([expect.objectContaining({ transaction: 'older', maybe: true })]);
});
