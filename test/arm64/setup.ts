import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { removeAtExit } from '../servers/lifetime.ts';
import { arm64Base } from './base.ts';
import { emulateArm64 } from './emulation.ts';
import { buildImage } from './image.ts';

declare module 'vitest' {
  interface ProvidedContext {
    arm64: {
      /** The image's root directory. */
      readonly root: string;
      /** The command line that runs a program in it, as the image's user. */
      readonly within: readonly string[];
      /** The command line that starts the image. */
      readonly command: readonly string[];
      readonly env: Readonly<Record<string, string>>;
    };
  }
}

/** Builds the image for arm64, and lets its programs run until the tests have ended. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'arm64-'));
  removeAtExit(directory);
  const emulation = await emulateArm64();
  const { root, env, user, entrypoint } = await buildImage(emulation, await arm64Base(emulation), directory);
  const within = emulation.within(root, user);
  project.provide('arm64', { root, within, command: [...within, ...entrypoint], env });
  return async () => {
    emulation.stop();
    await rm(directory, { recursive: true });
  };
}
