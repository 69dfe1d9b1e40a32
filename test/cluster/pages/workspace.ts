import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { type Helm, helmProgram } from '../../chart/helm-installation.ts';
import { ROOT } from '../../docs/documents.ts';
import { type Ended, execute } from '../../execute.ts';
import { run } from '../../servers/command.ts';
import { removeAtExit } from '../../servers/lifetime.ts';
import type { Kubectl } from '../kubectl.ts';

/** The published image, as manifests name it. */
const PUBLISHED = /(\bimage: )(?:[\w.-]+\/)*localrag-migrate:\S+/g;
const SYSTEM_PATH = ['/usr/local/bin', '/usr/bin', '/bin'];
/** No command of a page takes longer; what hangs must not use up the time of the whole run. */
const LIMIT_SECONDS = 300;

export interface WorkspaceOptions {
  readonly kubectl: Kubectl;
  readonly helm: Helm;
  /** The image under test: name:tag. */
  readonly image: string;
  /** Files that the reader has, by name. */
  readonly files: Readonly<Record<string, string>>;
  /** Variables that the page expects. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * A reader's shell: the repository's charts and examples, kubectl and Helm, a kubeconfig, the variables that the page
 * names, and nothing else of this process. The page names the published image, which no test can pull. So the `helm` in
 * the PATH ends its arguments with the image under test, and every manifest is a copy that names it.
 */
export class Workspace {
  readonly #directory: string;
  readonly #state: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #image: string;

  private constructor(home: string, { env, image }: WorkspaceOptions) {
    this.#directory = join(home, 'work');
    this.#state = join(home, 'state');
    this.#image = image;
    const PATH = [join(home, 'bin'), ...SYSTEM_PATH].join(delimiter);
    this.#env = { ...env, PATH, HOME: home, KUBECONFIG: join(home, 'kubeconfig'), LANG: 'C.UTF-8' };
  }

  static async open(options: WorkspaceOptions): Promise<Workspace> {
    const home = await mkdtemp(join(tmpdir(), 'localrag-migrate-page-'));
    removeAtExit(home);
    const workspace = new Workspace(home, options);
    await mkdir(join(home, 'bin'));
    await writeFile(workspace.#state, '');
    // The reader's kubectl has one context, which is the current one.
    const flags = ['config', 'view', '--minify', '--flatten', '--raw'];
    await writeFile(join(home, 'kubeconfig'), await options.kubectl.run(flags), { mode: 0o600 });
    await symlink((await run('sh', ['-c', 'command -v kubectl'])).trim(), join(home, 'bin', 'kubectl'));
    await writeFile(join(home, 'bin', 'helm'), helmScript(await helmProgram(options.helm), options.image));
    await chmod(join(home, 'bin', 'helm'), 0o755);
    for (const part of ['charts', 'examples'])
      await cp(join(ROOT, part), join(workspace.#directory, part), { recursive: true });
    await workspace.write('examples/job.yaml', await readFile(join(ROOT, 'examples/job.yaml'), 'utf8'));
    for (const [name, text] of Object.entries(options.files)) await workspace.write(name, text);
    return workspace;
  }

  async write(name: string, text: string): Promise<void> {
    const path = join(this.#directory, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(
      path,
      text.replaceAll(PUBLISHED, (_, key) => `${key}${this.#image}`),
    );
  }

  /** Runs in the same shell as what came before, as far as variables and functions go. stdout has both streams, as on a terminal. */
  shell(script: string): Promise<Ended> {
    const text = `exec 2>&1
. '${this.#state}'
trap "{ export -p; declare -f; } > '${this.#state}'" EXIT
set -ae
${script}`;
    return execute('timeout', [String(LIMIT_SECONDS), 'bash', '-c', text], { env: this.#env, cwd: this.#directory });
  }

  async close(): Promise<void> {
    await rm(dirname(this.#directory), { recursive: true, force: true });
  }
}

/** `--set-string` overrides `--set` and files of values. */
function helmScript(program: string, image: string): string {
  const [repository, tag] = image.split(/:(?=[^:]*$)/);
  const values = `image.registry=,image.repository=${repository},image.tag=${tag},image.digest=`;
  return `#!/bin/sh
case $1 in
  install | upgrade | template) exec '${program}' "$@" --set-string '${values}' ;;
  *) exec '${program}' "$@" ;;
esac
`;
}
