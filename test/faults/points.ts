import { DATABASES, type Database } from '../../src/core/migration.ts';
import { SETS, type SetName } from './files.ts';
import type { Direction } from './frames.ts';

/** What happens to a run when a message passes. */
export const FAULTS = {
  kill: 'the program gets SIGKILL',
  stop: 'the program gets SIGTERM',
  cut: 'the connection is reset before the message arrives',
  swallow: 'the message arrives, and the connection is reset before the reply',
  terminate: "the server's sessions and transactions of the program are ended",
  silence: 'the connection stays open and says nothing any more',
  freeze:
    'the program is stopped (SIGSTOP), the end of its lease is set into the past, another run takes over, the program goes on',
  sleep: 'as freeze, and the lease expires by itself',
  full: 'the server has no connection left',
  disk: 'the server has no space left on its disk',
  crash: 'the server is killed and started again',
} as const;
export type Fault = keyof typeof FAULTS;

/** A fault at the message `number` of a run; the same place for as long as the program sends the same messages. */
export interface Place {
  readonly database: Database;
  readonly direction: Direction;
  readonly number: number;
  readonly fault: Fault;
}

/** One run for each place, one after the other on the same databases; then a clean one. */
export interface Point {
  readonly set: SetName;
  readonly places: readonly Place[];
}

/** A message of a clean run. */
export interface Learned {
  readonly database: Database;
  readonly direction: Direction;
  readonly number: number;
  /** Equal for messages that the program sends, or gets, for the same reason. */
  readonly kind: string;
}

/** `both/postgres.up.12.kill+neo4j.down.3.cut`: what `--point` takes. */
export function pointName({ set, places }: Point): string {
  return `${set}/${places.map(({ database, direction, number, fault }) => [database, direction, number, fault].join('.')).join('+')}`;
}

/** @throws {Error} saying what a point looks like */
export function parsePoint(name: string): Point {
  const [set = '', list = ''] = name.split('/');
  const places = list.split('+').map((place) => {
    const [database = '', direction = '', number = '', fault = ''] = place.split('.');
    if (
      !isOneOf(DATABASES, database) ||
      !isOneOf(['up', 'down'] as const, direction) ||
      !/^\d+$/.test(number) ||
      !isOneOf(Object.keys(FAULTS) as Fault[], fault)
    )
      throw new Error(`not a point: ${name}. It looks like both/postgres.up.12.kill`);
    return { database, direction, number: Number(number), fault };
  });
  if (!isOneOf(Object.keys(SETS) as SetName[], set)) throw new Error(`no such set of files: ${set}`);
  return { set, places };
}

function isOneOf<T extends string>(values: readonly T[], value: string): value is T {
  return (values as readonly string[]).includes(value);
}

/** Every fault that means something at a message. */
export function placesAt({ database, direction, number, kind }: Learned, set: SetName): readonly Place[] {
  const faults: Fault[] = [];
  if (set === 'graph') {
    // Frozen between its statements; a frozen program gets no replies.
    if (direction === 'up') faults.push('freeze', 'sleep');
  } else {
    faults.push('kill', 'cut');
    if (direction === 'up') faults.push('stop', 'swallow', 'terminate', 'silence', 'crash');
    if (kind === 'Startup') faults.push('full');
    if (direction === 'up' && kind.startsWith('Query BEGIN')) faults.push('disk');
  }
  return faults.map((fault) => ({ database, direction, number, fault }));
}

/** One of each group, chosen by chance. */
export function oneOfEach<T>(items: readonly T[], groupOf: (item: T) => string, random: Random): readonly T[] {
  return [...Map.groupBy(items, groupOf).values()].map((group) => pick(group, random));
}

export function pick<T>(items: readonly T[], random: Random): T {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error('nothing to choose from');
  return item;
}

/** `count` of them in an order of chance. */
export function sample<T>(items: readonly T[], count: number, random: Random): readonly T[] {
  const left = [...items];
  const chosen: T[] = [];
  while (chosen.length < count && left.length > 0) chosen.push(...left.splice(Math.floor(random() * left.length), 1));
  return chosen;
}

/** Numbers from 0 up to 1. */
export type Random = () => number;

/** The same numbers for the same seed: mulberry32. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
