import { checksumOf } from './checksum.ts';
import { type CypherKind, cypherKind } from './cypher.ts';
import type { Database, Directives, Migration, Span, Step } from './migration.ts';
import { identifier, outline, sqlTokens } from './sql.ts';
import { bareness } from './sql-transaction.ts';

/** What a file's statements are sent as. */
export function toSteps(
  database: Database,
  text: string,
  statements: readonly Span[],
  directives: Directives,
): readonly Step[] {
  if (database === 'neo4j') return cypherSteps(text, statements, directives);
  if (directives.noTransaction) return statements.map((statement) => sqlStep(text, statement, directives));
  return [{ kind: 'sql-file', statements: [{ start: 0, end: text.length }], replayable: false }];
}

function sqlStep(text: string, statement: Span, directives: Directives): Step {
  const { bare, replayable } = bareness(text, statement);
  return {
    kind: bare ? 'sql-bare' : 'sql-marked',
    statements: [statement],
    replayable: bare && (replayable || directives.replayable),
  };
}

function cypherSteps(text: string, statements: readonly Span[], directives: Directives): readonly Step[] {
  const runs: { readonly kind: CypherKind; readonly statements: Span[] }[] = [];
  for (const statement of statements) {
    const kind = cypherKind(text, statement);
    const last = runs.at(-1);
    if (last?.kind === kind && kind !== 'auto') last.statements.push(statement);
    else runs.push({ kind, statements: [statement] });
  }
  return runs.map(({ kind, statements: run }) => ({
    kind: `cypher-${kind}`,
    statements: run,
    replayable: kind === 'schema' || (kind === 'auto' && directives.replayable),
  }));
}

/**
 * A checksum over the exact text of a migration's first steps. Lengths stand between the texts, so that no two lists of steps
 * give the same one. Never change it: histories hold what it returned.
 */
export function stepsChecksum(migration: Migration, count: number): string {
  const pieces = migration.steps
    .slice(0, count)
    .flatMap(({ statements }) => [
      `${statements.length};`,
      ...statements.flatMap(({ start, end }) => [`${end - start}:`, migration.text.slice(start, end)]),
    ]);
  return checksumOf(pieces);
}

/**
 * The index that a CREATE INDEX CONCURRENTLY statement makes, in quotes and with its table's schema where the statement says
 * it: as `to_regclass` takes it. Undefined for every other statement, and where PostgreSQL chooses the name.
 */
export function concurrentIndex(statement: string): string | undefined {
  const whole = { start: 0, end: statement.length };
  const form = /^CREATE (?:UNIQUE )?INDEX CONCURRENTLY (?:IF NOT EXISTS )?/.exec(outline(statement, whole));
  if (form === null) return undefined;
  const [name, on, ...table] = [...sqlTokens(statement, whole)].slice(form[0].trim().split(' ').length);
  if (on?.text.toUpperCase() !== 'ON') return undefined;
  if (table[0]?.text.toUpperCase() === 'ONLY') table.shift();
  const schema = table[1]?.text === '.' ? identifier(table[0]) : undefined;
  const index = identifier(name);
  if (index === undefined) return undefined;
  return schema === undefined ? quoted(index) : `${quoted(schema)}.${quoted(index)}`;
}

/** What a REINDEX CONCURRENTLY statement is about. */
export interface Reindexed {
  readonly kind: 'INDEX' | 'TABLE' | 'SCHEMA' | 'DATABASE';
  /** In quotes, with its schema where the statement has one; of a database empty. */
  readonly name: string;
}

/** Undefined for every statement but REINDEX … CONCURRENTLY. */
export function concurrentReindex(statement: string): Reindexed | undefined {
  const whole = { start: 0, end: statement.length };
  const words = outline(statement, whole);
  const form = /^REINDEX (?:\( .*? \) )?(INDEX|TABLE|SCHEMA|DATABASE|SYSTEM)( CONCURRENTLY)?/.exec(words);
  if (form === null || !words.includes(' CONCURRENTLY')) return undefined;
  const name = [...sqlTokens(statement, whole)]
    .slice(form[0].split(' ').length)
    .map((token) => (token.text === '.' ? '.' : quoted(identifier(token) ?? '')))
    .join('');
  const kind = form[1] === 'SYSTEM' ? 'DATABASE' : (form[1] as Reindexed['kind']);
  return { kind, name: kind === 'DATABASE' ? '' : name };
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
