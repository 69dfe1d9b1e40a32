import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { parseArgs } from 'node:util';
import { hasGo } from '../manifests/go-program.ts';
import { allOrNone } from '../servers/acquire.ts';
import { type EmptyNeo4j, emptyNeo4j, freshDatabase } from '../servers/databases.ts';
import { acquireNeo4j } from '../servers/neo4j.ts';
import { acquirePostgres } from '../servers/postgres.ts';
import { type Gateway, openGateway } from './gateway.ts';
import { Charts, type Helm } from './helm.ts';
import { loadImage } from './image.ts';
import { Kubectl } from './kubectl.ts';
import type { Observation } from './observation.ts';
import { DocumentedDatabases } from './pages/databases.ts';
import { NAMESPACE, PAGES, type Page } from './pages/pages.ts';
import { Reader } from './pages/reader.ts';
import { atOnce, played, say } from './played.ts';
import { APPLICATIONS } from './scenarios/applications.ts';
import { ARGO_CD } from './scenarios/deployers/argocd.ts';
import { ARGO_CD_WHOLE } from './scenarios/deployers/argocd-whole.ts';
import { FLUX } from './scenarios/deployers/flux.ts';
import { REGISTRY } from './scenarios/deployers/registry.ts';
import { SIDECARS } from './scenarios/deployers/sidecars.ts';
import { DISRUPTIONS } from './scenarios/disruptions.ts';
import { FLEET } from './scenarios/fleet.ts';
import { OPERATIONS } from './scenarios/operations.ts';
import { FIRST_INSTALLS } from './scenarios/recovery/first-install.ts';
import { RECOVERY } from './scenarios/recovery/recovery.ts';
import { REFUSALS } from './scenarios/refusals.ts';
import { RELEASES } from './scenarios/releases.ts';
import type { Scenario } from './scenarios/scenario.ts';
import { SWITCHES } from './scenarios/switches.ts';
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
  ...SWITCHES,
  ...FIRST_INSTALLS,
  ...RECOVERY,
  ...ARGO_CD,
  ...ARGO_CD_WHOLE,
  ...FLUX,
  ...REGISTRY,
  ...SIDECARS,
];

interface Turn {
  readonly scenario: Scenario;
  readonly helm: Helm;
}

/** How many isolated scenarios are played at once: most of their time is spent waiting for pods. */
const AT_ONCE = 3;

const { context, image } = values;
// In each namespace's name, because a run that was killed leaves its namespaces behind.
const run = randomBytes(3).toString('hex');
if (context === undefined) throw new Error('Say on which cluster: npm run test:cluster -- --context NAME');
const kubectl = new Kubectl(context);
await kubectl.run(['get', '--raw', '/readyz']);
const load = (image: string, archive?: string) =>
  loadImage(context, { image, archive, loadCommand: values['load-command'] });
say(`image: ${await load(image, values.archive)}`);
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
const withGo = await hasGo();
const rows: Row[] = [];
const namespaces: string[] = [];
try {
  const [playable, unplayable] = [true, false].map((is) =>
    SCENARIOS.filter((scenario) => isChosen(scenario) && (withGo || !scenario.needsGo) === is),
  );
  for (const { name } of unplayable ?? []) say(`not played, because Go is missing: ${name}`);
  const turns = (playable ?? []).flatMap((scenario) => scenario.helms.map((helm) => ({ scenario, helm })));
  const [alone, isolated] = [false, true].map((is) => turns.filter(({ scenario }) => is === !!scenario.isolated));
  for (const turn of alone ?? []) rows.push(...(await onStage([turn])));
  rows.push(...(await onStage(isolated ?? [])));
  await followPages(PAGES.filter(isChosen));
} finally {
  await Promise.all(Object.values(gateways).map((gateway: Gateway) => gateway.close()));
  if (namespaces.length > 0)
    await kubectl.attempt(['delete', 'namespace', ...namespaces, '--ignore-not-found', '--timeout=120s']);
  await Promise.all(servers.map((server) => server.stop()));
}
const text = table(rows);
say(`\n${text}`);
if (values.table) await writeFile(values.table, text);
const failed = rows.filter(({ wrong }) => wrong);
say(`${rows.length - failed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length === 0 ? 0 : 1;

function isChosen({ name, drains, byName }: Pick<Scenario, 'name' | 'drains' | 'byName'>): boolean {
  const isIncluded = (!drains || values.drain) && (!byName || values.only !== undefined);
  return isIncluded && new RegExp(values.only ?? '').test(name);
}

/** Plays these scenarios, a few at once, with one empty Neo4j. */
async function onStage(turns: readonly Turn[]): Promise<readonly Row[]> {
  if (turns.length === 0) return [];
  const graph = await emptyNeo4j(neo4j);
  const itsRows = await atOnce(AT_ONCE, turns, (turn) => scenePlayed(turn, graph));
  await graph.close();
  return itsRows;
}

async function scenePlayed({ scenario, helm }: Turn, graph: EmptyNeo4j): Promise<Row> {
  const name = scenario.name.replace(/\W+/g, '-').toLowerCase().slice(0, 36);
  const namespace = `lrm-${run}-${name}-${namespaces.length}-helm${helm}`;
  namespaces.push(namespace);
  await createNamespace(namespace);
  const database = await freshDatabase({ server: postgres });
  const said: string[] = [];
  const play = async (observation: Observation) => {
    const stage = new Stage({
      ...{ namespace, helm, image, kubectl, charts, observation, gateways, loadImage: load },
      ...{ server: postgres, postgres: database, neo4j: graph },
    });
    await scenario.play(stage).finally(() => said.push(...stage.said));
  };
  const row = await played(kubectl, { name: scenario.name, helm, namespace, said, play });
  await kubectl.attempt(['delete', 'namespace', namespace, '--wait=false']);
  await database.drop();
  return row;
}

/** One after the other, because all of them have the same namespace. */
async function followPages(pages: readonly Page[]): Promise<void> {
  if (pages.length === 0) return;
  const databases = await DocumentedDatabases.start(kubectl, address);
  try {
    for (const { name, follow } of pages) {
      const play = async () => {
        const reader = await Reader.open(databases, { kubectl, image, helm: '4' });
        try {
          await follow(reader);
        } finally {
          await reader.close();
        }
      };
      rows.push(await played(kubectl, { name, helm: '4', namespace: NAMESPACE, said: [], play }));
      await kubectl.run(['delete', 'namespace', NAMESPACE, '--ignore-not-found', '--timeout=120s']);
    }
  } finally {
    await databases.stop();
  }
}

async function createNamespace(name: string): Promise<void> {
  await kubectl.run(['create', 'namespace', name]);
  const levels = ['enforce', 'warn'].map((mode) => `pod-security.kubernetes.io/${mode}=restricted`);
  await kubectl.run(['label', 'namespace', name, ...levels]);
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
