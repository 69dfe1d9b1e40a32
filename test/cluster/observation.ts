import type { Kubectl } from './kubectl.ts';

/** What happened in a namespace, as the API server told it. */
export class Observation {
  readonly #phases = new Map<string, string[]>();
  readonly #exits = new Map<string, string>();
  readonly #jobs = new Map<string, string>();
  readonly #end: readonly (() => void)[];

  constructor(kubectl: Kubectl, namespace: string) {
    const within = ['--namespace', namespace];
    const exits =
      '{.status.initContainerStatuses[*].state.terminated.exitCode} {.status.containerStatuses[*].state.terminated.exitCode}';
    this.#end = [
      kubectl.watch([...within, 'pods'], `{.metadata.uid}|{.status.phase}|${exits}`, (line) => this.#pod(line)),
      kubectl.watch(
        [...within, 'jobs'],
        '{.metadata.uid}|{range .status.conditions[*]}{.type} {.reason};{end}',
        (line) => this.#job(line),
      ),
    ];
  }

  end(): void {
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
    const [uid = '', conditions = ''] = line.split('|');
    const ends = conditions.split(';').filter((condition) => /^(Complete|Failed)\b/.test(condition));
    if (uid !== '' && ends.length > 0)
      this.#jobs.set(uid, ends.map((end) => end.replace('CompletionsReached', '').trim()).join(', '));
  }
}
