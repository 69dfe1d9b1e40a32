import type { References } from './campaign.ts';
import { SETS, type SetName } from './files.ts';
import {
  type Fault,
  type Learned,
  oneOfEach,
  type Place,
  type Point,
  pick,
  placesAt,
  type Random,
  sample,
} from './points.ts';

/** Faults that take long to recover from: they are played at a few messages. */
const SLOW = ['silence', 'crash', 'sleep'] as const satisfies readonly Fault[];

function isSlow({ fault }: Place): boolean {
  return (SLOW as readonly Fault[]).includes(fault);
}

interface Candidate {
  readonly set: SetName;
  readonly place: Place;
  readonly kind: string;
}

function candidates(references: References): readonly Candidate[] {
  return (Object.keys(SETS) as SetName[]).flatMap((set) =>
    references[set].messages.flatMap((message: Learned) =>
      placesAt(message, set).map((place) => ({ set, place, kind: message.kind })),
    ),
  );
}

/** A few of each set, database and fault: what a minute has room for. */
export function samplePoints(references: References, count: number, random: Random): readonly Point[] {
  const quick = candidates(references).filter(({ place }) => !isSlow(place));
  const groupOf = ({ set, place }: Candidate) => `${set} ${place.database} ${place.direction} ${place.fault}`;
  const first = oneOfEach(quick, groupOf, random);
  return sample([...first, ...sample(quick, count, random)], count, random).map(toPoint);
}

/**
 * Every message with every fault, the most telling first, for a campaign that a deadline may end: each fault at one
 * message of each kind, and two faulted runs in a row; between them the slow faults, of which there are `counts`; then all
 * other messages, what is sent before what is received.
 */
export function allPoints(references: References, counts: Counts, random: Random): readonly Point[] {
  const all = candidates(references);
  const slow = oneOrMore(all, counts, random);
  const quick = all.filter(({ place }) => !isSlow(place));
  const kinds = oneOfEach(quick, ({ set, place, kind }) => `${set} ${place.database} ${place.fault} ${kind}`, random);
  const rest = quick.filter((candidate) => !kinds.includes(candidate));
  const [sent, received] = (['up', 'down'] as const).map((direction) =>
    shuffled(
      rest.filter(({ place }) => place.direction === direction),
      random,
    ),
  );
  const pairs = Array.from({ length: counts.pairs }, () => pair(quick, random));
  const first = shuffled([...kinds.map(toPoint), ...pairs], random);
  return [...mixed(slow.map(toPoint), first), ...[...(sent ?? []), ...(received ?? [])].map(toPoint)];
}

/** How many points of what cannot be played everywhere. */
interface Counts {
  /** For each set and database. */
  readonly silence: number;
  readonly crash: number;
  readonly sleep: number;
  /** In all. */
  readonly pairs: number;
}

function oneOrMore(all: readonly Candidate[], counts: Counts, random: Random): readonly Candidate[] {
  return SLOW.flatMap((fault) => {
    const at = all.filter(({ place }) => place.fault === fault);
    const groups = Map.groupBy(at, ({ set, place }) => `${set} ${place.database}`);
    return [...groups.values()].flatMap((group) => sample(group, counts[fault], random));
  });
}

/** Two faulted runs in a row: the first one ends the program, which would otherwise recover and leave nothing to the second. */
function pair(quick: readonly Candidate[], random: Random): Point {
  const both = quick.filter(({ set, place }) => set === 'both' && place.direction === 'up').map(({ place }) => place);
  const ending = both.filter(({ fault }) => fault === 'kill' || fault === 'stop');
  return { set: 'both', places: [pick(ending, random), pick(both, random)] };
}

/** The few at even distances among the many: what is slow only waits, and leaves the processors to the others. */
function mixed<T>(few: readonly T[], many: readonly T[]): readonly T[] {
  const distance = Math.ceil(many.length / Math.max(few.length, 1));
  const between = few.flatMap((one, index) => [one, ...many.slice(index * distance, (index + 1) * distance)]);
  return [...between, ...many.slice(few.length * distance)];
}

function shuffled<T>(items: readonly T[], random: Random): readonly T[] {
  return sample(items, items.length, random);
}

function toPoint({ set, place }: Candidate): Point {
  return { set, places: [place] };
}
