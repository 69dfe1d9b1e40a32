import { type Driver, Neo4jError } from 'neo4j-driver';
import { readCypher, unprefixed } from '../../src/core/cypher.ts';
import type { Script } from '../../src/core/lexer.ts';

export interface CypherSplit {
  /** Statements that the server accepts. */
  readonly compared: number;
  /** The error's code for each statement that the server does not accept. */
  readonly refused: readonly string[];
  readonly clientCommands: number;
  readonly difference?: string;
}

/**
 * Lets the server explain each statement of our lexer. A statement that is split too late is two statements for the server; one
 * that is split too early becomes valid together with the next one.
 */
export async function explainEach(
  driver: Driver,
  text: string,
  script: Script = readCypher(text),
): Promise<CypherSplit> {
  const { statements, clientCommands } = script;
  const refused: string[] = [];
  let compared = 0;
  for (const [index, statement] of statements.entries()) {
    const own = text.slice(statement.start, statement.end);
    if (unprefixed(text, statement).explained) {
      refused.push('has EXPLAIN or PROFILE');
      continue;
    }
    const error = await explain(driver, own);
    if (error === undefined) {
      compared += 1;
      continue;
    }
    const next = statements[index + 1];
    const tooLate = error.message.includes('exactly one statement');
    const tooEarly =
      next !== undefined &&
      error.code.endsWith('.SyntaxError') &&
      (await explain(driver, text.slice(statement.start, next.end))) === undefined;
    if (tooLate || tooEarly) {
      const line = text.slice(0, statement.start).split('\n').length;
      const difference = `statement at line ${line}: ${error.message.split('\n')[0]}`;
      return { compared, refused, clientCommands: clientCommands.length, difference };
    }
    refused.push(error.code.replace(/^Neo\.\w+\./, ''));
  }
  return { compared, refused, clientCommands: clientCommands.length };
}

async function explain(driver: Driver, statement: string): Promise<Neo4jError | undefined> {
  // Not executeQuery: CALL { … } IN TRANSACTIONS is accepted in auto-commit only.
  const session = driver.session();
  try {
    await session.run(`EXPLAIN ${statement}`);
    return undefined;
  } catch (error) {
    if (error instanceof Neo4jError) return error;
    throw error;
  } finally {
    await session.close();
  }
}
