import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { localNeo4j } from '../servers/local-neo4j.ts';
import { localPostgres } from '../servers/local-postgres.ts';
import type { Servers } from './arena.ts';
import { legend, playAll, type References, repeatCommand, table } from './campaign.ts';
import { allPoints, samplePoints } from './choose.ts';
import { SETS, type SetName } from './files.ts';
import { learn, type Played, type Reference } from './play.ts';
import { FAULTS, type Fault, type Point, parsePoint, pointName, seeded } from './points.ts';

const { values } = parseArgs({
  options: {
    all: { type: 'boolean', default: false },
    fault: { type: 'string', multiple: true },
    point: { type: 'string', multiple: true },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e9)) },
    workers: { type: 'string', default: '4' },
    points: { type: 'string', default: '60' },
  },
});

const directory = await mkdtemp(join(tmpdir(), 'faults-program-'));
// A copy: a build that somebody starts meanwhile takes dist/ away.
await cp(fileURLToPath(new URL('../../dist', import.meta.url)), directory, { recursive: true });
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
  const points = chosen(references);
  say(
    `seed ${seed}: ${points.length} points; the runs have ${Object.entries(references)
      .map(([set, { messages }]) => `${messages.length} messages (${set})`)
      .join(', ')}`,
  );
  const crashing = ({ places }: Point) => places.some(({ fault }) => fault === 'crash');
  const played = [
    ...(await playAll(
      points.filter((point) => !crashing(point)),
      references,
      workers,
      program,
      tell,
    )),
    // Everybody on the server is hit by a crash: one at a time.
    ...(await playAll(points.filter(crashing), references, workers.slice(0, 1), program, tell)),
  ];
  const wrong = played.filter(({ problems }) => problems.length > 0);
  say(`\n${table(played)}\n\n${legend()}\n`);
  say(
    `seed ${seed}: ${played.length} points in ${Math.round((performance.now() - begin) / 1000)} s, ${wrong.length} wrong`,
  );
  for (const { point, problems } of wrong) say(`${repeatCommand(point)}\n  ${problems.join('\n  ')}`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
} finally {
  await Promise.all([
    postgres.remove(),
    ...graphs.map((graph) => graph.remove()),
    rm(directory, { recursive: true, force: true }),
  ]);
}

function chosen(references: References): readonly Point[] {
  if (values.point !== undefined) return values.point.map(parsePoint);
  const points = values.all
    ? allPoints(references, { silence: 6, crash: 3, pairs: 60 }, random)
    : samplePoints(references, Number(values.points), random);
  const faults = values.fault ?? Object.keys(FAULTS);
  return points.filter(({ places }) => places.every(({ fault }) => faults.includes(fault as Fault)));
}

function tell({ point, codes, problems, seconds }: Played): void {
  const verdict = problems.length === 0 ? 'ok' : problems[0];
  say(`${pointName(point)} ${codes.map((code) => code ?? 'stuck').join(' ')} ${seconds.toFixed(1)} s ${verdict}`);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
