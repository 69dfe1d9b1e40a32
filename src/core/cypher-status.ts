import { cypherTokens, keyword } from './cypher.ts';
import type { Token } from './lexer.ts';

/** A statement that goes on after batches that fail, as it is sent. */
export interface Reporting {
  /** The statement; where `counts`, with a last clause that returns `failed` (number) and `message` (the first error). */
  readonly query: string;
  readonly counts: boolean;
}

const COUNT =
  'AS status WHERE NOT status.committed AND status.errorMessage IS NOT NULL RETURN count(DISTINCT status.transactionId) AS failed, head(collect(status.errorMessage)) AS message';

const PARTS = new Set('CONTINUE BREAK FAIL RETRY FOR SEC SECOND SECONDS THEN'.split(' '));

/**
 * For CALL { … } IN TRANSACTIONS ON ERROR CONTINUE (or BREAK), which ends well whatever its batches do: the same statement, with
 * their status counted in place of the rows that it returns. Undefined for every other statement.
 */
export function reportingStatus(statement: string): Reporting | undefined {
  const tokens = [...cypherTokens(statement, { start: 0, end: statement.length })];
  const words = tokens.map(keyword);
  const call = words.findLastIndex((word, at) => word === 'TRANSACTIONS' && words.lastIndexOf('}', at) >= 0);
  const clause = call < 0 ? undefined : clauseBehind(tokens, words, call + 1);
  if (clause === undefined || !clause.goesOn) return undefined;
  const rest = words[clause.end];
  if (rest !== undefined && rest !== 'RETURN' && rest !== 'FINISH') return { query: statement, counts: false };
  const before = statement.slice(0, tokens[clause.end - 1]?.end);
  const reported =
    clause.status === undefined
      ? `${before} REPORT STATUS AS \`_status\` WITH \`_status\``
      : `${before} WITH ${clause.status}`;
  return { query: `${reported} ${COUNT}`, counts: true };
}

/** OF n ROWS, ON ERROR … and REPORT STATUS AS name, in any order. */
function clauseBehind(tokens: readonly Token[], words: readonly string[], from: number) {
  let at = from;
  let goesOn = false;
  let status: string | undefined;
  for (;;) {
    if (words[at] === 'OF') {
      const rows = words.findIndex((word, index) => index > at && (word === 'ROW' || word === 'ROWS'));
      if (rows < 0) return undefined;
      at = rows + 1;
    } else if (words[at] === 'ON' && words[at + 1] === 'ERROR') {
      for (at += 2; PARTS.has(words[at] ?? '') || tokens[at]?.kind === 'number'; at++)
        goesOn ||= words[at] === 'CONTINUE' || words[at] === 'BREAK';
    } else if (words[at] === 'REPORT' && words[at + 1] === 'STATUS') {
      status = tokens[at + 3]?.text;
      at += 4;
    } else return { end: at, goesOn, status };
  }
}
