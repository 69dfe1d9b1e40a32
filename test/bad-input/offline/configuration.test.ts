import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { attempt, expectRefusal, type Told } from '../refusal.ts';

/** Nobody listens there: a configuration that is wrong is told before anybody connects. */
const POSTGRES = {
  POSTGRES_HOST: '127.0.0.1',
  POSTGRES_PORT: '1',
  POSTGRES_DB: 'localrag',
  POSTGRES_USER: 'app',
  POSTGRES_PASSWORD: 'correct-horse',
};
const NEO4J = { NEO4J_URI: 'bolt://127.0.0.1:1', NEO4J_PASSWORD: 'battery-staple' };
const BOTH = { ...POSTGRES, ...NEO4J };
const URL = 'postgresql://app:correct-horse@127.0.0.1:1/localrag';

const NO_POSTGRES: Told = {
  says: 'PostgreSQL is not configured: set DATABASE_URL, or POSTGRES_HOST, POSTGRES_DB and POSTGRES_USER',
  hint: 'leave PostgreSQL out: `localrag-migrate neo4j …`',
};
const NO_NEO4J: Told = {
  says: 'Neo4j is not configured: NEO4J_URI and NEO4J_PASSWORD are not set',
  hint: 'leave Neo4j out: `localrag-migrate postgres …`',
};

async function expectProblems(args: string, env: Readonly<Record<string, string>>, problems: readonly Told[]) {
  const ended = await attempt(args.split(' '), { env });
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
  expectRefusal(ended, { kind: 'config', says: `the configuration is not valid: ${count}`, problems });
  expect(ended.stdout).toBe('');
}

test('nothing at all: everything that is missing is named, and how to leave a database out', () =>
  expectProblems('migrate', {}, [NO_POSTGRES, NO_NEO4J]));

test('Neo4j is not left out in silence, whatever the command', async () => {
  const commands = [
    'status',
    'plan',
    'verify',
    'wait',
    'health',
    'rollback-plan',
    'baseline --to 5',
    'repair --resume',
  ];
  await Promise.all(commands.map((command) => expectProblems(command, POSTGRES, [NO_NEO4J])));
});

test('NEO4J_URI alone is missing', () =>
  expectProblems('migrate', { ...POSTGRES, NEO4J_PASSWORD: 'battery-staple' }, [
    {
      says: 'Neo4j is not configured: NEO4J_URI is not set',
      hint: 'leave Neo4j out: `localrag-migrate postgres …`',
    },
  ]));

test('in the scope of one database nobody speaks of the other', async () => {
  await expectProblems('postgres status', NEO4J, [{ says: NO_POSTGRES.says }]);
  await expectProblems('neo4j status', POSTGRES, [{ says: NO_NEO4J.says }]);
});

test('DATABASE_URL and single parts that contradict it', () =>
  expectProblems(
    'migrate',
    {
      ...BOTH,
      DATABASE_URL: 'postgresql://root:tr0ub4dor@localhost:2/other?sslmode=require',
      POSTGRES_SSLMODE: 'disable',
    },
    ['hosts', 'ports', 'databases', 'users', 'passwords', 'modes of TLS'].map((what) => ({
      says: new RegExp(`DATABASE_URL and POSTGRES_\\w+ tell different ${what}$`, 'm'),
      hint: 'keep one of them, or make them equal',
    })),
  ));

