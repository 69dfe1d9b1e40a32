import { run } from './command.ts';
import { withProgress } from './progress.ts';

/**
 * Makes sure that a Docker daemon answers and has the image, pulling it when it must.
 * @throws {Error} in a sentence, within bounded time
 */
export async function requireImage(image: string): Promise<void> {
  daemon ??= run('docker', ['info', '--format', '{{.ServerVersion}}'], { timeout: 10_000 }).then(
    () => true,
    () => false,
  );
  if (!(await daemon)) throw new Error('no Docker daemon answers');
  const present = await run('docker', ['image', 'inspect', image], { timeout: 10_000 }).then(
    () => true,
    () => false,
  );
  if (present) return;
  try {
    await withProgress(`Pulling ${image}`, () => run('docker', ['pull', '--quiet', image], { timeout: 300_000 }));
  } catch (cause) {
    throw new Error(`Docker could not pull ${image}`, { cause });
  }
}
let daemon: Promise<boolean> | undefined;
