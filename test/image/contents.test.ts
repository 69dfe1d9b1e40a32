import { readdir } from 'node:fs/promises';
import { expect, inject, test } from 'vitest';
import { imageSize } from '../../scripts/image/size.ts';
import { run } from '../servers/command.ts';
import { container, docker, runImage } from './container.ts';

const image = inject('image');

/** What Docker puts into each container. */
const OF_EVERY_CONTAINER = /^(\.dockerenv|(dev|proc|sys)\/.*|etc\/(hostname|hosts|resolv\.conf|mtab))$/;

/** Every file of the image with its mode, as `tar` lists it. */
async function files(): Promise<readonly { readonly mode: string; readonly path: string }[]> {
  const { name } = await container([]);
  const host = inject('dockerHost');
  const env = { ...process.env, ...(host !== undefined && { DOCKER_HOST: host }) };
  const listing = await run('sh', ['-c', 'docker export "$0" | tar -tv', name], { env });
  return listing
    .trim()
    .split('\n')
    .map((line) => {
      const [mode = '', , , , , path = ''] = line.split(/\s+/);
      return { mode, path };
    })
    .filter(({ path }) => !OF_EVERY_CONTAINER.test(path));
}

test('has no program but Node and ours, and nothing that lends rights', async () => {
  const all = await files();
  const programs = all.filter(({ mode, path }) => /^-.*x/.test(mode) && !/\.so(\.|$)/.test(path));
  expect(programs.map(({ path }) => path).sort()).toEqual(['opt/localrag-migrate/dist/bin.js', 'usr/local/bin/node']);
  expect(all.filter(({ mode }) => /s/i.test(mode.slice(1)))).toEqual([]);
  const paths = all.map(({ path }) => path);
  for (const name of await readdir('migrations')) expect(paths).toContain(`opt/localrag-migrate/migrations/${name}`);
  for (const needed of ['etc/ssl/certs/ca-certificates.crt', 'opt/localrag-migrate/dist/sbom.spdx.json', 'tmp/'])
    expect(paths).toContain(needed);
});

test('can be written to by nobody but in /tmp', async () => {
  const open = (await files()).filter(({ mode }) => !mode.startsWith('l') && mode[8] === 'w');
  expect(open.map(({ path }) => path)).toEqual(['tmp/']);
});

test('has no shell', async () => {
  for (const shell of ['sh', '/bin/sh', '/bin/bash', '/busybox/sh']) {
    const attempt = runImage([], { options: ['--entrypoint', shell] });
    await expect(attempt, shell).rejects.toThrow(/no such file|not found/);
  }
});

test('runs as nobody in particular, starts our program, and carries its labels', async () => {
  const [inspected] = JSON.parse(await docker('image', 'inspect', image)) as [{ Config: Record<string, unknown> }];
  expect(inspected.Config).toMatchObject({
    User: '65532:65532',
    Entrypoint: ['localrag-migrate'],
    Cmd: ['migrate'],
    WorkingDir: '/app',
    Labels: {
      'org.opencontainers.image.title': 'localrag-migrate',
      'org.opencontainers.image.licenses': 'MIT',
      'org.opencontainers.image.version': expect.stringMatching(/^\d+\.\d+\.\d+/),
      'org.opencontainers.image.revision': expect.stringMatching(/^[0-9a-f]{40}$/),
      'org.opencontainers.image.created': expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    },
  });
});

test('knows certificates, host names and its user', async () => {
  const script = `
    const tls = require('node:tls'), dns = require('node:dns').promises, os = require('node:os');
    dns.lookup('localhost').then(({ address }) => console.log(JSON.stringify({
      trusted: tls.getCACertificates('system').length, address, user: os.userInfo().username, uid: process.getuid() })));`;
  const ended = await runImage(['--use-system-ca', '--eval', script], { options: ['--entrypoint', 'node'] });
  expect(ended.stderr).toBe('');
  const found = JSON.parse(ended.stdout);
  expect(found).toMatchObject({ user: 'nonroot', uid: 65532, address: expect.stringMatching(/^(127\.0\.0\.1|::1)$/) });
  expect(found.trusted).toBeGreaterThan(100);
});

test('V8 takes the code cache that was made when it was built', async () => {
  const { code, stderr } = await runImage(['--version'], { env: { NODE_DEBUG: 'localrag-migrate' } });
  expect([code, stderr]).toEqual([0, expect.stringContaining('code cache accepted')]);
});

test('lists what it is made of', async () => {
  const script = "process.stdout.write(require('node:fs').readFileSync('/opt/localrag-migrate/dist/sbom.spdx.json'))";
  const { stdout } = await runImage(['--eval', script], { options: ['--entrypoint', 'node'] });
  const { packages } = JSON.parse(stdout) as { packages: { name: string }[] };
  expect(packages.map(({ name }) => name)).toEqual(expect.arrayContaining(['localrag-migrate', 'pg', 'neo4j-driver']));
  expect(packages.map(({ name }) => name)).not.toContain('vitest');
});

test('is at most 45 MB to transfer', async () => {
  const { gzip, zstd, unpacked } = await imageSize(docker, image);
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
  process.stdout.write(`${image}: ${megabytes(gzip)} gzip, ${megabytes(zstd)} zstd, ${megabytes(unpacked)} unpacked\n`);
  // As the release pushes it.
  expect(zstd).toBeLessThanOrEqual(45e6);
});
