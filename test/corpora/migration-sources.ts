import { relative } from 'node:path';
import { outline, readSql } from '../../src/core/sql.ts';
import { filesIn, textOf } from './text-files.ts';

/** A migration of another tool, as a file that this program can read. */
export interface MigrationSource {
  /** Relative to the directory. */
  readonly path: string;
  /** `00001_…`, in the order of the other tool. */
  readonly name: string;
  readonly text: string;
  readonly noTransaction: boolean;
}

/** Files that undo a migration: golang-migrate, Diesel, Hasura, Flyway, Sqitch. */
const DOWN =
  /(\bdown\.sql|_down\.sql|\.undo\.sql|\.rollback\.sql)$|(^|\/)U\d[^/]*__[^/]*$|(^|\/)(revert|verify|down|rollback)\//i;

/** Lines from which a file undoes: goose, sql-migrate, Micrate, dbmate, node-pg-migrate, tern, MyBatis. */
const DOWN_SECTION =
  /^(--\s*\+(goose|migrate|micrate)\s+down\b|--\s*migrate:down\b|--\s*down migration\b|---- create above|--\s*\/\/\s*@undo)/im;

/** These tools run such a file without a transaction. */
const NO_TRANSACTION =
  /^--\s*(\+goose no transaction|\+migrate up notransaction|migrate:up transaction:false|disable-ddl-transaction)/im;

/** dbmate's marker has the form of a directive of this program. */
const UP_SECTION = /^--\s*migrate:up.*$/im;

/** The migrations in a directory, in their order and without the parts that undo. */
export async function migrationSources(
  directory: string,
  leaveOut: (path: string, reason: string) => void,
): Promise<readonly MigrationSource[]> {
  const sources: MigrationSource[] = [];
  // Flyway runs the repeatable ones last.
  const files = await filesIn(directory, '.sql');
  const repeatable = (file: string) => /(^|\/)R__[^/]*$/.test(file);
  for (const file of [...files.filter((file) => !repeatable(file)), ...files.filter(repeatable)]) {
    const path = relative(directory, file);
    if (DOWN.test(path)) continue;
    const text = await textOf(file);
    if (text === undefined) leaveOut(path, 'not UTF-8');
    else sources.push(sourceOf(path, text, sources.length + 1));
  }
  return sources;
}

function sourceOf(path: string, text: string, number: number): MigrationSource {
  const down = DOWN_SECTION.exec(text);
  const up = unwrapped(text.slice(0, down?.index).replace(UP_SECTION, ''));
  const title = path
    .toLowerCase()
    .replace(/\.sql$/, '')
    .replace(/[^a-z0-9]+/g, '_')
    .slice(0, 60);
  const name = `${String(number).padStart(5, '0')}_${title.replace(/^_/, '')}.sql`;
  return { path, name, text: up, noTransaction: NO_TRANSACTION.test(text) };
}

/** Without BEGIN and COMMIT around all statements: the program and psql's --single-transaction add their own. */
function unwrapped(text: string): string {
  const { statements } = readSql(text);
  const [first, last] = [statements[0], statements.at(-1)];
  if (first === undefined || last === undefined) return text;
  if (!/^(BEGIN|START TRANSACTION)( WORK| TRANSACTION)?$/.test(outline(text, first))) return text;
  if (!/^(COMMIT|END)( WORK| TRANSACTION)?$/.test(outline(text, last))) return text;
  return text.slice(0, first.start) + text.slice(first.end, last.start) + text.slice(last.end);
}
