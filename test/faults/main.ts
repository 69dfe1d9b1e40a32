import { mkdtemp, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { localNeo4j } from '../servers/local-neo4j.ts';
import { localPostgres } from '../servers/local-postgres.ts';
import type { Servers } from './arena.ts';
import { copyOfProgram } from './built.ts';
import { legend, playAll, type References, repeatCommand, table } from './campaign.ts';
import { allPoints, samplePoints } from './choose.ts';
import { SETS, type SetName } from './files.ts';
import { learn, type Played, type Reference } from './play.ts';
import { FAULTS, type Point, parsePoint, pointName, seeded } from './points.ts';
import { race } from './race.ts';
import { isNoticed, SABOTAGES } from './sabotage.ts';

const { values } = parseArgs({
  options: {
    all: { type: 'boolean', default: false },
    fault: { type: 'string', multiple: true },
    point: { type: 'string', multiple: true },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e9)) },
    workers: { type: 'string', default: '4' },
    points: { type: 'string', default: '60' },
    minutes: { type: 'string', default: '17' },
    races: { type: 'string' },
    sabotage: { type: 'boolean', default: false },
  },
});

const directory = await copyOfProgram();
const program = join(directory, 'bin.js');
const seed = Number(values.seed);
const random = seeded(seed);
const begin = performance.now();

// What is acknowledged must survive the crashes that this campaign causes.
const postgres = await localPostgres({ settings: { synchronous_commit: 'on' } });
const graphs = await Promise.all(Array.from({ length: Number(values.workers) }, () => localNeo4j({ heap: '300m' })));
const workers: Servers[] = graphs.map((neo4j) => ({ postgres, neo4j }));
try {
  const references = {} as Record<SetName, Reference>;
  for (const set of Object.keys(SETS) as SetName[]) references[set] = await learn(set, workers[0] as Servers, program);
  const lengths = Object.entries(references).map(([set, { messages }]) => `${messages.length} (${set})`);
  say(`seed ${seed}; messages in a run: ${lengths.join(', ')}`);
  const wrong = [...(await points(references)), ...(await races(references)), ...(await sabotages(references))];
  say(`\nseed ${seed}: ${Math.round((performance.now() - begin) / 1000)} s, ${wrong.length} wrong`);
  for (const line of wrong) say(line);
  process.exitCode = wrong.length === 0 ? 0 : 1;
} finally {
  await Promise.all([
    postgres.remove(),
    ...graphs.map((graph) => graph.remove()),
    rm(directory, { recursive: true, force: true }),
  ]);
}
// What a fault has left open in this process must not keep it: a part of CI would wait for its limit.
say(`left open: ${process.getActiveResourcesInfo().join(', ') || 'nothing'}${sockets()}`);
process.exit();

/** Where the open sockets lead to; Node tells it in no other way. */
function sockets(): string {
  const { _getActiveHandles: handles } = process as unknown as { _getActiveHandles(): readonly Partial<Socket>[] };
  const told = handles().flatMap(
    ({ localPort, remotePort, connecting, writableEnded, writableLength, readableEnded }) =>
      connecting === undefined
        ? []
        : JSON.stringify({ localPort, remotePort, connecting, writableEnded, writableLength, readableEnded }),
  );
  const ports = [postgres.port, ...graphs.map(({ uri }) => Number(new URL(uri).port))];
  return told.length === 0 ? '' : `; sockets ${told.join(', ')}; servers at ${ports.join(', ')}`;
}

/** Plays the points; returns what is wrong. */
async function points(references: References): Promise<readonly string[]> {
  const chosen = choose(references);
  const crashing = ({ places }: Point) => places.some(({ fault }) => fault === 'crash');
  const play = (points: readonly Point[], on: readonly Servers[], deadline: number) =>
    playAll(points, references, on, program, tell, deadline);
  const played = [
    // Everybody on a server is hit by its crash: one at a time.
    ...(await play(chosen.filter(crashing), workers.slice(0, 1), Number.POSITIVE_INFINITY)),
    ...(await play(
      chosen.filter((point) => !crashing(point)),
      workers,
      begin + Number(values.minutes) * 60_000,
    )),
  ];
  if (played.length > 0) say(`\n${table(played)}\n\n${legend()}\n\n${played.length} of ${chosen.length} points played`);
  return played
    .filter(({ problems }) => problems.length > 0)
    .map(({ point, problems }) => [repeatCommand(point), ...problems].join('\n  '));
}

function choose(references: References): readonly Point[] {
  if (values.point !== undefined) return values.point.map(parsePoint);
  if (!values.all && (values.sabotage || values.races !== undefined)) return [];
  const points = values.all
    ? allPoints(references, { silence: 4, crash: 2, sleep: 2, pairs: 40 }, random)
    : samplePoints(references, Number(values.points), random);
  const faults: readonly string[] = values.fault ?? Object.keys(FAULTS);
  return points.filter(({ places }) => places.every(({ fault }) => faults.includes(fault)));
}

function tell({ point, codes, problems, seconds }: Played): void {
  const verdict = problems.length === 0 ? 'ok' : problems[0];
  say(`${pointName(point)} ${codes.map((code) => code ?? 'stuck').join(' ')} ${seconds.toFixed(1)} s ${verdict}`);
}

/** Lets many programs race, again and again; returns what is wrong. */
async function races(references: References): Promise<readonly string[]> {
  const rounds = Number(values.races ?? (values.all && values.fault === undefined ? 50 : 0));
  const wrong: string[] = [];
  const codes: Record<string, number> = {};
  for (let round = 0; round < rounds; round += 1) {
    const options = { seed: seed + round, racers: 20, within: 4_000 };
    const raced = await race(options, references.both, workers[0] as Servers, program);
    for (const [code, count] of Object.entries(raced.codes)) codes[code] = (codes[code] ?? 0) + count;
    say(`race ${options.seed}: ${endings(raced.codes)}${raced.problems.length > 0 ? ` ${raced.problems[0]}` : ''}`);
    if (raced.problems.length > 0)
      wrong.push([`npm run test:faults -- --races 1 --seed ${options.seed}`, ...raced.problems].join('\n  '));
  }
  if (rounds > 0) say(`${rounds} races of 20 ended with ${endings(codes)}`);
  return wrong;
}

function endings(codes: Readonly<Record<string, number>>): string {
  return Object.entries(codes)
    .map(([code, count]) => `${code}: ${count}`)
    .join(', ');
}

/** Breaks the program on purpose; returns what was not noticed. */
async function sabotages(references: References): Promise<readonly string[]> {
  const unnoticed: string[] = [];
  for (const sabotage of values.sabotage || (values.all && values.fault === undefined) ? SABOTAGES : []) {
    const broken = await mkdtemp(join(directory, 'broken-'));
    const { noticed, problems } = await isNoticed(sabotage, references[sabotage.set], workers[0] as Servers, broken);
    say(`${sabotage.breaks}: ${noticed ? 'noticed' : 'NOT NOTICED'}\n  ${problems.join('\n  ')}`);
    if (!noticed) unnoticed.push(`not noticed: ${sabotage.breaks}`);
  }
  return unnoticed;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
