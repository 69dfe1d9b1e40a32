import { spawnSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { localNeo4j } from '../test/servers/local-neo4j.ts';
import { localPostgres } from '../test/servers/local-postgres.ts';
import {
  cypher,
  farAway,
  hundred,
  largeFile,
  longHistory,
  nothingPending,
  overTls,
  recovery,
  type World,
  waiting,
} from './cases.ts';
import { writePage } from './page.ts';
import { preparePeers } from './peers.ts';
import { Results } from './results.ts';

// npm run bench [-- --only a,b]: measures this program beside others, prints the tables, and writes docs/performance.md.

const CASES: Readonly<Record<string, (world: World) => Promise<void>>> = {
  // First: behind the others it took up to 1.7 times as long, and psql did not (docs/performance.md).
  d: largeFile,
  a: (world) => nothingPending(world, 6, 9, 1),
  b: (world) => nothingPending(world, 1_000, 5, 5),
  tls: overTls,
  far: (world) => farAway(world, 1_000),
  c: longHistory,
  e: hundred,
  f: cypher,
  g: waiting,
  h: recovery,
};

const { values } = parseArgs({ options: { only: { type: 'string', default: Object.keys(CASES).join(',') } } });
const results = await Results.open(fileURLToPath(new URL('results.json', import.meta.url)));
const { peers, missing } = await preparePeers();
const postgres = await localPostgres({ settings: { synchronous_commit: 'on', max_connections: '300' } });
const neo4j = await localNeo4j();
try {
  // It says so on standard error.
  const java = spawnSync('java', ['-version'], { encoding: 'utf8' }).stderr;
  results.describe(
    {
      machine: `${cpus().length} × ${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GB`,
      node: process.version,
      postgres: `${postgres.version}, fsync=off`,
      neo4j: '5.26.30 Community',
      java: java.split('\n')[0] ?? '',
    },
    missing,
  );
  for (const name of values.only.split(',')) {
    await CASES[name]?.({ postgres, neo4j, peers, results });
    await results.save();
  }
  process.stdout.write(await writePage(results.kept));
} finally {
  await Promise.all([postgres.remove(), neo4j.remove()]);
}
