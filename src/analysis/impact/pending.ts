import type { Span } from '../../core/migration.ts';
import type { Pending } from '../../core/plan.ts';
import { locate } from '../../core/source.ts';
import { readSql } from '../../core/sql.ts';
import { parseSql } from '../parse-sql.ts';
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
  return Promise.all(pending.map(async (each) => ({ ...each, statements: await statementsOf(each) })));
}

async function statementsOf({ migration }: Pending): Promise<readonly PendingStatement[]> {
  const { text, steps, database } = migration;
  const made = (span: Span, step: number) => ({
    step,
    line: locate(text, span.start).line,
    text: text.slice(span.start, span.end),
  });
  if (database === 'neo4j')
    return steps.flatMap(({ statements }, step) =>
      statements.map((span) => ({ ...made(span, step), graph: impactOfCypher(text, span) })),
    );
  const stepAt = (offset: number) =>
    Math.max(
      steps.findIndex(({ statements }) => statements.some(({ start, end }) => start <= offset && offset < end)),
      0,
    );
  return (await sqlStatements(text)).map(({ span, sql }) => ({ ...made(span, stepAt(span.start)), sql }));
}

/** The parser is that of one version of PostgreSQL: the server may read what it does not. */
async function sqlStatements(text: string): Promise<readonly { readonly span: Span; readonly sql: Impact }[]> {
  try {
    return (await parseSql(text)).map(({ node, span }) => ({ span, sql: impactOfSql(node) }));
  } catch (error) {
    const notes = [`not looked into: PostgreSQL's parser says ${(error as Error).message}`];
    return readSql(text).statements.map((span) => ({ span, sql: impact({ opaque: true, notes }) }));
  }
}
