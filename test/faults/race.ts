import { setTimeout as sleep } from 'node:timers/promises';
import { DATABASES, type Database } from '../../src/core/migration.ts';
import { Arena, type Servers } from './arena.ts';
import { differences, leftovers, snapshot } from './judge.ts';
import type { Reference } from './play.ts';
import { pick, seeded } from './points.ts';

export interface RaceOptions {
  readonly seed: number;
  /** How many programs run at once on one pair of empty databases. */
  readonly racers: number;
  /** Milliseconds in which they start, and in which some of them are killed. */
  readonly within: number;
}

export interface Raced {
  readonly seed: number;
  /** Exit code → how many ended with it. */
  readonly codes: Readonly<Record<string, number>>;
  readonly problems: readonly string[];
}

/** What a racer migrates: `migrate` most of them, `postgres migrate` and `neo4j migrate` the others. */
const SCOPES: readonly (readonly Database[])[] = [DATABASES, DATABASES, ['postgres'], ['neo4j']];

/** How a racer may end: done or nothing to do, waited in vain, or killed by us. */
const CLEAN = [0, 75, 137, 143];

/** One round: all start by chance, a third of them get SIGKILL or SIGTERM by chance; then a clean run, and the judge. */
export async function race(
  { seed, racers, within }: RaceOptions,
  reference: Reference,
  servers: Servers,
  program: string,
): Promise<Raced> {
  const random = seeded(seed);
  const arena = await Arena.open('both', servers, program);
  try {
    const plans = Array.from({ length: racers }, () => ({
      start: random() * within,
      scope: pick(SCOPES, random),
      end: random() < 1 / 3 ? random() * within : undefined,
      signal: random() < 0.75 ? ('SIGKILL' as const) : ('SIGTERM' as const),
    }));
    const killed: number[] = [];
    const racing = plans.map(async ({ start, scope, end, signal }) => {
      await sleep(start);
      const run = arena.start(undefined, {}, scope);
      if (end !== undefined) void sleep(end, undefined, { ref: false }).then(() => run.kill(signal));
      const ended = await run.ended;
      if (ended.code === 137) killed.push(run.pid);
      return ended;
    });
    const ended = [...(await Promise.all(racing)), await arena.start().ended];
    const codes: Record<string, number> = {};
    for (const { code = 'stuck' } of ended) codes[code] = (codes[code] ?? 0) + 1;
    return {
      seed,
      codes,
      problems: [
        ...ended
          .filter(({ code }) => code === undefined || !CLEAN.includes(code))
          .map(({ code, stderr }) => `exit code ${code}: ${stderr.trim().split('\n').at(-1)}`),
        ...(ended.at(-1)?.code === 0 ? [] : ['exit code: the clean run at the end did not end with 0']),
        ...ended.flatMap(({ leaks }) => leaks.map((place) => `secret: a password stood in the ${place}`)),
        ...differences(reference.left, await snapshot(arena)),
        ...(await leftovers(arena, killed)).map((line) => `left behind: ${line}`),
      ],
    };
  } finally {
    await arena.close();
  }
}
