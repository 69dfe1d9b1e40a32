import { mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { COMMANDS } from '../../src/commands/commands.ts';
import { needsDatabases } from '../../src/commands/options.ts';
import { EXIT } from '../../src/exit.ts';
import { directoryOf, run } from '../program.ts';

/** Nobody listens there, so a run ends with the address that it was told. */
const settings = (port: number, more = '') =>
  `POSTGRES_HOST=127.0.0.1\nPOSTGRES_PORT=${port}\nPOSTGRES_DB=localrag\nPOSTGRES_USER=app\n${more}`;
const graph = (port: number) => `NEO4J_URI=bolt://127.0.0.1:${port}\nNEO4J_PASSWORD=unused\n`;
const TENANTS = { '000000-zeta.env': settings(1), '000001-acme.env': settings(2), '000002-beta.env': settings(3) };

const migrate = async (args: readonly string[], env: Readonly<Record<string, string>>) =>
  run(['postgres', 'migrate', ...args], { env: { WAIT_TIMEOUT: '1ms', ...env } });
const lastOf = (events: readonly Record<string, unknown>[]) => events.at(-1);

test.each([
  ['0', 'zeta', '127.0.0.1:1:'],
  ['2', 'beta', '127.0.0.1:3:'],
])('index %s is tenant %s', async (JOB_COMPLETION_INDEX, tenant, address) => {
  const TENANTS_DIR = await directoryOf(TENANTS);
  const ended = await migrate(['--tenant-index'], { TENANTS_DIR, JOB_COMPLETION_INDEX });
  expect(ended.code).toBe(EXIT.unreachable.code);
  expect(lastOf(ended.events)).toMatchObject({ tenant, message: expect.stringContaining(address) });
  for (const event of ended.events) expect(event.tenant).toBe(tenant);
});

test('an index may be said on the command line, for a run by hand', async () => {
  const TENANTS_DIR = await directoryOf(TENANTS);
  const ended = await migrate(['--tenant-index', '1'], { TENANTS_DIR, JOB_COMPLETION_INDEX: '0' });
  expect(lastOf(ended.events)).toMatchObject({ tenant: 'acme' });
});

const CONNECTING = COMMANDS.filter((command) => needsDatabases(command) && command.name !== 'migrate-manual');
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  baseline: ['--to', '1'],
  repair: ['--forget', '1', '--yes'],
};

test.each(
  CONNECTING.flatMap(({ name }) =>
    [['postgres'], ['neo4j'], []].map((scope) => [...scope, name, ...(NEEDED[name] ?? [])]),
  ),
)('--tenant and --tenant-index: %s %s %s %s', async (...words) => {
  const TENANTS_DIR = await directoryOf({
    '000000-zeta.env': settings(1, graph(2)),
    '000001-acme.env': settings(3, graph(4)),
  });
  // Of two databases some commands ask one after the other.
  const address = words[0] === 'neo4j' ? '127.0.0.1:4' : '127.0.0.1:3';
  for (const choice of [
    ['--tenant', 'acme'],
    ['--tenant-index', '1'],
  ]) {
    const { code, stdout, stderr, events } = await run([...words, ...choice], {
      env: { TENANTS_DIR, WAIT_TIMEOUT: '1ms' },
    });
    expect(code, stdout + stderr).toBe(EXIT.unreachable.code);
    expect(stdout + stderr).toContain(address);
    for (const event of events) expect(event.tenant).toBe('acme');
  }
});

test('--tenant is the name that the log has, whatever stands before and behind it in the name of the file', async () => {
  const TENANTS_DIR = await directoryOf({
    '000002-7-up': settings(1),
    'Plain.env': settings(2),
    '000003-a.env.b': settings(3),
  });
  for (const [wanted, name] of [
    ['7-up', '7-up'],
    ['Plain', 'Plain'],
    ['a.env.b', 'a.env.b'],
    // As the chart's values name it.
    ['Plain.env', 'Plain'],
  ] as const) {
    const { code, events } = await migrate(['--tenant', wanted], { TENANTS_DIR });
    expect([code, lastOf(events)?.tenant]).toEqual([EXIT.unreachable.code, name]);
  }
});

test('a name that no tenant has is refused with those that there are', async () => {
  const TENANTS_DIR = await directoryOf(TENANTS);
  const { code, events } = await migrate(['--tenant', 'acne'], { TENANTS_DIR });
  expect(code).toBe(EXIT.config.code);
  expect(lastOf(events)).toMatchObject({
    message: 'no tenant is called "acne"',
    hint: 'there are zeta, acme, beta',
  });
});

test('of many tenants, with those whose names are nearest', async () => {
  const names = Array.from({ length: 300 }, (_, index) => `customer-${String(index).padStart(3, '0')}`);
  const TENANTS_DIR = await directoryOf(
    Object.fromEntries([...names, 'acme'].map((name) => [`${name}.env`, settings(1)])),
  );
  const { code, events } = await migrate(['--tenant', 'acne'], { TENANTS_DIR });
  expect(code).toBe(EXIT.config.code);
  expect(lastOf(events)?.hint).toMatch(/^there are 301, the nearest in name: acme, customer-\d+, /);
  expect(String(lastOf(events)?.hint).length).toBeLessThan(200);
});

test('a name that two tenants have is refused with their files', async () => {
  const TENANTS_DIR = await directoryOf({ '000000-acme': settings(1), '000001-acme.env': settings(2) });
  const { code, events } = await migrate(['--tenant', 'acme'], { TENANTS_DIR });
  expect(code).toBe(EXIT.config.code);
  expect(lastOf(events)).toMatchObject({
    message: '2 tenants are called "acme": 000000-acme, 000001-acme.env',
    hint: 'name one by its place: --tenant-index 0 or --tenant-index 1',
  });
});

