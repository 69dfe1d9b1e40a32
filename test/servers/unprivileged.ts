import { chown, mkdtemp, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { run } from './command.ts';
import { removeAtExit } from './lifetime.ts';

/** PostgreSQL refuses to run as root. This is `nobody` on every Linux that names it. */
const nobody = 65534;
const isRoot = process.getuid?.() === 0;

/** Options for spawn: root becomes nobody, everyone else stays who they are. */
export const serverIdentity: { uid?: number; gid?: number } = isRoot ? { uid: nobody, gid: nobody } : {};

/** Hands a file or directory to the user that servers run as. */
export async function giveToServer(path: string): Promise<void> {
  if (isRoot) await chown(path, nobody, nobody);
}

/**
 * A new directory for a server's data, owned by the user that the server runs as.
 * @param keep leave it behind when this process ends
 */
export async function serverDirectory(purpose: string, keep = false): Promise<string> {
  const temporary = (await reachableByServer(tmpdir())) ? tmpdir() : '/tmp';
  // Short, because a Unix socket's path may have 103 bytes on macOS and 107 on Linux.
  const directory = await mkdtemp(join(temporary, `lrm-${purpose}-`));
  if (!keep) removeAtExit(directory);
  await giveToServer(directory);
  return directory;
}

/**
 * Where the server can read an installation that lies in the cache: there, or, since root's home is
 * commonly closed to others, among hard links in `directory`, which cost neither time nor space (a copy
 * where the temporary directory is on another file system).
 */
export async function readableInstallation(installation: string, directory: string): Promise<string> {
  if (await reachableByServer(installation)) return installation;
  const linked = join(directory, 'installation');
  await run('cp', ['-a', '-l', installation, linked]).catch(() => run('cp', ['-a', installation, linked]));
  await makeReadable(linked);
  return linked;
}

/** Whatever umask it was installed under. */
export async function makeReadable(directory: string): Promise<void> {
  if (isRoot) await run('chmod', ['-R', 'a+rX', directory]);
}

async function reachableByServer(path: string): Promise<boolean> {
  if (!isRoot) return true;
  for (let directory = path; ; directory = dirname(directory)) {
    const { mode } = await stat(directory);
    if ((mode & 0o001) === 0) return false;
    if (directory === dirname(directory)) return true;
  }
}
