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

/** Faults that take long to recover from: they are played at one message of each kind, or at a few. */
const SLOW: readonly Fault[] = ['silence', 'crash'];

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
  const quick = candidates(references).filter(({ place }) => !SLOW.includes(place.fault));
  const groupOf = ({ set, place }: Candidate) => `${set} ${place.database} ${place.direction} ${place.fault}`;
  const first = oneOfEach(quick, groupOf, random);
  return sample([...first, ...sample(quick, count, random)], count, random).map(toPoint);
}

/**
 * Every message that the program sends with every fast fault. Of what a server sends, which can do nothing but get
 * lost, one message of each kind. Slow faults at a few; and `pairs` of two faulted runs in a row.
 */
export function allPoints(references: References, counts: Counts, random: Random): readonly Point[] {
  const all = candidates(references);
  const quick = all.filter(({ place }) => !SLOW.includes(place.fault));
  const sent = quick.filter(({ place }) => place.direction === 'up');
  const got = quick.filter(({ place }) => place.direction === 'down');
  const kinds = oneOfEach(got, ({ set, place, kind }) => `${set} ${place.database} ${place.fault} ${kind}`, random);
  const slow = SLOW.flatMap((fault) => {
    const groups = Map.groupBy(
      all.filter(({ place }) => place.fault === fault),
      ({ set, place }) => `${set} ${place.database}`,
    );
    return [...groups.values()].flatMap((group) => sample(group, counts[fault as 'silence' | 'crash'], random));
  });
  const pairs = Array.from({ length: counts.pairs }, () => {
    const [one, set] = [pick(sent, random), 'both'] as const;
    const places = [one, pick(sent, random)].map(({ place }) => place);
    return {
      set,
      places: places.map((place) => (place.fault === 'freeze' ? { ...place, fault: 'kill' as const } : place)),
    };
  });
  return [
    ...sample([...sent, ...kinds].map(toPoint), Number.POSITIVE_INFINITY, random),
    ...pairs,
    ...slow.map(toPoint),
  ];
}

/** How many points of what cannot be played everywhere: for each set and database. */
export interface Counts {
  readonly silence: number;
  readonly crash: number;
  /** In all. */
  readonly pairs: number;
}

function toPoint({ set, place }: Candidate): Point {
  return { set, places: [place] };
}
