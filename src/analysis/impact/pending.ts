import type { Migration, Span } from '../../core/migration.ts';
import type { Pending } from '../../core/plan.ts';
import { SourceLines } from '../../core/source.ts';
import { readSql } from '../../core/sql.ts';
import { parseStatement } from '../parse-sql.ts';
import { type GraphImpact, impactOfCypher } from './cypher.ts';
import { type Impact, impact } from './effect.ts';
import { impactOfSql } from './sql.ts';

/** A statement of a pending migration, and what it does. */
export interface PendingStatement {
  /** The step that it belongs to, counted from 0. */
  readonly step: number;
  readonly line: number;
  readonly text: string;
  readonly sql?: Impact;
  readonly graph?: GraphImpact;
}

export interface PendingImpact extends Pending {
  readonly statements: readonly PendingStatement[];
}

export async function impactsOf(pending: readonly Pending[]): Promise<readonly PendingImpact[]> {
  const impacts: PendingImpact[] = [];
  for (const each of pending) impacts.push(await impactOf(each));
  return impacts;
}

export async function impactOf(pending: Pending): Promise<PendingImpact> {
  return { ...pending, statements: await statementsOf(pending.migration) };
}

async function statementsOf(migration: Migration): Promise<readonly PendingStatement[]> {
  const { text, database } = migration;
  const lines = new SourceLines(text);
  const statements: PendingStatement[] = [];
  for (const { step, span } of spansOf(migration)) {
    const statement = text.slice(span.start, span.end);
    const effect = database === 'neo4j' ? { graph: impactOfCypher(text, span) } : { sql: await sqlImpact(statement) };
    statements.push({ step, line: lines.locate(span.start).line, text: statement, ...effect });
  }
  return statements;
}

/** The step of a file that is sent as a whole is all of its text. */
function spansOf({ text, steps }: Migration): readonly { readonly step: number; readonly span: Span }[] {
  if (steps[0]?.kind === 'sql-file') return readSql(text).statements.map((span) => ({ step: 0, span }));
  return steps.flatMap(({ statements }, step) => statements.map((span) => ({ step, span })));
}

/** The parser is that of one version of PostgreSQL: the server may read what it does not. */
async function sqlImpact(statement: string): Promise<Impact> {
  try {
    const node = await parseStatement(statement);
    return node === undefined ? impact({}) : impactOfSql(node);
  } catch (error) {
    return impact({ opaque: true, notes: [`not looked into: PostgreSQL's parser says ${(error as Error).message}`] });
  }
}
