import { expect, onTestFinished, test } from 'vitest';
import { boltFrames, type Direction } from '../faults/frames.ts';
import { FaultyProxy } from '../faults/proxy.ts';
import { freshPair } from '../journeys/pair.ts';
import { directoryOf, run } from '../program.ts';
import { graphTransaction } from '../traffic/held.ts';

/* In a cluster only what is sent without the access mode READ is routed to the leader. */

/** The member `mode: "r"` of the metadata of BEGIN and RUN, as PackStream has it. */
const READ = Buffer.from('\x84mode\x81r', 'latin1');

/** Bolt's messages; those that any member may answer say so. */
function framesWithMode(direction: Direction) {
  const frames = boltFrames(direction);
  return {
    push: (chunk: Buffer) =>
      frames
        .push(chunk)
        .map((frame) => (frame.bytes.includes(READ) ? { ...frame, name: `anywhere: ${frame.name}` } : frame)),
  };
}

async function recording() {
  const { neo4j, env } = await freshPair();
  const bolt = new URL(neo4j.uri);
  const proxy = await FaultyProxy.open(framesWithMode, { host: bolt.hostname, port: Number(bolt.port) });
  onTestFinished(() => proxy.close());
  const sent: string[] = [];
  proxy.watch = ({ direction, name }) => {
    if (direction === 'up' && /RUN|BEGIN/.test(name)) sent.push(name);
    return true;
  };
  const through = { ...env, NEO4J_URI: `bolt://127.0.0.1:${proxy.port}` };
  return { neo4j, sent, through };
}

const FILES = {
  '001_data.cypher': 'CREATE (:A {id: 1});\n',
  '002_schema.cypher': 'CREATE CONSTRAINT c IF NOT EXISTS FOR (a:A) REQUIRE a.id IS UNIQUE;\n',
  '003_more.cypher': 'MATCH (a:A) SET a.seen = true;\n',
};

/** What any member may answer: the history, of which a member has at least what this process has committed. */
const ANYWHERE =
  /^anywhere: RUN (OPTIONAL MATCH \(b:`_MigrationBootstrap`\)|SHOW CONSTRAINTS .*'_migration_version_unique')/;
/** What a member knows of itself alone: its transactions, settings and how far its indexes are. */
const OF_ONE_MEMBER = /SHOW (TRANSACTIONS|INDEXES|CONSTRAINTS|SETTINGS)|_MigrationLease/;

test.each([['migrate'], ['migrate --rehearse'], ['plan'], ['migrate --lock-timeout 1s']])(
  '%s asks the leader about transactions, locks, indexes and the lease',
  async (args) => {
    const { neo4j, sent, through } = await recording();
    const env = { ...through, MIGRATIONS_DIR: await directoryOf(FILES) };
    if (args.includes('lock-timeout')) {
      expect((await run(['neo4j', 'migrate', '--to', '1'], { env })).code).toBe(0);
      await neo4j.run(
        "MATCH (l:`_MigrationLease`) SET l.until = datetime() + duration('PT1H'), l.holder = 'other', l.host = 'pod-7', l.pid = 1",
      );
      sent.length = 0;
    }
    // A schema command that has to wait asks for more.
    const holder = args === 'migrate' ? await graphTransaction(neo4j) : undefined;
    await holder?.run('CREATE (:A {id: 2})');
    const running = run(['neo4j', ...args.split(' ')], { env: { ...env, DDL_LOCK_TIMEOUT: '500ms' } });
    if (holder !== undefined) {
      await expect
        .poll(() => sent.filter((name) => name.includes('SHOW TRANSACTIONS')).length, { timeout: 30_000 })
        .toBeGreaterThan(0);
      await holder.commit();
    }
    const { code, stderr } = await running;
    expect(code, stderr).toBe(args.includes('lock-timeout') ? 75 : 0);
    expect(sent.filter((name) => OF_ONE_MEMBER.test(name))).not.toEqual([]);
    const anywhere = sent.filter((name) => name.startsWith('anywhere: '));
    expect(anywhere).not.toEqual([]);
    expect(anywhere.filter((name) => !ANYWHERE.test(name))).toEqual([]);
  },
);

test('what only reads the schema and the history may be asked of any member', async () => {
  const { sent, through } = await recording();
  const env = { ...through, MIGRATIONS_DIR: await directoryOf(FILES) };
  for (const command of ['status', 'verify', 'wait --wait-timeout 1s', 'health'])
    await run(['neo4j', ...command.split(' ')], { env });
  expect(sent.filter((name) => !name.startsWith('anywhere: '))).toEqual([]);
});
