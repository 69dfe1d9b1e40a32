import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PackageProgram, packageProgram } from '../../manifests/go-program.ts';
import { run } from '../../servers/command.ts';
import { killAtExit, removeAtExit } from '../../servers/lifetime.ts';
import type { Stage } from '../stage.ts';

/** Argo CD's engine with an agent around it: the engine that Argo CD 3.2 is built with. */
const AGENT: PackageProgram = {
  name: 'agent',
  module: 'github.com/argoproj/gitops-engine',
  version: 'v0.7.1-0.20251217140045-5baed5604d2d',
  package: 'github.com/argoproj/gitops-engine/agent',
};

const MANIFESTS = 'manifests.yaml';
const AUTHOR = ['-c', 'user.name=test', '-c', 'user.email=test@localhost'];
/** Of one sync; a hook that never becomes healthy would use up the time of the whole run. */
const LIMIT = 180_000;
/** The agent prints its results at the end of a sync; an error is all that it prints of a sync that could not begin. */
const ENDED = /^RESOURCE\s+RESULT$|Failed to (synchronize|parse)/m;

/** One application of Argo CD: a git repository of rendered manifests, synced to a scenario's namespace. */
export class GitOpsApplication {
  readonly #stage: Stage;
  readonly #repository: string;

  private constructor(stage: Stage, repository: string) {
    this.#stage = stage;
    this.#repository = repository;
  }

  static async create(stage: Stage): Promise<GitOpsApplication> {
    const repository = await mkdtemp(join(tmpdir(), 'localrag-migrate-gitops-'));
    removeAtExit(repository);
    await mkdir(repository, { recursive: true });
    await run('git', ['init', '--quiet', repository]);
    return new GitOpsApplication(stage, repository);
  }

  /**
   * Commits these manifests and synchronizes once, to success or failure.
   * @returns what the agent has printed
   */
  async sync(manifests: string): Promise<string> {
    await writeFile(join(this.#repository, MANIFESTS), manifests);
    await this.#git('add', '--all');
    await this.#git('commit', '--quiet', '--allow-empty', '--message', 'Change the application');
    const { namespace, kubectl } = this.#stage.props;
    const flags = ['--context', kubectl.context, '--default-namespace', namespace, '--namespaced', '--port', '0'];
    // It would synchronize again by itself, which would replace the hooks of a failed synchronization.
    const agent = spawn(await packageProgram(AGENT), [this.#repository, ...flags, '--resync-seconds', '86400']);
    const forget = killAtExit(agent.pid as number);
    try {
      return await printedUntil(agent, ENDED);
    } finally {
      if (agent.exitCode === null && agent.kill()) await once(agent, 'close');
      forget();
    }
  }

  #git(...args: readonly string[]): Promise<string> {
    return run('git', ['-C', this.#repository, ...AUTHOR, ...args]);
  }

  async remove(): Promise<void> {
    await rm(this.#repository, { recursive: true });
  }
}

function printedUntil(agent: ChildProcess, end: RegExp): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let printed = '';
  const failed = (why: string) => reject(new Error(`The agent ${why}: ${printed.slice(-2000)}`));
  const limit = setTimeout(() => failed('has not finished'), LIMIT);
  for (const stream of [agent.stdout, agent.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      if (end.test(printed)) resolve(printed);
    });
  }
  agent.once('error', reject).once('close', () => failed('has ended'));
  return promise.finally(() => clearTimeout(limit));
}
