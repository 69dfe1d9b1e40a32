import { describe, expect, test } from 'vitest';
import { type Release, refusal, type Values } from './helm.ts';
import { HELMS } from './helm-installation.ts';
import { EXISTING, MODES } from './values.ts';

const POSTGRES = { host: 'db.example', existingSecret: 'pg' };
const NEO4J = { uri: 'bolt://g', existingSecret: 'graph' };

/** What was given, and what must be said of it. */
const REFUSALS: readonly (readonly [string, Values, RegExp])[] = [
  ['no PostgreSQL', { neo4j: NEO4J }, /PostgreSQL is not configured: set postgres\.host, .*scope=neo4j leaves/],
  ['no Neo4j', { postgres: POSTGRES }, /Neo4j is not configured: set neo4j\.uri, .*scope=postgres leaves/],
  ['no password for Neo4j', { ...EXISTING, neo4j: { uri: 'bolt://g' } }, /Neo4j has no password: set neo4j\.existing/],
  ['URL and host', { ...EXISTING, postgres: { url: 'postgres://a', host: 'b' } }, /postgres\.url and postgres\.host/],
  ['two passwords', { ...EXISTING, postgres: { ...POSTGRES, password: 'p' } }, /beside postgres\.password: keep one/],
  ['URL and Secret', { ...EXISTING, postgres: { url: 'u', existingSecret: 's' } }, /beside postgres\.url: keep one/],
  ['two passwords of Neo4j', { ...EXISTING, neo4j: { ...NEO4J, password: 'p' } }, /beside neo4j\.password: keep one/],
  [
    'verify-ca without an authority',
    { ...EXISTING, postgres: { ...POSTGRES, tls: { mode: 'verify-ca' } } },
    /verify-ca needs a root certificate: set postgres\.tls\.existingSecret/,
  ],
  [
    'a certificate without its key',
    { ...EXISTING, postgres: { ...POSTGRES, tls: { existingSecret: 's', keys: { cert: 'tls.crt' } } } },
    /keys\.cert and postgres\.tls\.keys\.key belong together/,
  ],
  [
    'a certificate of no Secret',
    { ...EXISTING, postgres: { ...POSTGRES, tls: { keys: { cert: 'tls.crt', key: 'tls.key' } } } },
    /names a key of no Secret: set postgres\.tls\.existingSecret/,
  ],
  [
    'a ConfigMap without its key',
    { ...EXISTING, postgres: { ...POSTGRES, tls: { existingConfigMap: 'trust', keys: { ca: '' } } } },
    /postgres\.tls\.keys\.ca names no key of it/,
  ],
  ['two URLs of Redis', { ...EXISTING, redis: { url: 'redis://a', host: 'b' } }, /redis\.url and redis\.host/],
  ['two passwords of Redis', { ...EXISTING, redis: { host: 'b', password: 'p', existingSecret: 's' } }, /beside redis/],
  [
    'a Secret for no Redis',
    { ...EXISTING, redis: { existingSecret: 's' } },
    /neither redis\.host nor redis\.keys\.url/,
  ],
  ['a password for no Redis', { ...EXISTING, redis: { password: 'p' } }, /redis\.password is set, but not redis\.host/],
  [
    'two places for migrations',
    { ...EXISTING, migrations: { existingConfigMap: 'm', inline: { '001_a.sql': 'x' } } },
    /migrations\.inline and migrations\.existingConfigMap are both set/,
  ],
  [
    'a deadline below the budgets',
    { ...EXISTING, job: { activeDeadlineSeconds: 420 } },
    /activeDeadlineSeconds is 420, but one attempt may take 420 s \(timeouts\.wait 120s, timeouts\.lock 90s twice, .*set it higher than 420/,
  ],
  [
    'budgets above the deadline',
    { ...EXISTING, timeouts: { statement: '30m', wait: '500ms' } },
    /one attempt may take 2101 s .*timeouts\.statement 30m/,
  ],
  [
    'a deadline below the budgets of one database',
    { scope: 'postgres', postgres: POSTGRES, job: { activeDeadlineSeconds: 330 } },
    /one attempt may take 330 s \(timeouts\.wait 120s, timeouts\.lock 90s, /,
  ],
  [
    'no time to stop',
    { ...EXISTING, terminationGracePeriodSeconds: 20 },
    /terminationGracePeriodSeconds is 20, but stopping cleanly may take timeouts\.shutdownGrace 20s: set it higher than 20/,
  ],
  [
    'no time to stop a sidecar',
    { ...EXISTING, mesh: { mode: 'quit' }, terminationGracePeriodSeconds: 25 },
    /shutdownGrace 20s and 5 s for the sidecar: set it higher than 25/,
  ],
  [
    'a root certificate for Neo4j that its URI does not use',
    { ...EXISTING, neo4j: { ...NEO4J, tls: { existingConfigMap: 'ca' } } },
    /neo4j\.uri does not verify the server: use neo4j\+s/,
  ],
  [
    'a hook of Argo CD that deletes itself',
    { ...EXISTING, argocd: { enabled: true }, job: { ttlSecondsAfterFinished: 0 } },
    /Argo CD waits forever for a hook that deletes itself/,
  ],
];

/** What the schema refuses: the path must be told, the words are Helm's own. */
const MISTAKES: readonly (readonly [string, Values, RegExp])[] = [
  ['a mistyped key', { ...EXISTING, postgress: {} }, /postgress/],
  ['a mistyped key inside', { ...EXISTING, postgres: { ...POSTGRES, pasword: 'x' } }, /postgres[\s\S]*pasword/],
  ['a mistyped key deep inside', { ...EXISTING, postgres: { tls: { keys: { crt: 'x' } } } }, /tls[./]keys[\s\S]*crt/],
  ['an unknown mode', { ...EXISTING, mode: 'post-install' }, /mode/],
  ['a password that is a number', { ...EXISTING, neo4j: { ...NEO4J, password: 123 } }, /neo4j[./]password/],
  ['a duration without a unit', { ...EXISTING, timeouts: { wait: '120' } }, /timeouts[./]wait/],
  ['no time for a table lock', { ...EXISTING, timeouts: { ddlLock: '0s' } }, /timeouts[./]ddlLock/],
  ['a digest without its algorithm', { ...EXISTING, image: { digest: 'a'.repeat(64) } }, /image[./]digest/],
  ['a file that is no migration', { ...EXISTING, migrations: { inline: { 'a.sql': 'x' } } }, /a\.sql/],
  ['a URI of another scheme', { ...EXISTING, neo4j: { ...NEO4J, uri: 'http://graph' } }, /neo4j[./]uri/],
  ['a sidecar elsewhere', { ...EXISTING, mesh: { quitUrl: 'http://mesh.example/quit' } }, /mesh[./]quitUrl/],
  ['an unknown field of a security context', { ...EXISTING, securityContext: { runAsRoot: true } }, /runAsRoot/],
];

describe.each(HELMS)('Helm %s refuses', (helm) => {
  test.each(REFUSALS)('%s', async (_what, values, message) => {
    expect(await refusal(helm, values)).toMatch(message);
  });

  test.each(MISTAKES)('%s', async (_what, values, message) => {
    expect(await refusal(helm, values)).toMatch(message);
  });

  test('every mistake at once', async () => {
    const said = await refusal(helm, {
      ...EXISTING,
      neo4j: {},
      terminationGracePeriodSeconds: 1,
      redis: { password: 'p' },
    });
    expect(said.match(/^- /gm)).toHaveLength(4);
  });

  test.each(MODES)('values without a database in mode %s', async (mode) => {
    expect(await refusal(helm, { mode })).toMatch(/PostgreSQL is not configured/);
  });

  test.each<[string, Release, Values]>([
    ['the library', { chart: 'examples/app' }, { schema: { postgres: { host: '' } } }],
    ['an umbrella', { chart: 'examples/umbrella' }, { schema: { mode: 'initContainer', postgres: { host: '' } } }],
  ])('the same in %s', async (_what, release, values) => {
    expect(await refusal(helm, values, release)).toMatch(/PostgreSQL is not configured/);
  });

  test('without repeating a secret', async () => {
    const secret = 'hunter2';
    const wrong: readonly Values[] = [
      { ...EXISTING, postgres: { url: `mysql://u:${secret}@db`, host: 'db' } },
      { ...EXISTING, postgres: { ...POSTGRES, password: secret } },
      { ...EXISTING, neo4j: { uri: '', password: secret } },
      { ...EXISTING, redis: { url: `redis//${secret}`, host: 'x' } },
      { ...EXISTING, postgres: { password: secret, pasword: secret } },
    ];
    for (const values of wrong) expect(await refusal(helm, values)).not.toContain(secret);
  });
});