test.each<[what: string, env: Readonly<Record<string, string>>, told: Told]>([
  ['a port that is none', { POSTGRES_PORT: '65536' }, { says: 'POSTGRES_PORT is not a port, 1 to 65535' }],
  ['a port with something else in it', { POSTGRES_PORT: '5432/tcp' }, { says: 'POSTGRES_PORT is not a port' }],
  [
    'a host with its port',
    { POSTGRES_HOST: 'db.example:5432' },
    { says: 'POSTGRES_HOST is not a host name or an address' },
  ],
  ['several hosts', { POSTGRES_HOST: 'db1,db2' }, { says: 'POSTGRES_HOST names several hosts' }],
  [
    'a mode of TLS that is none',
    { POSTGRES_SSLMODE: 'on' },
    { says: 'POSTGRES_SSLMODE is none of disable, allow, prefer, require, verify-ca, verify-full: "on"' },
  ],
  [
    'verify-ca without a certificate',
    { POSTGRES_SSLMODE: 'verify-ca' },
    { says: 'verify-ca needs a root certificate, but POSTGRES_SSLROOTCERT is not set', hint: 'set it to the file' },
  ],
  [
    'a certificate that is not there',
    { POSTGRES_SSLMODE: 'verify-full', POSTGRES_SSLROOTCERT: '/nowhere/ca.crt' },
    { says: 'POSTGRES_SSLROOTCERT: /nowhere/ca.crt: no such file or directory' },
  ],
  [
    'a Neo4j URI with a scheme that is none',
    { NEO4J_URI: 'http://127.0.0.1:1' },
    { says: 'NEO4J_URI does not begin with any of bolt://' },
  ],
  [
    'a Neo4j URI without a scheme',
    { NEO4J_URI: 'graph.example:7687' },
    { says: 'NEO4J_URI does not begin with any of bolt://' },
  ],
  [
    'a password in the Neo4j URI',
    { NEO4J_URI: 'bolt://neo4j:battery-staple@127.0.0.1:1' },
    { says: 'NEO4J_URI holds a user or a password; NEO4J_USER and NEO4J_PASSWORD are for them' },
  ],
  [
    'a duration without a unit',
    { WAIT_TIMEOUT: '120' },
    { says: 'WAIT_TIMEOUT is not a duration such as 500ms, 90s, 5m or 2h: "120"' },
  ],
  [
    'a lock timeout without limit',
    { DDL_LOCK_TIMEOUT: '0' },
    { says: 'DDL_LOCK_TIMEOUT is 0, which would block every other session' },
  ],
  [
    'a level of log that is none',
    { LOG_LEVEL: 'loud' },
    { says: 'LOG_LEVEL is none of debug, info, warn, error: "loud"' },
  ],
  [
    'a password twice',
    { POSTGRES_PASSWORD_FILE: '/run/secrets/postgres' },
    { says: 'both POSTGRES_PASSWORD and POSTGRES_PASSWORD_FILE are set', hint: 'keep one of them' },
  ],
])('%s', (_, env, told) => expectProblems('migrate', { ...BOTH, ...env }, [told]));

test.each<[what: string, url: string, told: Told]>([
  [
    'another scheme',
    'mysql://app:correct-horse@127.0.0.1:1/localrag',
    { says: 'DATABASE_URL does not begin with postgresql://' },
  ],
  [
    'an address that never ends',
    URL.replace('127.0.0.1', '[::1'),
    {
      says: 'DATABASE_URL is not a URL such as postgresql://USER:PASSWORD@db.example:5432/localrag; in user name and password write @ as %40',
    },
  ],
  [
    'a port that is none',
    URL.replace(':1/', ':99999/'),
    { says: 'the port in DATABASE_URL is not a port, 1 to 65535' },
  ],
  ['several hosts', URL.replace(':1/', ':1,127.0.0.2:1/'), { says: 'the host in DATABASE_URL names several hosts' }],
  ['a mode of TLS that is none', `${URL}?sslmode=off`, { says: 'sslmode in DATABASE_URL is none of disable' }],
  [
    'a parameter that is not honoured',
    `${URL}?options=-csearch_path%3Dx`,
    {
      says: 'DATABASE_URL has the parameter options, which is not supported',
      hint: 'take options out of DATABASE_URL',
    },
  ],
  [
    'a demand that is not met',
    `${URL}?channel_binding=require`,
    {
      says: 'channel_binding in DATABASE_URL can only be disable, prefer',
      hint: 'take channel_binding out of DATABASE_URL',
    },
  ],
  [
    'no database',
    'postgresql://app:correct-horse@127.0.0.1:1',
    { says: 'POSTGRES_DB is not set, and DATABASE_URL does not tell it either' },
  ],
])('DATABASE_URL with %s', (_, url, told) => expectProblems('migrate', { ...NEO4J, DATABASE_URL: url }, [told]));

