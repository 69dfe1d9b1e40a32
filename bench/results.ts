import { readFile, writeFile } from 'node:fs/promises';
import { type Measure, type Spread, spread } from './measure.ts';

export interface Row {
  readonly tool: string;
  readonly runs: number;
  readonly wall: Spread;
  readonly cpu: Spread;
  readonly memory: Spread;
}

export interface Kept {
  machine: Readonly<Record<string, string>>;
  missing: Readonly<Record<string, string>>;
  readonly cases: Record<string, Row[]>;
}

/** What was measured, by case and tool; kept in a file, so that cases can be measured again one by one. */
export class Results {
  readonly #path: string;
  readonly #kept: Kept;
  readonly #measured = new Map<string, Map<string, Measure[]>>();

  private constructor(path: string, kept: Kept) {
    this.#path = path;
    this.#kept = kept;
  }

  static async open(path: string): Promise<Results> {
    const text = await readFile(path, 'utf8').catch(() => '{"machine":{},"missing":{},"cases":{}}');
    return new Results(path, JSON.parse(text) as Kept);
  }

  get kept(): Kept {
    return this.#kept;
  }

  add(name: string, tool: string, measure: Measure): void {
    const tools = this.#measured.get(name) ?? new Map<string, Measure[]>();
    this.#measured.set(name, tools.set(tool, [...(tools.get(tool) ?? []), measure]));
    this.#kept.cases[name] = [...tools].map(([tool, measures]) => ({
      tool,
      runs: measures.length,
      wall: spread(measures.map(({ wall }) => wall)),
      cpu: spread(measures.map(({ cpu }) => cpu)),
      memory: spread(measures.map(({ memory }) => memory)),
    }));
  }

  fail(name: string, tool: string, reason: string): void {
    process.stderr.write(`${name}: ${tool}: ${reason}\n`);
    this.#kept.missing = { ...this.#kept.missing, [`${tool}, ${name}`]: reason.split('\n')[0]?.slice(0, 160) ?? '' };
  }

  describe(machine: Readonly<Record<string, string>>, missing: ReadonlyMap<string, string>): void {
    this.#kept.machine = machine;
    this.#kept.missing = Object.fromEntries(missing);
  }

  save(): Promise<void> {
    return writeFile(this.#path, `${JSON.stringify(this.#kept, null, 2)}\n`);
  }
}
