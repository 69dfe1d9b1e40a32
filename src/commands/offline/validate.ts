import type { Finding } from '../../analysis/lint/finding.ts';
import { lintSets } from '../../analysis/lint/lint.ts';
import { releases } from '../../analysis/lint/releases.ts';
import { sarif } from '../../analysis/lint/sarif.ts';
import { findingText } from '../../analysis/lint/text.ts';
import { printableJson } from '../../core/characters.ts';
import type { Migration } from '../../core/migration.ts';
import type { Report } from '../context.ts';

interface Options {
  /** Only files above this number are judged, and as one set. */
  readonly since: number | undefined;
  /** Whether a warning is a reason not to end well. */
  readonly strict: boolean;
  /** Answer in SARIF, with this directory before the files' names. */
  readonly sarif: string | undefined;
}

/** The files alone: loading them has found every problem already, or there is none; here they are linted. */
export async function validate(files: readonly Migration[], options: Options): Promise<Report> {
  const findings = await lintSets(files, releases(files, options.since));
  const kind = kindOf(findings, options.strict);
  const problems = findings.map(({ rule, message, remedy, place }) => ({
    message: `${message} [${rule}]`,
    hint: remedy,
    place,
  }));
  if (options.sarif !== undefined) {
    const data = sarif(findings, options.sarif);
    return { kind, text: printableJson(data, 2).split('\n'), data, problems };
  }
  return {
    kind,
    text: [...findings.flatMap((finding) => [...findingText(finding), '']), summary(files, findings)],
    data: {
      migrations: files.map(({ version, name, database, checksum, steps }) => ({
        version,
        name,
        database,
        checksum,
        steps: steps.length,
      })),
      findings,
    },
    problems,
  };
}

function kindOf(findings: readonly Finding[], strict: boolean): Report['kind'] {
  if (findings.some(({ level }) => level === 'error')) return 'source';
  return strict && findings.length > 0 ? 'pending' : 'ok';
}

function summary(files: readonly Migration[], findings: readonly Finding[]): string {
  const of = (database: string) => files.filter((file) => file.database === database).length;
  const errors = findings.filter(({ level }) => level === 'error').length;
  const warnings = findings.length - errors;
  const counts = `${of('postgres')} for PostgreSQL, ${of('neo4j')} for Neo4j`;
  const found = [
    ...(errors > 0 ? [count(errors, 'error')] : []),
    ...(warnings > 0 ? [count(warnings, 'warning')] : []),
  ];
  if (errors > 0) return `${found.join(' and ')} in ${count(files.length, 'migration')}: ${counts}.`;
  const valid = `${files.length === 1 ? '1 migration is' : `${files.length} migrations are`} valid: ${counts}`;
  return warnings === 0 ? `${valid}.` : `${valid}; ${found.join()}.`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
