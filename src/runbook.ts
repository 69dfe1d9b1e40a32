import type { ErrorKind } from './errors.ts';
import { EXIT } from './exit.ts';

declare const __RUNBOOK__: string;
/** The address of docs/failing-upgrade.md as it was when this version was released; the build makes it from package.json. */
const PAGE = typeof __RUNBOOK__ === 'string' ? __RUNBOOK__ : 'docs/failing-upgrade.md';

/** Where the runbook says what to do about an error; undefined if no person has to do anything. */
export function runbookOf(kind: ErrorKind): string | undefined {
  const { code, runbook } = EXIT[kind];
  return runbook ? `${PAGE}#exit-${code}` : undefined;
}
