import { cp, mkdir, mkdtemp, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { ROOT } from '../docs/documents.ts';
import { cached } from '../servers/cache.ts';
import { run } from '../servers/command.ts';
import { removeAtExit } from '../servers/lifetime.ts';
import { withProgress } from '../servers/progress.ts';

/** What `npm pack` reads in a checkout that has never been built. Without a lock file nothing is installed again. */
export const SOURCES = ['package.json', '.npmrc', 'README.md', 'LICENSE', 'migrations', 'scripts', 'src'];

const QUIET = ['--no-audit', '--no-fund', '--loglevel=error'];

/**
 * The path of the package, packed from a copy of the checkout: the build that `npm pack` starts removes dist/ for a moment,
 * and other tests need it.
 */
export async function packed(): Promise<string> {
  const directory = await temporaryDirectory();
  for (const source of SOURCES) await cp(join(ROOT, source), join(directory, source), { recursive: true });
  await symlink(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
  const output = await run('npm', ['pack', '--json', '--loglevel=error'], {
    cwd: directory,
    env: environmentOf(directory),
  });
  // The build prints its own lines first.
  const [{ filename }] = JSON.parse(output.slice(output.indexOf('\n[') + 1)) as [{ filename: string }];
  return join(directory, filename);
}

/** A directory with nothing but the installed package. Without a network: the package needs no other. */
export async function installed(tarball: string): Promise<string> {
  const directory = await temporaryDirectory();
  await run('npm', ['install', '--offline', ...QUIET, tarball], { cwd: directory, env: environmentOf(directory) });
  return directory;
}

/** The environment of a user who has `node` first on the PATH; nothing of the npm that runs the tests gets through. */
export function environmentOf(home: string, node?: string): NodeJS.ProcessEnv {
  const path = process.env.PATH ?? '';
  return { HOME: home, PATH: node === undefined ? path : `${node}${delimiter}${path}` };
}

/** The directory with the program `node` of one version, from npm. */
export async function nodeDirectory(version: string): Promise<string> {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const name = `node-${platform}-${process.arch}`;
  const directory = await cached(`${name}-${version}`, (directory) =>
    withProgress(`Downloading Node ${version} (40 MB)`, async () => {
      await mkdir(directory, { recursive: true });
      const options = ['--prefix', directory, '--no-save', '--no-package-lock', ...QUIET];
      await run('npm', ['install', ...options, `${name}@${version}`], { cwd: directory });
    }),
  );
  return join(directory, 'node_modules', name, 'bin');
}

async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'localrag-migrate-package-'));
  removeAtExit(directory);
  return directory;
}
