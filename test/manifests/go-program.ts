import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from '../servers/cache.ts';
import { run } from '../servers/command.ts';
import { withProgress } from '../servers/progress.ts';

const SOURCES = join(import.meta.dirname, 'go');
const ENVIRONMENT = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=mod', GOWORK: 'off' };

export interface GoProgram {
  /** Its directory in go/. */
  readonly name: string;
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

/** The path of a program of this repository, built the first time that its source or module file is seen. */
export async function goProgram({ name, version, module }: GoProgram): Promise<string> {
  const source = join(SOURCES, name);
  const directory = await cached(`manifests-${name}-${version}-${await digest(source, module)}`, (directory) =>
    withProgress(`Building ${name} for ${version}`, async () => {
      const work = join(directory, 'work');
      await cp(source, work, { recursive: true });
      await writeFile(join(work, 'go.mod'), module);
      await go(['build', '-p', '2', '-trimpath', '-ldflags', '-s -w', '-o', join(directory, name), '.'], work);
      await rm(work, { recursive: true });
    }),
  );
  return join(directory, name);
}

/** The path of a program that is installed from its own module. */
export async function installedGoProgram(name: string, path: string, version: string): Promise<string> {
  const directory = await cached(`manifests-${name}-${version}`, (directory) =>
    withProgress(`Building ${name} ${version}`, async () => {
      await mkdir(directory, { recursive: true });
      await go(['install', '-p', '2', '-trimpath', '-ldflags', '-s -w', `${path}@${version}`], directory, {
        GOBIN: directory,
      });
    }),
  );
  return join(directory, name);
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
