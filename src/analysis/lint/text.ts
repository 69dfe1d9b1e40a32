import type { Finding } from './finding.ts';

/** A finding for people. */
export function findingText({ rule, level, message, why, remedy, place, excerpt }: Finding): readonly string[] {
  return [
    `${place.file}:${place.line}:${place.column}: ${level}: ${message} [${rule}]`,
    ...excerpt.split('\n').map((line) => `  ${line}`),
    `  why: ${why}`,
    `  hint: ${remedy}`,
  ];
}
