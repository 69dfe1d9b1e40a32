import pg from 'pg';
import { differs, type IndexDefinition, indexDefinition } from '../../core/index-definition.ts';
import type { Migration } from '../../core/migration.ts';
import { outline, readSql } from '../../core/sql.ts';
import type { Tools } from './apply.ts';
import type { Notice } from './message.ts';

/** SQLSTATE duplicate_table: as a notice, what IF NOT EXISTS says of a relation that it passes over. */
const EXISTS = '42P07';

/** Indexes that IF NOT EXISTS has passed over because one of that name was there: it may be another one. */
export class SkippedObjects {
  readonly #migration: Migration;
  #any = false;

  constructor(migration: Migration) {
    this.#migration = migration;
  }

  notice({ code }: Notice): void {
    this.#any ||= code === EXISTS;
  }

  /** Warns of each index that has the name of one that the file asks for, and is another one. */
  async report({ session, emit }: Pick<Tools, 'session' | 'emit'>, signal: AbortSignal): Promise<void> {
    if (!this.#any) return;
    const asked = this.#asked();
    if (asked.length === 0) return;
    const names = asked.map(({ name }) => pg.escapeLiteral(name)).join(', ');
    const rows = await session.ask(
      `SELECT relname AS name, COALESCE(pg_catalog.pg_get_indexdef(oid), '') AS definition FROM pg_catalog.pg_class
        WHERE relname IN (${names}) ORDER BY relnamespace::regnamespace::text`,
      signal,
    );
    for (const { statement, ...index } of asked) {
      const definitions = rows.flatMap(({ name, definition }) => (name === index.name ? [String(definition)] : []));
      const [first] = definitions;
      if (first === undefined || definitions.some((definition) => isSame(index, definition))) continue;
      emit({
        event: 'warning',
        message: `${this.#migration.name}: ${index.name} exists already and is another one. The file asks for: ${statement}. The database has: ${first || 'an object of that name that is no index'}`,
        hint: 'IF NOT EXISTS left it as it is: drop or rename it and create this one in a new migration, or give this one another name',
      });
    }
  }

  #asked(): readonly (IndexDefinition & { readonly statement: string })[] {
    const { text } = this.#migration;
    return readSql(text).statements.flatMap((span) => {
      if (!/^CREATE (UNIQUE )?INDEX (CONCURRENTLY )?IF NOT EXISTS /.test(outline(text, span, 8))) return [];
      const statement = text.slice(span.start, span.end);
      const definition = indexDefinition(statement);
      return definition === undefined ? [] : [{ ...definition, statement: statement.replace(/\s+/g, ' ') }];
    });
  }
}

function isSame(asked: IndexDefinition, definition: string): boolean {
  const found = indexDefinition(definition);
  return found !== undefined && !differs(asked, found);
}