test.each([
  ['that is not there', async () => undefined, 'no such file or directory'],
  ['that is a directory', (path: string) => mkdir(path), 'illegal operation on a directory'],
  ['that is empty', (path: string) => writeFile(path, '\n'), 'is empty'],
])('the file of a secret %s', async (_, make, reason) => {
  const directory = await mkdtemp(join(tmpdir(), 'secrets-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const file = join(directory, 'password');
  await make(file);
  const { POSTGRES_PASSWORD: _password, ...rest } = BOTH;
  await expectProblems('migrate', { ...rest, POSTGRES_PASSWORD_FILE: file }, [
    { says: `POSTGRES_PASSWORD_FILE: ${file}: ${reason}`, hint: 'check the path and how the Secret is mounted' },
  ]);
});

test('everything that is wrong is told at once', () =>
  expectProblems(
    'migrate --lock-timeout soon --migrations-dir=',
    { ...POSTGRES, POSTGRES_PORT: 'five', NEO4J_URI: 'graph', WAIT_TIMEOUT: 'long', STATEMENT_TIMEOUT: '-1s' },
    [
      { says: '--migrations-dir is empty', hint: 'give it a value, or leave the flag out' },
      { says: 'POSTGRES_PORT is not a port' },
      { says: 'NEO4J_URI does not begin with' },
      { says: 'Neo4j is not configured: NEO4J_PASSWORD is not set', hint: 'localrag-migrate postgres …' },
      { says: 'WAIT_TIMEOUT is not a duration' },
      { says: '--lock-timeout is not a duration such as 500ms, 90s, 5m or 2h: "soon"' },
      { says: 'STATEMENT_TIMEOUT is not a duration' },
    ],
  ));

test('a .env that cannot be read, and one with a password that Node would cut', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'dotenv-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  await mkdir(join(directory, '.env'));
  const unreadable = await attempt(['migrate'], { env: BOTH, cwd: directory });
  expectRefusal(unreadable, {
    kind: 'config',
    says: 'one problem',
    problems: [
      { says: `cannot read ${join(directory, '.env')}: illegal operation on a directory`, hint: 'make it readable' },
    ],
  });

  await rm(join(directory, '.env'), { recursive: true });
  await writeFile(join(directory, '.env'), 'POSTGRES_DB=localrag\nPOSTGRES_PASSWORD=correct#horse\n');
  const { POSTGRES_PASSWORD: _password, ...rest } = BOTH;
  const cut = await attempt(['migrate'], { env: rest, cwd: directory, secrets: ['correct#horse', 'correct'] });
  expectRefusal(cut, {
    kind: 'config',
    says: 'one problem',
    problems: [{ says: '.env, line 2: POSTGRES_PASSWORD has a # in a value without quotes', hint: 'in single quotes' }],
  });
});

test('migrate-manual without a password and without anybody to type one', async () => {
  const ended = await attempt(['migrate-manual', '--host', '127.0.0.1'], { env: { DATABASE_URL: URL } });
  expectRefusal(ended, {
    kind: 'config',
    says: 'no password, and nobody is there to type one',
    hint: 'set POSTGRES_PASSWORD, or give it on standard input with --password-stdin',
  });
});

test('migrate-manual tells of a wrong flag before it wants a password', async () => {
  const ended = await attempt(['migrate-manual', '--port', 'five']);
  expectRefusal(ended, { kind: 'config', says: 'one problem', problems: [{ says: '--port is not a port' }] });
});

test('a program that reads answers in JSON gets the error there', async () => {
  const { code, stdout } = await attempt(['status', '--json'], { env: POSTGRES });
  expect(code).toBe(78);
  expect(JSON.parse(stdout)).toMatchObject({
    error: { code: 78, name: 'config', problems: [{ message: NO_NEO4J.says }] },
  });
});
