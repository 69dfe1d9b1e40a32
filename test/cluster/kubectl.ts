import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { type Ended, execute } from '../execute.ts';
import { killAtExit } from '../servers/lifetime.ts';

/** kubectl on one context; KUBECONFIG is kubectl's own. */
export class Kubectl {
  readonly context: string;

  constructor(context: string) {
    this.context = context;
  }

  /** Runs to its end, whatever that is. */
  attempt(args: readonly string[], input?: string): Promise<Ended> {
    return execute('kubectl', ['--context', this.context, ...args], input === undefined ? {} : { input });
  }

  /**
   * @returns stdout
   * @throws Error with kubectl's words
   */
  async run(args: readonly string[], input?: string): Promise<string> {
    const { code, stdout, stderr } = await this.attempt(args, input);
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr.trim()}`);
    return stdout;
  }

  async json<T>(args: readonly string[]): Promise<T> {
    return JSON.parse(await this.run([...args, '--output=json'])) as T;
  }

  /** Calls `tell` for every state of the objects that the API server reports, until the returned function is called. */
  watch(args: readonly string[], jsonpath: string, tell: (line: string) => void): () => void {
    const all = ['--context', this.context, 'get', ...args, '--watch', `--output=jsonpath=${jsonpath}{"\\n"}`];
    const child = spawn('kubectl', all, { stdio: ['ignore', 'pipe', 'ignore'] });
    const forget = killAtExit(child.pid as number);
    createInterface({ input: child.stdout }).on('line', tell);
    return () => {
      forget();
      child.kill();
    };
  }
}
