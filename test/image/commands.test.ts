import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { freshPair, freshPostgres, postgresEnv } from '../journeys/pair.ts';
import { container, docker, onTerminal, runImage } from './container.ts';

const image = inject('image');
const events = (text: string): { event: string }[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));

test('docker run IMAGE migrates; again it finds nothing to do', async () => {
  const { postgres, neo4j, env } = await freshPair();
  const first = await runImage([], { env });
  expect([first.code, first.stdout]).toEqual([0, expect.stringContaining('Applied 6 migrations')]);
  expect(await postgres.query('SELECT count(*)::int AS n FROM migrations')).toEqual([{ n: 5 }]);
  expect(await neo4j.run('MATCH (m:_Migration) RETURN count(m) AS n')).toEqual([{ n: 1 }]);

  const second = await runImage([], { env });
  expect([second.code, second.stdout]).toEqual([0, 'Nothing to do: every migration is applied.\n']);
  expect(events(second.stderr).map(({ event }) => event)).not.toContain('applied');
  for (const command of ['wait', 'status', 'plan', 'verify', 'validate']) {
    const { code, stdout, stderr } = await runImage([command], { env });
    expect([command, code, stdout + stderr]).toEqual([command, 0, expect.any(String)]);
  }
});

test('wait says that migrations are missing', async () => {
  const { env } = await freshPair();
  const { code, stderr } = await runImage(['wait', '--wait-timeout', '2s'], { env });
  expect([code, stderr]).toEqual([69, expect.stringContaining('001')]);
});

test('health looks at Redis too', async () => {
  const { env } = await freshPair();
  const { code, stdout } = await runImage(['health'], { env: { ...env, REDIS_URL: inject('redis').url } });
  expect(code).toBe(0);
  for (const name of ['postgres', 'neo4j', 'redis']) expect(stdout).toMatch(new RegExp(`^${name}: true$`, 'm'));
});

test('--version, --help and an unknown command', async () => {
  expect(await runImage(['--version'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/schema 006/) });
  expect(await runImage(['--help'])).toMatchObject({ code: 0, stdout: expect.stringContaining('migrate-manual') });
  expect((await runImage(['nonsense'])).code).toBe(64);
});

test('runs as any other user, as OpenShift has it', async () => {
  const { env } = await freshPair();
  expect((await runImage(['migrate'], { env, options: ['--user', '1000710000:0'] })).code).toBe(0);
});

test('writes nothing, also where it could', async () => {
  const { env } = await freshPair();
  const created = await container(['migrate'], { env, hardening: [] });
  await created.start();
  expect((await created.ended()).code).toBe(0);
  expect(await docker('diff', created.name)).toBe('');
});

test('its program can be called in a running container', async () => {
  const closed = { POSTGRES_HOST: '127.0.0.1', POSTGRES_PORT: '1', POSTGRES_DB: 'none', POSTGRES_USER: 'nobody' };
  const created = await container(['postgres', 'wait'], { env: closed });
  await created.start();
  expect(await docker('exec', created.name, 'localrag-migrate', '--version')).toContain('schema 006');
});

test('leaves its last words where Kubernetes looks for them', async () => {
  const postgres = await freshPostgres();
  const directory = await directoryOf({ '001_bad.sql': 'SELECT 1;\nSELECT nothing FROM nowhere;\n', message: '' });
  // As the kubelet makes it: anybody may write.
  await chmod(join(directory, 'message'), 0o666);
  const mounts = [`${directory}:/migrations:ro`, `${join(directory, 'message')}:/dev/termination-log`];
  const { code } = await runImage(['postgres', 'migrate'], {
    env: { ...postgresEnv(postgres), MIGRATIONS_DIR: '/migrations' },
    options: mounts.flatMap((mount) => ['--volume', mount]),
  });
  expect(code).toBe(70);
  const message = JSON.parse(await readFile(join(directory, 'message'), 'utf8'));
  expect(message).toMatchObject({ code: 70, name: 'failed', migration: '001_bad.sql', line: 2, applied: [] });
});

describe('docker run -it IMAGE migrate-manual', () => {
  test('asks for the password, shows none of it, and migrates', async () => {
    const { host, port, database, user, password, query } = await freshPostgres();
    const flags = ['--host', host, '--port', String(port), '--database', database, '--user', user];
    // With the guide's own mount, which must not hide the program.
    const given = ['--volume', `${process.cwd()}:/app`, image, 'migrate-manual', ...flags];
    const { code, screen } = await onTerminal(given, [['Password: ', `${password}\r`]]);
    expect([code, screen]).toEqual([0, expect.stringContaining('Applied 5 migrations')]);
    expect(screen).not.toContain(password.slice(0, 6));
    expect(await query('SELECT count(*)::int AS n FROM migrations')).toEqual([{ n: 5 }]);
  });

  test('ends with 130 at Ctrl-C', async () => {
    const { code, screen } = await onTerminal([image, 'migrate-manual', '--host', 'nowhere'], [['Password: ', '\x03']]);
    expect([code, screen]).toEqual([130, expect.stringContaining('nothing was changed')]);
  });

  test('says so where nobody can be asked', async () => {
    const { code, stderr } = await runImage(['migrate-manual', '--host', 'nowhere']);
    expect([code, stderr]).toEqual([78, expect.stringContaining('--password-stdin')]);
  });
});

/** Readable by whoever the container's user is. */
async function directoryOf(files: Readonly<Record<string, string>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'image-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  await chmod(directory, 0o755);
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text, { mode: 0o644 });
  return directory;
}
