import type { Database } from '../src/core/migration.ts';
import { Arena, type Servers } from '../test/faults/arena.ts';
import { SETS, type SetName } from '../test/faults/files.ts';
import type { Direction } from '../test/faults/frames.ts';
import type { Ended } from '../test/faults/runs.ts';

/** A message of a clean run, and the migration that was under way. */
interface Message {
  readonly database: Database;
  readonly direction: Direction;
  readonly number: number;
  readonly phase: string;
}

export interface Recovered {
  readonly phase: string;
  /** Milliseconds from SIGKILL of one run to the first migration that the next one, started at once, has applied. */
  readonly took: number;
}

/** Kills a run at messages in each phase, `each` of them chosen evenly, and starts the next run at once. */
export async function recovered(
  set: SetName,
  servers: Servers,
  program: string,
  each: number,
): Promise<readonly Recovered[]> {
  const results: Recovered[] = [];
  for (const [, messages] of Map.groupBy(await learned(set, servers, program), ({ phase }) => phase))
    for (let index = 0; index < each; index += 1) {
      const message = messages[Math.floor(((index + 0.5) * messages.length) / each)] as Message;
      const took = await killedAt(message, set, servers, program);
      if (took !== undefined) results.push({ phase: message.phase, took });
    }
  return results;
}

async function learned(set: SetName, servers: Servers, program: string): Promise<readonly Message[]> {
  const arena = await Arena.open(set, servers, program);
  const proxies = await arena.proxies();
  try {
    const seen: (Omit<Message, 'phase'> & { readonly at: number })[] = [];
    for (const database of SETS[set].scope)
      proxies[database].watch = ({ direction, number }) => {
        seen.push({ database, direction, number, at: Date.now() });
        return true;
      };
    const { events } = await arena.start(proxies).ended;
    const begun = events.filter(({ event }) => event === 'started');
    return seen.map(({ at, ...message }) => {
      const last = begun.findLast(({ time }) => Date.parse(String(time)) <= at);
      return { ...message, phase: last === undefined ? 'before its first migration' : `in ${last.migration}` };
    });
  } finally {
    await close(arena, proxies);
  }
}

/** Undefined where the run was over before that message, or had applied everything. */
async function killedAt(
  { database, direction, number }: Message,
  set: SetName,
  servers: Servers,
  program: string,
): Promise<number | undefined> {
  const arena = await Arena.open(set, servers, program);
  const proxies = await arena.proxies();
  try {
    const run = arena.start(proxies);
    let killed: number | undefined;
    let next: Promise<Ended> | undefined;
    proxies[database].watch = (message) => {
      if (killed !== undefined || message.direction !== direction || message.number !== number) return true;
      run.kill('SIGKILL');
      killed = Date.now();
      next = arena.start().ended;
      return direction === 'up';
    };
    await run.ended;
    const first = (await next)?.events.find(({ event }) => event === 'applied');
    return first === undefined || killed === undefined ? undefined : Date.parse(String(first.time)) - killed;
  } finally {
    await close(arena, proxies);
  }
}

async function close(arena: Arena, proxies: Awaited<ReturnType<Arena['proxies']>>): Promise<void> {
  await Promise.all([proxies.postgres.close(), proxies.neo4j.close()]);
  await arena.close();
}
