import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from '../servers/cache.ts';
import { CommandMissing, run } from '../servers/command.ts';
import { withProgress } from '../servers/progress.ts';

const SOURCES = join(import.meta.dirname, 'go');
const BUILD = ['build', '-p', '2', '-trimpath', '-ldflags', '-s -w'];
const ENVIRONMENT = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=mod', GOWORK: 'off' };

export interface GoProgram {
  /** Its directory in `sources`. */
  readonly name: string;
  /** The directory with the sources of programs; the default is go/ beside this file. */
  readonly sources?: string;
  /** What tells this build from others of the same source. */
  readonly version: string;
  /** The content of its go.mod; the versions that it pins decide those of all other modules. */
  readonly module: string;
}

/** The engine of `kubectl kustomize`, without kubectl. */
export const KUSTOMIZE: GoProgram = {
  name: 'kustomize',
  version: '0.21.1',
  module: 'module kustomize\n\ngo 1.24.0\n\nrequire sigs.k8s.io/kustomize/api v0.21.1\n',
};

export async function hasGo(): Promise<boolean> {
  try {
    await run('go', ['version']);
    return true;
  } catch (error) {
    if (error instanceof CommandMissing) return false;
    throw error;
  }
}

/** The path of a program of this repository, built the first time that its source or module file is seen. */
export async function goProgram({ name, sources = SOURCES, version, module }: GoProgram): Promise<string> {
  const source = join(sources, name);
  const directory = await built(`manifests-${name}-${version}-${await digest(source, module)}`, (directory) =>
    withProgress(`Building ${name} for ${version}`, async () => {
      const work = join(directory, 'work');
      await cp(source, work, { recursive: true });
      await writeFile(join(work, 'go.mod'), module);
      await go([...BUILD, '-o', join(directory, name), '.'], work);
      await rm(work, { recursive: true });
    }),
  );
  return join(directory, name);
}

/** The path of a program that is installed from its own module. */
export async function installedGoProgram(name: string, path: string, version: string): Promise<string> {
  const directory = await built(`manifests-${name}-${version}`, (directory) =>
    withProgress(`Building ${name} ${version}`, async () => {
      await mkdir(directory, { recursive: true });
      await go(['install', '-p', '2', '-trimpath', '-ldflags', '-s -w', `${path}@${version}`], directory, {
        GOBIN: directory,
      });
    }),
  );
  return join(directory, name);
}

export interface PackageProgram {
  readonly name: string;
  readonly module: string;
  readonly version: string;
  /** The path of its main package. */
  readonly package: string;
}

/** The path of a program whose module has replacements, which `go install` refuses. */
export async function packageProgram({ name, module, version, ...program }: PackageProgram): Promise<string> {
  const directory = await built(`go-${name}-${version}`, (directory) =>
    withProgress(`Building ${name} ${version}`, async () => {
      const work = join(directory, 'work');
      await mkdir(work, { recursive: true });
      await writeFile(join(work, 'go.mod'), await moduleFileRequiring(module, version));
      await go([...BUILD, '-o', join(directory, name), program.package], work);
      await rm(work, { recursive: true });
    }),
  );
  return join(directory, name);
}

/**
 * The content of a go.mod that requires a module and repeats its replacements, which count only in a main module. Those
 * by directories cannot be repeated, and are left out.
 */
export async function moduleFileRequiring(module: string, version: string): Promise<string> {
  const { GoMod } = await downloadedModule(module, version);
  const { Go, Replace } = JSON.parse(await go(['mod', 'edit', '-json', GoMod])) as ModuleFile;
  const replaced = (Replace ?? [])
    .filter(({ New }) => New.Version !== undefined)
    .map(({ Old, New }) => `replace ${Old.Path} ${Old.Version ?? ''} => ${New.Path} ${New.Version}`);
  return ['module program', `go ${Go}`, `require ${module} ${version}`, ...replaced, ''].join('\n');
}

interface ModuleVersion {
  readonly Path: string;
  /** A directory has none. */
  readonly Version?: string;
}

/** As much of a go.mod as decides how its programs are built. */
interface ModuleFile {
  readonly Go: string;
  readonly Replace?: readonly { readonly Old: ModuleVersion; readonly New: ModuleVersion }[];
}

interface DownloadedModule {
  /** The directory with the module's files. */
  readonly Dir: string;
  /** The path of its go.mod. */
  readonly GoMod: string;
}

export async function downloadedModule(path: string, version: string): Promise<DownloadedModule> {
  return JSON.parse(await go(['mod', 'download', '-json', `${path}@${version}`]));
}

const builds = new Map<string, Promise<string>>();

/** Scenarios that run at once need the same program, and one build takes all cores. */
function built(name: string, build: (directory: string) => Promise<void>): Promise<string> {
  const running = builds.get(name) ?? cached(name, build);
  builds.set(name, running);
  return running;
}

/** Builds take all cores for minutes, so whatever else runs on the machine goes first. */
function go(args: readonly string[], cwd?: string, environment: NodeJS.ProcessEnv = {}): Promise<string> {
  const env = { ...ENVIRONMENT, ...environment };
  return run('nice', ['-n', '10', 'go', ...args], cwd === undefined ? { env } : { env, cwd });
}

async function digest(source: string, module: string): Promise<string> {
  const hash = createHash('sha256').update(module);
  for (const name of (await readdir(source)).sort()) hash.update(name).update(await readFile(join(source, name)));
  return hash.digest('hex').slice(0, 10);
}
