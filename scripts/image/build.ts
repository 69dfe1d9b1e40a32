import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { run } from '../../test/servers/command.ts';
import { progress, withProgress } from '../../test/servers/progress.ts';
import type { Docker } from './docker.ts';
import { standIn } from './stand-in.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface ImageRequest {
  readonly tag: string;
  /** Default: the Dockerfile's own, or a stand-in where it cannot be pulled. */
  readonly buildBase?: string | undefined;
  /** Default: the Dockerfile's own. */
  readonly runtimeBase?: string | undefined;
}

/** Builds the image of this checkout, with its labels. */
export async function buildImage(docker: Docker, request: ImageRequest): Promise<void> {
  const buildBase = request.buildBase ?? (await reachableBase(docker));
  const labels = await labelled();
  const args = { BUILD_BASE: buildBase, ...(request.runtimeBase && { RUNTIME_BASE: request.runtimeBase }), ...labels };
  const buildArgs = Object.entries(args).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
  await docker.show(['build', ...docker.network, '--tag', request.tag, ...buildArgs, root]);
}

/** The Dockerfile's BUILD_BASE if it is here or can be pulled, else a stand-in. */
async function reachableBase(docker: Docker): Promise<string> {
  const dockerfile = await readFile(`${root}Dockerfile`, 'utf8');
  const base = /^ARG BUILD_BASE=(.+)$/m.exec(dockerfile)?.[1];
  if (base === undefined) throw new Error('The Dockerfile names no BUILD_BASE.');
  const present = await docker.ask(['image', 'inspect', base]).catch(() => undefined);
  if (present !== undefined) return base;
  try {
    await withProgress(`Pulling ${base}`, () => docker.ask(['pull', '--quiet', base], 300_000));
    return base;
  } catch (error) {
    progress(`${base} cannot be pulled: ${(error as Error).message.split('\n').at(-1)}`);
    progress('A stand-in takes its place: this build shows the Dockerfile, not the official base.');
    return standIn(docker);
  }
}

async function labelled(): Promise<Record<string, string>> {
  const { version } = JSON.parse(await readFile(`${root}package.json`, 'utf8')) as { version: string };
  const git = (...args: string[]) => run('git', args, { cwd: root }).then((text) => text.trim());
  try {
    const REVISION = await git('rev-parse', 'HEAD');
    const CREATED = await git('show', '--no-patch', '--format=%cI', 'HEAD');
    return { VERSION: version, REVISION, CREATED };
  } catch {
    // An archive of the source has no history.
    return { VERSION: version };
  }
}
