import { Arena, type Servers } from './arena.ts';
import { SETS, type SetName } from './files.ts';
import { inject } from './inject.ts';
import { differences, leftovers, type Snapshot, snapshot } from './judge.ts';
import type { Fault, Learned, Place, Point } from './points.ts';
import type { Ended } from './runs.ts';

/** How it ended for one point. */
export interface Played {
  readonly point: Point;
  /** Exit code of each faulted run, then of the clean one; undefined: stuck. */
  readonly codes: readonly (number | undefined)[];
  /** Whether the program came to the message of each place. */
  readonly reached: boolean;
  /** What is wrong; nothing, where the promise was kept. */
  readonly problems: readonly string[];
  readonly seconds: number;
}

/** What a clean run says and leaves, for each set of files. */
export interface Reference {
  readonly messages: readonly Learned[];
  readonly left: Snapshot;
}

export async function learn(set: SetName, servers: Servers, program: string): Promise<Reference> {
  const arena = await Arena.open(set, servers, program);
  const proxies = await arena.proxies();
  try {
    const messages: Learned[] = [];
    for (const database of SETS[set].scope)
      proxies[database].watch = ({ direction, number, name, request }) => {
        messages.push({ database, direction, number, kind: direction === 'up' ? name : `${request} > ${name}` });
        return true;
      };
    const { code, stderr } = await arena.start(proxies).ended;
    if (code !== 0) throw new Error(`the clean run of the files '${set}' ended with ${code}:\n${stderr}`);
    return { messages, left: await snapshot(arena) };
  } finally {
    await Promise.all([proxies.postgres.close(), proxies.neo4j.close()]);
    await arena.close();
  }
}

/** Codes that a run may end with that something happened to. */
const ALLOWED: Readonly<Partial<Record<Fault, readonly number[]>>> & { readonly others: readonly number[] } = {
  kill: [137, 0],
  stop: [143, 0],
  disk: [70, 0],
  others: [0, 69, 75],
};

const UNFINISHED = 76;

export async function play(point: Point, reference: Reference, servers: Servers, program: string): Promise<Played> {
  const begin = performance.now();
  const arena = await Arena.open(point.set, servers, program);
  try {
    const codes: (number | undefined)[] = [];
    const problems: string[] = [];
    const faultedPids: number[] = [];
    let reached = true;
    for (const place of point.places) {
      const faulted = await faultedRun(arena, place);
      reached &&= faulted.reached;
      codes.push(faulted.ended.code);
      problems.push(...wrongWith(faulted.ended, place.fault, arena));
      for (const bystander of await arena.bystanders) problems.push(...wrongWith(bystander, place.fault, arena));
      faultedPids.push(faulted.pid);
    }
    const clean = await arena.start().ended;
    codes.push(clean.code);
    const lying = (await leftovers(arena, faultedPids)).map((line) => `left behind: ${line}`);
    problems.push(...wrongWith(clean, 'none', arena), ...(await wrongLeft(arena, reference, clean)), ...lying);
    return { point, codes, reached, problems, seconds: (performance.now() - begin) / 1000 };
  } finally {
    await arena.close();
  }
}

async function faultedRun(
  arena: Arena,
  place: Place,
): Promise<{ readonly ended: Ended; readonly reached: boolean; readonly pid: number }> {
  const proxies = await arena.proxies();
  try {
    let reached = false;
    const run = arena.start(proxies);
    proxies[place.database].watch = ({ direction, number }, link) => {
      if (reached || direction !== place.direction || number !== place.number) return true;
      reached = true;
      return inject(arena, run, place, link);
    };
    return { ended: await run.ended, reached, pid: run.pid };
  } finally {
    await Promise.all([proxies.postgres.close(), proxies.neo4j.close()]);
  }
}

function wrongWith({ code, leaks, stderr }: Ended, fault: Fault | 'none', { set }: Arena): readonly string[] {
  const allowed = fault === 'none' ? [0] : (ALLOWED[fault] ?? ALLOWED.others);
  const unfinished = code === UNFINISHED && set.mayStayUnfinished;
  const run = fault === 'none' ? 'the clean run' : 'the faulted run';
  const last = stderr.trim().split('\n').at(-1);
  return [
    ...(code === undefined ? [`stuck: ${run} did not end after ${last}`] : []),
    ...(code === undefined || unfinished || allowed.includes(code)
      ? []
      : [`exit code: ${run} ended with ${code}: ${last}`]),
    ...leaks.map((place) => `secret: ${run} showed a password in its ${place}`),
  ];
}

async function wrongLeft(arena: Arena, { left }: Reference, clean: Ended): Promise<readonly string[]> {
  const found = await snapshot(arena);
  if (clean.code !== UNFINISHED) return differences(left, found);
  // A person decides: until then nothing was done twice, and another run does nothing at all.
  const again = await arena.start().ended;
  return [
    ...differences(left, found).filter((line) => line.startsWith('doubled')),
    ...differences(found, await snapshot(arena)).map((line) => `touched an unfinished migration: ${line}`),
    ...(again.code === UNFINISHED ? [] : [`exit code: after ${UNFINISHED} another run ended with ${again.code}`]),
  ];
}
