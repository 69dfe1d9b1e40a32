import type { Entry } from '../../core/history.ts';
import type { Migration } from '../../core/migration.ts';
import type { ReadContext, Report } from '../context.ts';
import { readyHistories } from '../histories.ts';

/** The rollback sections of what is applied, newest first. Printed, never run: migrations are forward-only. */
export async function rollbackPlan(context: ReadContext, options: { to?: number | undefined }): Promise<Report> {
  const histories = await readyHistories(context);
  const sections = histories
    .flatMap(({ entries }) => entries)
    .filter((entry) => (entry.version ?? 0) > (options.to ?? 0))
    .sort((a, b) => (b.version ?? 0) - (a.version ?? 0))
    .map((entry) => ({ entry, file: context.files.find((file) => file.name === entry.name) }));
  return {
    kind: 'ok',
    text:
      sections.length === 0
        ? 'Nothing is applied.'
        : sections.flatMap(({ entry, file }, index) => [...(index > 0 ? [''] : []), ...section(entry, file)]),
    data: {
      rollback: sections.map(({ entry, file }) => ({
        database: entry.database,
        name: entry.name,
        text: file?.rollback ?? null,
      })),
    },
  };
}

function section(entry: Entry, file: Migration | undefined): readonly string[] {
  const comment = entry.database === 'postgres' ? '--' : '//';
  const client = entry.database === 'postgres' ? 'psql' : 'cypher-shell';
  const text =
    file === undefined
      ? `${comment} this image does not have the file`
      : (file.rollback ?? `${comment} the file has no rollback section`);
  return [
    `${comment} ${entry.name} (${entry.database}, ${entry.state}): for ${client}`,
    ...text.trimEnd().split('\n'),
    `${comment} then: localrag-migrate ${entry.database} repair --forget ${entry.version ?? entry.name}`,
  ];
}
