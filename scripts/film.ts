const LIVE = /^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] /;

/**
 * What a recording shows of many screens: the lines that stayed, and between them the live line, each time that it said
 * something else, not just with other figures.
 */
export class Film {
  readonly #scenes: { readonly after: number; readonly live: string }[] = [];
  #stayed: readonly string[] = [];

  add(screen: string): void {
    const lines = screen
      .split('\n')
      .map((line) => line.trimEnd())
      .filter(Boolean);
    this.#stayed = lines.filter((line) => !LIVE.test(line));
    const live = lines.find((line) => LIVE.test(line));
    const last = this.#scenes.at(-1);
    const after = this.#stayed.length;
    if (live !== undefined && (last?.after !== after || !sameGist(last.live, live))) this.#scenes.push({ after, live });
  }

  /** After the last screen. */
  get lines(): readonly string[] {
    const until = (count: number) => this.#scenes.filter(({ after }) => after === count).map(({ live }) => live);
    return this.#stayed.flatMap((line, index) => [line, ...until(index + 1)]);
  }
}

/** Every quarter of a percentage is worth a line. */
function sameGist(one: string, other: string): boolean {
  const quarter = (line: string) => Math.floor(Number(/(\d+) % /.exec(line)?.[1] ?? 0) / 25);
  const [shorter = '', longer = ''] = [one, other].map(wordsOf).sort((a, b) => a.length - b.length);
  return quarter(one) === quarter(other) && longer.startsWith(shorter);
}

/** A live line without its figures, and as far as it fitted into the terminal. */
export function wordsOf(live: string): string {
  return live.replace(/^.*? s {2}([█░]+ {2}\d+ % {2})?(about .*? left {2})?/, '').replace(/…$/, '');
}

/** A line without what is another one in each recording, where it tells nobody anything. */
export function evened(line: string): string {
  return line
    .replace(LIVE, '⠹ ')
    .replace(/pid \d+/g, 'pid 4711')
    .replace(/since \d{4}-\d\d-\d\dT[\d:.]+Z/g, 'since 2026-01-31T12:00:00Z')
    .replace(/^restore point: [^,]+Z/, 'restore point: 2026-01-31T12:00:00.000Z')
    .replace(/LSN [\dA-F/]+/, 'LSN 0/16B3748')
    .replace(/since [\dT:-]*…$/, 'since …')
    .replace(/ in \d+\.\d s$/, ' in 12.3 s');
}
