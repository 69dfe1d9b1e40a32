export interface Row {
  readonly scenario: string;
  readonly helm: string;
  readonly pods: string;
  readonly jobs: string;
  readonly exits: string;
  readonly seconds: number;
  /** Empty: as it must be. */
  readonly wrong: string;
}

/** In Markdown. */
export function table(rows: readonly Row[]): string {
  const head = ['scenario', 'Helm', 'pods (exit codes)', 'Job', 'seconds', 'result'];
  const lines = rows.map(({ scenario, helm, pods, jobs, seconds, wrong }) =>
    [scenario, helm, pods, jobs, seconds.toFixed(0), wrong ? 'FAILED' : 'passed'].map((cell) =>
      cell.replaceAll('|', '\\|'),
    ),
  );
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}
