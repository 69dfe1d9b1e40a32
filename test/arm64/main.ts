import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { arm64Base } from './base.ts';
import { emulateArm64 } from './emulation.ts';

/**
 * The image for arm64, built by the Dockerfile's instructions and run under QEMU, beside servers of this machine.
 *
 *   npm run test:arm64
 */
const { values: options } = parseArgs({
  options: {
    // Exit with 0 if this machine cannot run arm64 programs.
    'skip-if-missing': { type: 'boolean', default: false },
  },
});

const missing = await missingReason();
if (missing === undefined) {
  const child = spawn('vitest', ['run', '--config', 'test/arm64/vitest.config.ts'], { stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  process.exitCode = code ?? 1;
} else {
  process.stdout.write(`Left out: the image for arm64, because ${missing}\n`);
  process.exitCode = options['skip-if-missing'] ? 0 : 1;
}

/** Prepares what the build starts from, which later runs find in the cache. */
async function missingReason(): Promise<string | undefined> {
  try {
    const emulation = await emulateArm64();
    await arm64Base(emulation).finally(emulation.stop);
    return undefined;
  } catch (error) {
    return (error as Error).message.replaceAll(/\s*\n\s*/g, '; ');
  }
}
