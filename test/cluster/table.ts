export interface Row {
  readonly scenario: string;
  readonly helm: string;
  readonly pods: string;
  readonly jobs: string;
  /** Helm's own words, where it failed. */
  readonly said: string;
  readonly seconds: number;
  /** Empty: as it must be. */
  readonly wrong: string;
}

/** In Markdown. */
export function table(rows: readonly Row[]): string {
  const head = ['scenario', 'Helm', 'pods (exit codes)', 'Job', 'Helm says', 'seconds', 'result'];
  const lines = rows.map(({ scenario, helm, pods, jobs, said, seconds, wrong }) =>
    [scenario, helm, pods, jobs, said, seconds.toFixed(0), wrong ? 'FAILED' : 'passed'].map((cell) =>
      cell.replaceAll('|', '\\|'),
    ),
  );
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}
