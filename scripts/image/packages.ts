import { run } from '../../test/servers/command.ts';
import { withProgress } from '../../test/servers/progress.ts';

/**
 * Installs from Debian what is missing, for root only.
 * @param programs program → the package that has it
 * @throws {Error} naming the packages, where that cannot be done here
 */
export async function installPackages(programs: Readonly<Record<string, string>>): Promise<void> {
  const missing: string[] = [];
  for (const [program, name] of Object.entries(programs)) {
    const found = await run('sh', ['-c', 'command -v "$0"', program]).catch(() => '');
    if (!found) missing.push(name);
  }
  if (missing.length === 0) return;
  const names = missing.join(' ');
  if (process.getuid?.() !== 0)
    throw new Error(`Not installed: ${names}. Install it, or run this as root on a Debian.`);
  // RUNLEVEL=1: a package's service is installed, not started.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  await withProgress(`Installing ${names}`, async () => {
    await run('apt-get', ['update', '-qq'], { env, timeout: 300_000 });
    await run('apt-get', ['install', '-qq', '--no-install-recommends', ...missing], { env, timeout: 600_000 });
  });
}
