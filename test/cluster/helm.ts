import { cp, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Helm, helmProgram } from '../chart/helm-installation.ts';
import { type Ended, execute } from '../execute.ts';
import { removeAtExit } from '../servers/lifetime.ts';

export type { Helm };
export type Values = Readonly<Record<string, unknown>>;
export type ChartPath = 'charts/localrag-migrate' | 'examples/app' | 'examples/umbrella';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The charts with what they depend on, and Helm's own files, apart from the user's. */
export class Charts {
  readonly #home: string;

  private constructor(home: string) {
    this.#home = home;
  }

  static async prepare(): Promise<Charts> {
    const home = await mkdtemp(join(tmpdir(), 'localrag-migrate-cluster-'));
    removeAtExit(home);
    for (const part of ['charts', 'examples']) await cp(join(root, part), join(home, part), { recursive: true });
    const charts = new Charts(home);
    for (const chart of ['charts/localrag-migrate', 'examples/app', 'examples/umbrella'] as const) {
      const { code, stderr } = await charts.helm('4', ['dependency', 'build', charts.path(chart)]);
      if (code !== 0) throw new Error(stderr);
    }
    return charts;
  }

  path(chart: ChartPath): string {
    return join(this.#home, chart);
  }

  /** A file of values; of several, each goes over those before it. */
  async values(values: Values): Promise<string> {
    const directory = await mkdtemp(join(this.#home, 'values-'));
    const path = join(directory, 'values.json');
    await writeFile(path, JSON.stringify(values), { mode: 0o600 });
    return path;
  }

  async helm(version: Helm, args: readonly string[]): Promise<Ended> {
    const within = (name: string) => join(this.#home, name);
    const env = {
      ...process.env,
      HELM_CACHE_HOME: within('cache'),
      HELM_CONFIG_HOME: within('config'),
      HELM_DATA_HOME: within('data'),
    };
    return execute(await helmProgram(version), args, { env });
  }
}
