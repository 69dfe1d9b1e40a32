import pg from 'pg';
import { concurrentIndex } from '../../core/steps.ts';
import { MigrateError } from '../../errors.ts';
import { type PostgresError, rootCause } from './errors.ts';
import type { Session } from './session.ts';

/**
 * SQLSTATE classes of what PostgreSQL checks before a utility statement does anything: syntax, names and privileges (42), features
 * (0A), the transaction (25), databases and schemas (3D, 3F), dependencies (2B), the state of the object (55000, 55006).
 */
const CHECKS = /^(42|0A|25|3D|3F|2B|55000|55006)/;

/**
 * Whether a statement that runs outside of a transaction has failed before it did anything. DO and CALL run code that may commit
 * and fail after it: there only what the server says of the statement's own text comes before the first line.
 */
export async function wasRefused(session: Session, statement: string, error: unknown): Promise<boolean> {
  if (!(error instanceof MigrateError) || error.server?.code === undefined || session.lost.aborted) return false;
  if (/^(do|call)\b/i.test(statement)) {
    const { position, where } = rootCause(error) as PostgresError;
    return position !== undefined && (where === undefined || where.startsWith('compilation of '));
  }
  if (!CHECKS.test(error.server.code)) return false;
  const index = concurrentIndex(statement);
  if (index === undefined) return true;
  const [row] = await session.ask(
    `SELECT FROM pg_catalog.pg_index WHERE indexrelid = to_regclass(${pg.escapeLiteral(index)}) AND NOT indisvalid`,
  );
  return row === undefined;
}
