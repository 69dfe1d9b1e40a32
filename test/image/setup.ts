import type { TestProject } from 'vitest/node';
import { acquireDocker } from '../../scripts/image/docker.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Under which name the image is to be found. */
    image: string;
    dockerHost: string | undefined;
  }
}

/** The daemon that has the image: IMAGE, or what `npm run image` builds. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const docker = await acquireDocker();
  const image = process.env.IMAGE || 'localrag-migrate:dev';
  try {
    await docker.ask(['image', 'inspect', image]);
  } catch (cause) {
    await docker.stop();
    throw new Error(`There is no image ${image}: npm run image`, { cause });
  }
  project.provide('image', image);
  project.provide('dockerHost', docker.env.DOCKER_HOST);
  return () => docker.stop();
}