test.each([['--tenant-index'], ['--tenant-index', '1']])('both flags are refused: %s %s', async (...index) => {
  const TENANTS_DIR = await directoryOf(TENANTS);
  const { code, stderr } = await migrate(['--tenant', 'acme', ...index], { TENANTS_DIR, JOB_COMPLETION_INDEX: '1' });
  expect(code, stderr).toBe(EXIT.usage.code);
  expect(stderr).toContain('--tenant and --tenant-index');
});

test.each(CONNECTING.map(({ name }) => [name, ...(NEEDED[name] ?? [])]))(
  'where there are tenants and none is named, %s asks for one',
  async (...words) => {
    const env = { TENANTS_DIR: await directoryOf(TENANTS), JOB_COMPLETION_INDEX: '0' };
    for (const scope of [[], ['postgres'], ['neo4j']]) {
      const { code, events, stderr } = await run([...scope, ...words], { env });
      expect(code, stderr).toBe(EXIT.config.code);
      expect(stderr).not.toContain('not configured');
      expect(lastOf(events)?.problems).toEqual([
        {
          message: 'TENANTS_DIR is set, and the command line does not say which tenant is meant',
          hint: 'add --tenant NAME: there are zeta, acme, beta',
        },
      ]);
    }
  },
);

test('a tenant whose own file lacks a setting is asked for the setting', async () => {
  const TENANTS_DIR = await directoryOf({ 'acme.env': 'POSTGRES_HOST=127.0.0.1\n' });
  const { code, stderr } = await migrate(['--tenant', 'acme'], { TENANTS_DIR });
  expect(code).toBe(EXIT.config.code);
  expect(stderr).toContain('POSTGRES_DB is not set');
});

test('the termination message names the tenant, and no log its password', async () => {
  const TENANTS_DIR = await directoryOf({ 'acme.env': settings(1, 'POSTGRES_PASSWORD=correct-horse\n') });
  const TERMINATION_LOG = join(TENANTS_DIR, '.termination-log');
  const { stdout, stderr } = await migrate(['--tenant-index', '0'], {
    TENANTS_DIR,
    TERMINATION_LOG,
    LOG_LEVEL: 'debug',
  });
  const message = await readFile(TERMINATION_LOG, 'utf8');
  expect(JSON.parse(message)).toMatchObject({ tenant: 'acme', code: EXIT.unreachable.code });
  expect(stdout + stderr + message).not.toContain('correct-horse');
});

test("a tenant's settings win over what all of them share", async () => {
  const TENANTS_DIR = await directoryOf({ 'acme.env': settings(2) });
  const ended = await migrate(['--tenant-index', '0'], {
    TENANTS_DIR,
    POSTGRES_HOST: 'shared.example',
    POSTGRES_PORT: '9',
  });
  expect(lastOf(ended.events)?.message).toContain('127.0.0.1:2:');
});

test('a mounted Secret is read, with its symbolic links and without what they lead over', async () => {
  const directory = await directoryOf({});
  const data = await directoryOf(TENANTS);
  await mkdir(join(directory, '..2026_11_22'));
  await symlink(data, join(directory, '..data'));
  for (const name of Object.keys(TENANTS)) await symlink(join('..data', name), join(directory, name));
  const ended = await migrate(['--tenant-index', '1'], { TENANTS_DIR: directory });
  expect(lastOf(ended.events)).toMatchObject({ tenant: 'acme' });
});

test.each<[string, readonly string[], Readonly<Record<string, string>>, string | RegExp]>([
  ['no index', ['--tenant-index'], {}, 'JOB_COMPLETION_INDEX is not set'],
  ['an index that is no number', ['--tenant-index', 'acme'], {}, '--tenant-index is not a number from 0 on'],
  ['an index below 0', ['--tenant-index=-1'], {}, '--tenant-index is not a number from 0 on'],
  [
    'an index without a file',
    ['--tenant-index'],
    { JOB_COMPLETION_INDEX: '3' },
    /INDEX is 3, but .* the files of 3 tenants/,
  ],
  ['no directory', ['--tenant-index', '0'], { TENANTS_DIR: '' }, 'TENANTS_DIR is not set'],
  ['no directory for a name', ['--tenant', 'acme'], { TENANTS_DIR: '' }, 'TENANTS_DIR is not set'],
  ['an empty name', ['--tenant', ''], {}, '--tenant is empty'],
  ['an empty index', ['--tenant-index', ''], { JOB_COMPLETION_INDEX: '1' }, '--tenant-index is empty'],
  [
    'a directory that is not there',
    ['--tenant-index', '0'],
    { TENANTS_DIR: '/no/such' },
    /TENANTS_DIR: \/no\/such: no such file/,
  ],
])('%s ends with 78 before anybody connects', async (_what, args, env, message) => {
  const ended = await migrate(args, { TENANTS_DIR: await directoryOf(TENANTS), ...env });
  expect(ended.code).toBe(EXIT.config.code);
  expect(lastOf(ended.events)?.message).toEqual(expect.stringMatching(message));
});

test('what a file says wrongly is told with its name', async () => {
  const TENANTS_DIR = await directoryOf({ 'acme.env': settings(1, 'POSTGRES_PASSWORD="ab#cd\n') });
  const ended = await migrate(['--tenant-index', '0'], { TENANTS_DIR });
  expect(ended.code).toBe(EXIT.config.code);
  expect(JSON.stringify(lastOf(ended.events))).toContain('acme.env, line 5: is not an assignment');
});
