import type { Difference } from '../../catalog/compare.ts';
import { type Finding, sentence } from '../../catalog/findings.ts';
import type { Database } from '../../core/migration.ts';
import type { Verification } from './verify.ts';

/** Notes that are shown; JSON has all. */
const NOTES = 12;

const CLIENTS: Readonly<Record<Database, { readonly comment: string; readonly where: string }>> = {
  postgres: { comment: '--', where: 'for psql, not inside a transaction' },
  neo4j: { comment: '//', where: 'for cypher-shell' },
};

/** For people: what was looked at, then what would mend it, ready to paste, then what else is worth knowing. */
export function verificationText({ findings, differences, notes, reapply }: Verification): readonly string[] {
  const mended = (['postgres', 'neo4j'] as const).flatMap((database) =>
    mending(
      database,
      differences.filter((difference) => difference.database === database && !difference.told),
    ),
  );
  const again = reapply.map(
    ({ database, name, version }) =>
      `${name} was never run here. To run it now, which mends what it makes: localrag-migrate ${database} repair --reapply ${version}`,
  );
  const more = notes.length > NOTES ? [`note: and ${notes.length - NOTES} more, in --json`] : [];
  return [
    ...findings.flatMap(describe),
    ...again,
    ...mended,
    ...notes.slice(0, NOTES).map((note) => `note: ${note}`),
    ...more,
  ];
}

function mending(database: Database, differences: readonly Difference[]): readonly string[] {
  if (differences.length === 0) return [];
  const { comment, where } = CLIENTS[database];
  return [
    '',
    `${comment} What would mend ${database}: ${where}`,
    ...differences.flatMap((difference) => [
      `${comment} ${difference.kind} ${sentence(difference)}`,
      ...(difference.note === undefined ? [] : [`${comment}   ${difference.note}`]),
      ...difference.mend.flatMap((statement) => linesOf(`${statement};`, difference)),
    ]),
    '',
  ];
}

/** Views and functions of the files have several lines; a name in the live database must not begin one. */
function linesOf(statement: string, { expected }: Difference): readonly string[] {
  return expected === undefined ? [statement] : statement.split('\n');
}

function describe({ check, ok, detail }: Finding): readonly string[] {
  return [`${ok ? 'ok  ' : 'FAIL'} ${check} (${detail.length})`, ...wrapped(detail, ok)];
}

/** Names one after the other, in lines of at most 100 characters; what is wrong has lines of its own. */
function wrapped(names: readonly string[], ok: boolean): readonly string[] {
  const lines: string[] = [];
  for (const name of names) {
    const last = lines.at(-1);
    if (!ok || last === undefined || `${last}, ${name}`.length > 90) lines.push(name);
    else lines[lines.length - 1] = `${last}, ${name}`;
  }
  return lines.map((line) => `       ${line}`);
}
