import { setTimeout as sleep } from 'node:timers/promises';
import type { Servers } from './arena.ts';
import type { SetName } from './files.ts';
import { type Played, play, type Reference } from './play.ts';
import { FAULTS, type Fault, type Point, pointName } from './points.ts';

export type References = Readonly<Record<SetName, Reference>>;

/**
 * Plays the points, as many at a time as there are servers; tells of each one that it has ended.
 * @param deadline no point is begun after it; in performance.now()'s milliseconds
 */
export async function playAll(
  points: readonly Point[],
  references: References,
  workers: readonly Servers[],
  program: string,
  told: (played: Played) => void,
  deadline = Number.POSITIVE_INFINITY,
): Promise<readonly Played[]> {
  const queue = [...points];
  const ended: Played[] = [];
  const work = async (servers: Servers) => {
    while (performance.now() < deadline) {
      const point = queue.shift();
      if (point === undefined) return;
      const played = await playSafely(point, references, servers, program);
      ended.push(played);
      told(played);
    }
  };
  await Promise.all(workers.map(work));
  return ended;
}

/** Milliseconds for a point, its judge included; the slowest, whose runs wait for leases to expire, take a quarter of it. */
const LIMIT = 600_000;

/** A judge that fails, or never ends, has judged: a database that cannot be emptied or read is what a fault has left of it. */
async function playSafely(point: Point, references: References, servers: Servers, program: string): Promise<Played> {
  const late = new AbortController();
  try {
    return await Promise.race([
      play(point, references[point.set], servers, program),
      sleep(LIMIT, undefined, { signal: late.signal }).then(() => {
        throw new Error(`nothing was judged within ${LIMIT / 1_000} s`);
      }),
    ]);
  } catch (error) {
    const problem = `judge: ${error instanceof Error ? error.message : String(error)}`;
    return { point, codes: [], reached: true, problems: [problem], seconds: 0 };
  } finally {
    late.abort();
  }
}

/** For a shell: plays one point again. */
export function repeatCommand(point: Point): string {
  return `npm run test:faults -- --point ${pointName(point)}`;
}

/** Files and database × fault: how many points, how their runs ended, what went wrong. */
export function table(all: readonly Played[]): string {
  const rows = [...Map.groupBy(all, rowOf)].map(([name, played]) => {
    const has = (word: string) =>
      played.filter(({ problems }) => problems.some((line) => line.startsWith(word))).length;
    const bad = played.filter(({ problems }) => problems.length > 0).length;
    const [lost, doubled, stuck] = [has('lost'), has('doubled'), has('stuck')];
    const mean = played.reduce((sum, { seconds }) => sum + seconds, 0) / played.length;
    return [name, played.length, endings(played), lost, doubled, stuck, bad, `${mean.toFixed(1)} s`];
  });
  const head = ['files, database, fault', 'points', 'ended with', 'lost', 'doubled', 'stuck', 'wrong', 'mean time'];
  const lines = [head, head.map(() => '---'), ...rows.sort((a, b) => String(a[0]).localeCompare(String(b[0])))];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function rowOf({ point: { set, places } }: Played): string {
  if (places.length > 1) return `${set}, two faults`;
  const [place] = places;
  return `${set}, ${place?.database}, ${place?.fault}`;
}

/** `0: 12, 75: 1`: exit codes of the faulted runs (the last of them, where there are two). */
function endings(played: readonly Played[]): string {
  const codes = Map.groupBy(played, ({ codes, reached }) => (reached ? String(codes.at(-2) ?? '?') : 'not reached'));
  return [...codes]
    .map(([code, { length }]) => `${code}: ${length}`)
    .sort()
    .join(', ');
}

/** What each fault is, for the reader of the table. */
export function legend(): string {
  return (Object.keys(FAULTS) as Fault[]).map((fault) => `${fault}: ${FAULTS[fault]}`).join('\n');
}
