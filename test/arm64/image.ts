import { cp, mkdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { baseEnvironment } from '../../scripts/image/stand-in.ts';
import { run } from '../servers/command.ts';
import { progress, withProgress } from '../servers/progress.ts';
import { type Instruction, stagesOf } from './dockerfile.ts';
import type { Emulation } from './emulation.ts';

const checkout = fileURLToPath(new URL('../..', import.meta.url));

/** An image without Docker: a root directory, and how its program is started. */
export interface Image {
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
  readonly user: string;
  readonly entrypoint: readonly string[];
}

/** Follows the instructions of the Dockerfile in `directory`, with `base` as BUILD_BASE and `scratch` as RUNTIME_BASE. */
export async function buildImage(emulation: Emulation, base: string, directory: string): Promise<Image> {
  const [build = [], runtime = []] = await stagesOf(join(checkout, 'Dockerfile'));
  const root = join(directory, 'build');
  await run('cp', ['--archive', '--reflink=auto', base, root], { timeout: 300_000 });
  await emulation.mount(root);
  await asOnThisMachine(root);
  const stage = {
    root,
    workdir: '/',
    env: { PATH: '/usr/local/bin:/usr/sbin:/usr/bin', ...(await baseEnvironment()) },
  };
  for (const instruction of build) await play(instruction, stage, emulation);
  return assemble(runtime, root, emulation);
}

interface Stage {
  readonly root: string;
  workdir: string;
  readonly env: Readonly<Record<string, string>>;
}

async function play({ name, text }: Instruction, stage: Stage, emulation: Emulation): Promise<void> {
  switch (name) {
    case 'FROM':
      return;
    case 'WORKDIR':
      stage.workdir = resolve(stage.workdir, text);
      await mkdir(join(stage.root, stage.workdir), { recursive: true });
      return;
    case 'COPY':
      return copy(text.split(/\s+/), join(stage.root, stage.workdir));
    case 'RUN':
      return withProgress(`arm64: ${text}`, () => runIn(stage, text, emulation));
    default:
      throw new Error(`The Dockerfile has an instruction that this build does not know: ${name} ${text}`);
  }
}

async function runIn({ root, workdir, env }: Stage, command: string, emulation: Emulation): Promise<void> {
  const [program = '', ...args] = ['nice', ...emulation.within(root), '/bin/sh', '-c', `cd ${workdir} && ${command}`];
  await run(program, args, { env, timeout: 900_000 });
}

/** Files go into a directory whose name ends with a slash; a directory's contents go into the target. */
async function copy(words: readonly string[], workdir: string): Promise<void> {
  const target = words.at(-1) ?? '';
  for (const source of words.slice(0, -1)) {
    const path = join(checkout, source);
    const whole = (await stat(path)).isDirectory() || !target.endsWith('/');
    await cp(path, join(workdir, target, whole ? '' : basename(source)), { recursive: true });
  }
}

/** The last stage: what it copies from the build stage, and the settings that a container starts with. */
async function assemble(runtime: readonly Instruction[], build: string, emulation: Emulation): Promise<Image> {
  const textOf = (name: string) => {
    const texts = runtime.filter((instruction) => instruction.name === name).map(({ text }) => text);
    if (texts.length !== 1) throw new Error(`The Dockerfile's last stage has ${texts.length} instructions ${name}.`);
    return texts[0] as string;
  };
  const [, from] = /^--from=build (\S+) \/$/.exec(textOf('COPY')) ?? [];
  if (from === undefined) throw new Error(`The Dockerfile's last stage copies something else: ${textOf('COPY')}`);
  const root = join(build, from);
  await emulation.mount(root);
  await asOnThisMachine(root);
  const env = Object.fromEntries(
    textOf('ENV')
      .split(/\s+/)
      .map((pair) => pair.split('=', 2)),
  );
  progress(`The image for arm64 is in ${root}`);
  return { root, env, user: textOf('USER'), entrypoint: JSON.parse(textOf('ENTRYPOINT')) };
}

/** Host names, as a container runtime gives them. */
async function asOnThisMachine(root: string): Promise<void> {
  for (const file of ['etc/hosts', 'etc/resolv.conf']) await cp(`/${file}`, join(root, file), { dereference: true });
}
