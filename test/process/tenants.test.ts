import { mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EXIT } from '../../src/exit.ts';
import { directoryOf, run } from '../program.ts';

/** Nobody listens there, so a run ends with the address that it was told. */
const settings = (port: number, more = '') =>
  `POSTGRES_HOST=127.0.0.1\nPOSTGRES_PORT=${port}\nPOSTGRES_DB=localrag\nPOSTGRES_USER=app\n${more}`;
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
