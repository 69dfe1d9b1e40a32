import { copyFile, cp, mkdir, realpath, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cached, exists } from '../../test/servers/cache.ts';
import { run } from '../../test/servers/command.ts';
import { withProgress } from '../../test/servers/progress.ts';
import type { Docker } from './docker.ts';
import { installPackages } from './packages.ts';

/** The release of Debian that the Dockerfile's base has. */
export const DEBIAN = 'trixie';
const node = fileURLToPath(new URL('../../node_modules/node/bin/node', import.meta.url));
/** Not the official name: an image of our own making must not pass for the official one. */
const name = `localrag-migrate/stand-in:node-${process.versions.node}-${DEBIAN}`;

/**
 * In place of `node:24-trixie-slim` where no registry can be reached: Debian by debootstrap, Node from the npm package, npm
 * from this machine. A build on it shows that the Dockerfile is right; it does not show the official base.
 * @returns its name
 * @throws {Error} where it cannot be made
 */
export async function standIn(docker: Docker): Promise<string> {
  const present = await docker.ask(['image', 'inspect', name]).catch(() => undefined);
  if (present !== undefined) return name;
  await installPackages({ debootstrap: 'debootstrap' });
  const made = await cached(`stand-in-node-${process.versions.node}-${DEBIAN}`, (directory) =>
    withProgress(`Making a stand-in for node:24-${DEBIAN}-slim (about 350 MB)`, () => make(directory)),
  );
  const environment = Object.entries(await baseEnvironment()).map(([name, value]) => `${name}=${value}`);
  const changes = environment.flatMap((variable) => ['--change', `ENV ${variable}`]);
  await docker.ask(['import', ...changes, join(made, 'root.tar'), name], 300_000);
  return name;
}

async function make(directory: string): Promise<void> {
  const root = join(directory, 'root');
  await run('debootstrap', ['--variant=minbase', DEBIAN, root], { timeout: 1_200_000 });
  await addNode(root, node);
  await run('tar', ['-C', root, '-cf', join(directory, 'root.tar'), '.'], { timeout: 300_000 });
  await rm(root, { recursive: true });
}

/** Adds Node, the npm that runs this script, and the certificates that this machine trusts. */
export async function addNode(root: string, program: string): Promise<void> {
  const modules = join(root, 'usr/local/lib/node_modules');
  await mkdir(modules, { recursive: true });
  await mkdir(join(root, 'opt/stand-in'), { recursive: true });
  await copyFile(program, join(root, 'usr/local/bin/node'));
  // The npm that runs this script; its `bin/npm-cli.js` is what the variable names.
  const npm = process.env.npm_execpath;
  if (npm === undefined) throw new Error('Start this by npm: npm run image');
  await cp(dirname(dirname(await realpath(npm))), join(modules, 'npm'), { recursive: true, verbatimSymlinks: true });
  await symlink('../lib/node_modules/npm/bin/npm-cli.js', join(root, 'usr/local/bin/npm'));
  // Whom this machine trusts: a proxy of its own may stand between it and the registry.
  const trusted = process.env.NODE_EXTRA_CA_CERTS || '/etc/ssl/certs/ca-certificates.crt';
  if (await exists(trusted)) await copyFile(trusted, join(root, 'opt/stand-in/ca.pem'));
}

/** The environment of a build on such a base. */
export async function baseEnvironment(): Promise<Record<string, string>> {
  const registry = (await run('npm', ['config', 'get', 'registry'])).trim();
  return { npm_config_registry: registry, NODE_EXTRA_CA_CERTS: '/opt/stand-in/ca.pem' };
}
