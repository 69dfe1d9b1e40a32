import type { Kubectl } from './kubectl.ts';

/** Of one object, in kubectl's words, which turn a tab into spaces. */
const EXITS = ['initContainerStatuses', 'containerStatuses'].map(
  (containers) => `{.status.${containers}[*].state.terminated.exitCode}`,
);
const POD = `{.metadata.uid}|{.status.phase}|${EXITS.join(' ')}`;
const JOB = '{.metadata.uid}|{.status.conditions[*].type}|{.status.conditions[*].reason}';

/** What happened in a namespace, as the API server told it. */
export class Observation {
  readonly #kubectl: Kubectl;
  readonly #namespace: string;
  readonly #phases = new Map<string, string[]>();
  readonly #exits = new Map<string, string>();
  readonly #jobs = new Map<string, string>();
  readonly #end: readonly (() => void)[];

  constructor(kubectl: Kubectl, namespace: string) {
    this.#kubectl = kubectl;
    this.#namespace = namespace;
    this.#end = [
      kubectl.watch(['pods', '--namespace', namespace], POD, (line) => this.#pod(line)),
      kubectl.watch(['jobs', '--namespace', namespace], JOB, (line) => this.#job(line)),
    ];
  }

  /** Looks once more, because what is watched comes a moment later, and no longer after that. */
  async end(): Promise<void> {
    for (const [kind, state, tell] of [
      ['pods', POD, (line: string) => this.#pod(line)],
      ['jobs', JOB, (line: string) => this.#job(line)],
    ] as const) {
      const jsonpath = `--output=jsonpath={range .items[*]}${state}{"\\n"}{end}`;
      const lines = await this.#kubectl.run(['get', kind, '--namespace', this.#namespace, jsonpath]);
      for (const line of lines.split('\n')) tell(line);
    }
    for (const end of this.#end) end();
  }

  /** Each pod's phases in their order and its containers' exit codes; the same ones counted. */
  get pods(): string {
    const lives = [...this.#phases].map(([uid, phases]) => {
      const exit = this.#exits.get(uid);
      return `${phases.join('→')}${exit === undefined ? '' : ` (${exit})`}`;
    });
    const counted = Map.groupBy(lives, (life) => life);
    return [...counted].map(([life, { length }]) => (length > 1 ? `${length} × ${life}` : life)).join(', ');
  }

  /** Exit codes, one a pod that had one. */
  get exits(): readonly string[] {
    return [...this.#exits.values()];
  }

  get jobs(): string {
    return [...this.#jobs.values()].join(', ');
  }

  #pod(line: string): void {
    const [uid = '', phase = '', exits = ''] = line.split('|');
    if (uid === '' || phase === '') return;
    const phases = this.#phases.get(uid) ?? [];
    if (phases.at(-1) !== phase) phases.push(phase);
    this.#phases.set(uid, phases);
    if (exits.trim()) this.#exits.set(uid, exits.trim());
  }

  #job(line: string): void {
    const [uid = '', types = '', reasons = ''] = line.split('|');
    const end = types.split(' ').findIndex((type) => type === 'Complete' || type === 'Failed');
    if (uid === '' || end < 0) return;
    const [type, reason] = [types.split(' ')[end], reasons.split(' ')[end]];
    this.#jobs.set(uid, type === 'Complete' ? 'Complete' : `Failed ${reason}`);
  }
}
