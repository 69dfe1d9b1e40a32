import type { Span } from './migration.ts';
import { outline } from './sql.ts';

/** SET LOCAL, SET TRANSACTION and SET CONSTRAINTS end with their transaction. */
const SETTING = /^(SET (?!LOCAL |TRANSACTION |CONSTRAINTS )|RESET |LOAD )/;
const CONFIG = /^SELECT (?:PG_CATALOG \. )?SET_CONFIG (\( .*, FALSE \))$/;

/**
 * Whether a statement gives the session a setting, a role or a library, and does nothing else: it lasts to the end of the file,
 * and running it again in another session gives that one the same.
 */
export function changesSession(text: string, statement: Span): boolean {
  const words = outline(text, statement);
  return SETTING.test(words) || isOneCall(CONFIG.exec(words)?.[1]);
}

/** Whether the first parenthesis closes with the last token. */
function isOneCall(words = ''): boolean {
  let depth = 0;
  const tokens = words.split(' ');
  const end = tokens.findIndex((token) => {
    depth += token === '(' ? 1 : token === ')' ? -1 : 0;
    return depth === 0;
  });
  return words !== '' && end === tokens.length - 1;
}

export function resetsSession(text: string, statement: Span): boolean {
  return outline(text, statement, 2) === 'RESET ALL';
}
