import { type Migration, type Span, textOf } from '../../core/migration.ts';
import { locate } from '../../core/source.ts';
import { MigrateError } from '../../errors.ts';
import type { Tools } from './apply.ts';

/**
 * The history around a step that commits by itself and runs any code (DO, CALL): what it does to the history cannot be rolled
 * back, so it is put back.
 */
export class HistoryBackup {
  readonly #tools: Tools;
  readonly #rows: string;

  private constructor(tools: Tools, rows: string) {
    this.#tools = tools;
    this.#rows = rows;
  }

  static async read(tools: Tools, signal: AbortSignal): Promise<HistoryBackup> {
    return new HistoryBackup(tools, await readRows(tools, signal));
  }

  /**
   * Puts back what the step has changed.
   * @throws MigrateError `failed` where it has changed anything.
   */
  async compare({ name, text }: Migration, span: Span): Promise<void> {
    const { session, shield, lock, table } = this.#tools;
    if (session.lost.aborted) return;
    const now = await readRows(this.#tools).catch((error: MigrateError) => {
      if (error.server === undefined) throw error;
      return undefined;
    });
    if (now === this.#rows) return;
    await session.ask(['BEGIN READ WRITE', ...shield, lock.fence(), ...table.restore(this.#rows), 'COMMIT'].join(';'));
    throw new MigrateError(
      'failed',
      `${name}: this statement has changed the migration history (table ${table.name}) and committed that; the history was put back as it was before`,
      {
        place: { file: name, ...locate(text, span.start) },
        hint: 'take that out of the file. What else the statement has done stays: look at it, then let the file go on with repair --resume, or record it as done with repair --mark-applied',
      },
    );
  }
}

async function readRows({ session, shield, table }: Tools, signal?: AbortSignal): Promise<string> {
  try {
    const [row] = await session.ask(['BEGIN', ...shield, table.readAll(), 'COMMIT'].join(';'), signal);
    return String(row?.rows);
  } catch (error) {
    if (!session.lost.aborted) await session.ask('ROLLBACK').catch(() => {});
    throw error;
  }
}

/** Whether a statement may run code that commits. */
export function runsAnyCode(migration: Migration, span: Span): boolean {
  return /^(do|call)\b/i.test(textOf(migration, span));
}
