import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { removeAtExit } from './lifetime.ts';

const day = 24 * 60 * 60 * 1000;
const partial = '.partial-';

function cacheDirectory(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'localrag-migrate');
}

/**
 * The directory `name` in the cache, filled by `fill` the first time. Whoever changes what `fill` makes changes
 * the name with it: machines keep their caches from one version of the tests to the next.
 *
 * It appears whole or not at all: `fill` works beside it and a rename publishes the result. Two processes
 * that fill it at once do the work twice, and the second one throws its copy away: cheaper than a lock
 * that a killed process would leave behind.
 */
export async function cached(name: string, fill: (directory: string) => Promise<void>): Promise<string> {
  const cache = cacheDirectory();
  const published = join(cache, name);
  if (await exists(published)) return published;

  await mkdir(cache, { recursive: true });
  await removeAbandoned(cache);
  const directory = await mkdtemp(join(cache, `${partial}${name}-`));
  const forget = removeAtExit(directory);
  try {
    await fill(directory);
    await rename(directory, published);
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    const lostTheRace = ['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '');
    if (!lostTheRace) throw error;
  } finally {
    forget();
  }
  return published;
}

async function removeAbandoned(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    if (!name.startsWith(partial)) continue;
    const directory = join(cache, name);
    const { mtimeMs } = await stat(directory).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > day) await rm(directory, { recursive: true, force: true });
  }
}

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
