import type { Finding } from './finding.ts';
import { RULES } from './rules.ts';

/**
 * Findings as SARIF 2.1.0, which code hosts show beside the lines of a change.
 * https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 *
 * @param directory how the files' directory is called in the repository; '' where nobody said
 */
export function sarif(findings: readonly Finding[], directory: string): object {
  const base = encodeURI(directory.replace(/^\.(\/|$)/, '').replace(/([^/])\/*$/, '$1/'));
  return {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'localrag-migrate',
            rules: RULES.map(({ id, level, why, remedy }) => ({
              id,
              shortDescription: { text: id },
              fullDescription: { text: why },
              help: { text: remedy },
              defaultConfiguration: { level },
            })),
          },
        },
        // As the findings have it.
        columnKind: 'unicodeCodePoints',
        results: findings.map(({ rule, level, message, remedy, place }) => ({
          ruleId: rule,
          ruleIndex: RULES.findIndex(({ id }) => id === rule),
          level,
          message: { text: `${message}. ${remedy}` },
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: base + place.file },
                region: { startLine: place.line, startColumn: place.column },
              },
            },
          ],
        })),
      },
    ],
  };
}
