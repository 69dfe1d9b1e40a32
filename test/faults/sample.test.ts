import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { sharedNeo4j } from '../servers/shared-neo4j.ts';
import { copyOfProgram } from './built.ts';
import { playAll, type References, repeatCommand } from './campaign.ts';
import { samplePoints } from './choose.ts';
import { SETS, type SetName } from './files.ts';
import { learn, type Reference } from './play.ts';
import { seeded } from './points.ts';
import { race } from './race.ts';

// What `npm run test:faults -- --all` does at every message is done here at a few: the same ones, unless a seed is given.
const seed = Number(process.env.FAULTS_SEED ?? 10);
const servers = { postgres: inject('postgres'), neo4j: sharedNeo4j() };
const references = {} as Record<SetName, Reference>;
let directory = '';

beforeAll(async () => {
  directory = await copyOfProgram();
  for (const set of Object.keys(SETS) as SetName[])
    references[set] = await learn(set, servers, join(directory, 'bin.js'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

test(`whatever dies, and when: the next run ends with everything applied once (seed ${seed})`, {
  timeout: 300_000,
}, async () => {
  const points = samplePoints(references as References, 6, seeded(seed));
  const played = await playAll(points, references, [servers], join(directory, 'bin.js'), () => {});
  const wrong = played.filter(({ problems }) => problems.length > 0);
  expect(wrong.map(({ point, problems }) => ({ repeat: repeatCommand(point), problems }))).toEqual([]);
});

test(`20 at once on empty databases, some of them killed: one history, every effect once (seed ${seed})`, {
  timeout: 300_000,
}, async () => {
  const { problems } = await race(
    { seed, racers: 20, within: 4_000 },
    references.both,
    servers,
    join(directory, 'bin.js'),
  );
  expect(problems).toEqual([]);
});
