import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { parseArgs } from 'node:util';
import { allOrNone } from '../servers/acquire.ts';
import { emptyNeo4j, freshDatabase } from '../servers/databases.ts';
import { acquireNeo4j } from '../servers/neo4j.ts';
import { acquirePostgres } from '../servers/postgres.ts';
import { type Gateway, openGateway } from './gateway.ts';
import { Charts, type Helm } from './helm.ts';
import { loadImage } from './image.ts';
import { Kubectl } from './kubectl.ts';
import { Observation } from './observation.ts';
import { APPLICATIONS } from './scenarios/applications.ts';
import { DISRUPTIONS } from './scenarios/disruptions.ts';
import { FLEET } from './scenarios/fleet.ts';
import { OPERATIONS } from './scenarios/operations.ts';
import { REFUSALS } from './scenarios/refusals.ts';
import { RELEASES } from './scenarios/releases.ts';
import type { Scenario } from './scenarios/scenario.ts';
import { Stage } from './stage.ts';
import { type Row, table } from './table.ts';

/**
 * The chart and the image on a cluster, with PostgreSQL and Neo4j on this machine.
 *
 *   npm run image -- --save image.tar
 *   npm run test:cluster -- --context kind-kind
 */
const { values } = parseArgs({
  options: {
    context: { type: 'string' },
    image: { type: 'string', default: 'localrag-migrate:dev' },
    archive: { type: 'string' },
    'load-command': { type: 'string' },
    // Of this machine, as pods reach it.
    address: { type: 'string' },
    only: { type: 'string' },
    // Also what disturbs others on the cluster.
    drain: { type: 'boolean', default: false },
    table: { type: 'string' },
  },
});
const SCENARIOS: readonly Scenario[] = [
  ...RELEASES,
  ...REFUSALS,
  ...DISRUPTIONS,
  ...APPLICATIONS,
  ...OPERATIONS,
  ...FLEET,
];

const { context, image } = values;
// In each namespace's name, because a run that was killed leaves its namespaces behind.
const run = randomBytes(3).toString('hex');
if (context === undefined) throw new Error('Say on which cluster: npm run test:cluster -- --context NAME');
const kubectl = new Kubectl(context);
await kubectl.run(['get', '--raw', '/readyz']);
say(`image: ${await loadImage(context, { image, archive: values.archive, loadCommand: values['load-command'] })}`);
await firstPod();
const charts = await Charts.prepare();
const servers = await allOrNone([acquirePostgres({ settings: 'TEST' }), acquireNeo4j({ settings: 'TEST' })]);
const [postgres, neo4j] = servers;
const address = values.address ?? addressOfThisMachine();
const bolt = new URL(neo4j.uri);
const gateways = {
  postgres: await openGateway(address, postgres),
  neo4j: await openGateway(address, { host: bolt.hostname, port: Number(bolt.port) }),
};
const rows: Row[] = [];
const namespaces: string[] = [];
try {
  for (const scenario of SCENARIOS.filter(isChosen)) {
    for (const helm of scenario.helms) rows.push(await played(scenario, helm));
  }
} finally {
  await Promise.all(Object.values(gateways).map((gateway: Gateway) => gateway.close()));
  if (namespaces.length > 0) await kubectl.attempt(['delete', 'namespace', ...namespaces, '--ignore-not-found']);
  await Promise.all(servers.map((server) => server.stop()));
}
const text = table(rows);
say(`\n${text}`);
if (values.table) await writeFile(values.table, text);
const failed = rows.filter(({ wrong }) => wrong);
say(`${rows.length - failed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length === 0 ? 0 : 1;

function isChosen({ name, drains = false }: Scenario): boolean {
  return new RegExp(values.only ?? '').test(name) && (!drains || values.drain);
}

async function played(scenario: Scenario, helm: Helm): Promise<Row> {
  const began = performance.now();
  const name = scenario.name.replace(/\W+/g, '-').toLowerCase().slice(0, 36);
  const namespace = `lrm-${run}-${name}-${rows.length}-helm${helm}`;
  namespaces.push(namespace);
  await kubectl.run(['create', 'namespace', namespace]);
  await kubectl.run([
    'label',
    'namespace',
    namespace,
    'pod-security.kubernetes.io/enforce=restricted',
    'pod-security.kubernetes.io/warn=restricted',
  ]);
  const [database, graph] = await Promise.all([freshDatabase({ server: postgres }), emptyNeo4j(neo4j)]);
  const observation = new Observation(kubectl, namespace);
  const stage = new Stage({
    namespace,
    helm,
    image,
    kubectl,
    charts,
    observation,
    server: postgres,
    postgres: database,
    neo4j: graph,
    gateways,
  });
  let wrong = '';
  try {
    await scenario.play(stage);
  } catch (error) {
    wrong = error instanceof Error ? error.message : String(error);
    say(`FAILED ${scenario.name} (Helm ${helm}): ${wrong}`);
  }
  await observation.end();
  const { pods, jobs } = observation;
  const said = stage.said.join('; ');
  await kubectl.attempt(['delete', 'namespace', namespace, '--wait=false']);
  await graph.close();
  await database.drop();
  const seconds = (performance.now() - began) / 1000;
  say(`${wrong ? 'failed' : 'passed'}: ${scenario.name} (Helm ${helm}), ${seconds.toFixed(0)} s: ${pods}; ${jobs}`);
  return { scenario: scenario.name, helm, pods, jobs, said, seconds, wrong };
}

/** Shows that the image is on a node; and only with the first pod a bridge network has its address on this machine. */
async function firstPod(): Promise<void> {
  const namespace = `lrm-${run}-first`;
  await kubectl.run(['create', 'namespace', namespace]);
  try {
    const pod = ['run', 'first', '--namespace', namespace, `--image=${image}`, '--restart=Never', '--', '--version'];
    await kubectl.run(pod);
    const succeeded = '--for=jsonpath={.status.phase}=Succeeded';
    await kubectl.run(['wait', 'pod/first', '--namespace', namespace, succeeded, '--timeout=90s']);
  } finally {
    await kubectl.attempt(['delete', 'namespace', namespace, '--wait=false']);
  }
}

/** The first address that is not the loopback's. */
function addressOfThisMachine(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const found = addresses.find(({ family, internal }) => family === 'IPv4' && !internal);
  if (found === undefined) throw new Error('This machine has no address that pods could reach: give --address');
  return found.address;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
