import type { Check, Problem, Report } from './checks.ts';

/** A file with objects, and what is known to be wrong with it. */
export interface Manifest {
  readonly name: string;
  readonly file: string;
  readonly reportedBy: readonly Expectation[];
}

/** Which checks must report a problem, by the beginning of their names, and its text. */
export type Expectation = readonly [check: string, text: RegExp];

/** A line for each problem that was not expected, and for each that was and is not there. */
export function deviations({ name: check }: Check, { problems }: Report, manifest: Manifest): readonly string[] {
  const found = problems.filter(({ file }) => file === manifest.file);
  const expected = manifest.reportedBy.filter(([by]) => check.startsWith(by)).map(([, text]) => text);
  const unexpected = found.filter(({ text }) => !expected.some((it) => it.test(text))).map(lineOf);
  const missing = expected.filter((it) => !found.some(({ text }) => it.test(text)));
  const lines = [...unexpected, ...missing.map((text) => `accepted, but this defect must be reported: ${text.source}`)];
  return lines.map((line) => `${check}: ${manifest.name}: ${line}`);
}

function lineOf({ object, text }: Problem): string {
  return [object, text].filter(Boolean).join(': ').replaceAll('\n', ' ');
}
