import { describe, expect, test } from 'vitest';
import type { Connection } from '../../src/engine/neo4j/connection.ts';
import { HolderWitness } from '../../src/engine/neo4j/lease-holder.ts';
import { MigrateError } from '../../src/errors.ts';

const OURS = 'localrag-migrate/1 (ours)';
const lease = { token: 7, agent: 'localrag-migrate/1 (theirs)', guard: 'lock 1' };
const signal = new AbortController().signal;

/** A server in the place of those that cannot be had here: a cluster, and one that shows a user nothing. */
function serverThat(answers: () => unknown[]): Connection {
  return { userAgent: OURS, readFromLeader: async () => answers() } as unknown as Connection;
}

const lists = (edition: string, ...agents: string[]) => serverThat(() => [{ edition, agents }]);
const denied = serverThat(() => {
  throw new MigrateError('denied', 'Executing admin procedure is not allowed');
});

describe('the lease of a run that lives, as far as this run can know', () => {
  test.each([
    { what: 'a server that lists it', connection: lists('community', OURS, lease.agent) },
    { what: 'a server that may be a member of a cluster', connection: lists('enterprise', OURS) },
    { what: "a server that does not list this run's own connection", connection: lists('community') },
    { what: 'a server that shows no connections', connection: denied },
  ])('$what', async ({ connection }) => {
    const witness = new HolderWitness(connection, undefined);
    expect(await witness.isGone(lease, signal)).toBe(false);
    expect(witness.nextLook).toBeUndefined();
    expect(witness.described({ pid: 1 })).toEqual({ pid: 1 });
  });

  test('one that another program has written', async () => {
    const witness = new HolderWitness(lists('community', OURS), 'lock 1');
    expect(await witness.isGone({ ...lease, agent: null, guard: null }, signal)).toBe(false);
  });

  test('another guard proves nothing', async () => {
    expect(await new HolderWitness(denied, 'lock 2').isGone(lease, signal)).toBe(false);
  });
});

test('a run whose guard this run holds is gone, without a question', async () => {
  const silent = serverThat(() => {
    throw new Error('asked');
  });
  expect(await new HolderWitness(silent, 'lock 1').isGone(lease, signal)).toBe(true);
});

test('one look is not enough, and a connection that comes back starts it over', async () => {
  const agents = [OURS];
  const witness = new HolderWitness(
    serverThat(() => [{ edition: 'community', agents }]),
    undefined,
  );
  expect(await witness.isGone(lease, signal)).toBe(false);
  expect(witness.nextLook).toBeGreaterThan(0);
  agents.push(lease.agent);
  expect(await witness.isGone(lease, signal)).toBe(false);
  expect(witness.nextLook).toBeUndefined();
  agents.pop();
  await witness.isGone(lease, signal);
  await expect.poll(() => witness.isGone(lease, signal), { timeout: 10_000 }).toBe(true);
  // Another run has taken it meanwhile.
  expect(await witness.isGone({ ...lease, token: 8 }, signal)).toBe(false);
});
