import type { Token } from './lexer.ts';
import type { Span } from './migration.ts';
import { identifier, outline, sqlTokens } from './sql.ts';

interface BlockOnly {
  readonly name: string;
  /** What becomes of it in a statement of its own. */
  readonly effect: string;
  readonly hint: string;
}

const MERGE =
  'remove it, or put it together with the statements that need it into a file without the directive, which is one transaction';

const LOCK: BlockOnly = {
  name: 'LOCK TABLE',
  effect: 'releases its lock at once',
  hint: MERGE,
};
const CURSOR: BlockOnly = {
  name: 'DECLARE CURSOR without WITH HOLD',
  effect: 'closes its cursor at once',
  hint: MERGE,
};
const TEMPORARY: BlockOnly = {
  name: 'CREATE TEMP TABLE … ON COMMIT',
  effect: 'loses its table or its rows at once',
  hint: 'remove ON COMMIT, or put it together with the statements that use the table into a file without the directive',
};
const SETTING_HINT = 'write SET instead: it lasts to the end of the file';
const LOCAL: BlockOnly = { name: 'SET LOCAL', effect: 'sets nothing', hint: SETTING_HINT };
const SET_CONFIG: BlockOnly = {
  name: 'set_config(…, true)',
  effect: 'sets nothing',
  hint: 'write false, or SET, instead: it lasts to the end of the file',
};
const CHARACTERISTICS: BlockOnly = {
  name: 'SET TRANSACTION',
  effect: 'sets nothing',
  hint: "write SET default_transaction_isolation = '…' instead, or put the statements into a file without the directive",
};
const CONSTRAINTS: BlockOnly = { name: 'SET CONSTRAINTS', effect: 'sets nothing', hint: MERGE };
const ADVISORY: BlockOnly = { name: 'pg_advisory_xact_lock', effect: 'releases its lock at once', hint: MERGE };

const FORMS: readonly (readonly [RegExp, BlockOnly])[] = [
  [/^LOCK /, LOCK],
  [/^SET LOCAL TRANSACTION /, CHARACTERISTICS],
  [/^SET LOCAL /, LOCAL],
  [/^SET TRANSACTION /, CHARACTERISTICS],
  [/^SET CONSTRAINTS /, CONSTRAINTS],
  // Words between the name and CURSOR, and HOLD behind it: what follows FOR is the query.
  [/^DECLARE \S+ (?:(?!CURSOR )\S+ )*CURSOR (?!WITH HOLD )/, CURSOR],
  [/^CREATE (?:GLOBAL |LOCAL )?TEMP(?:ORARY)? TABLE .* ON COMMIT DROP( |$)/, TEMPORARY],
  [/^CREATE (?:GLOBAL |LOCAL )?TEMP(?:ORARY)? TABLE .* ON COMMIT DELETE ROWS AS /, TEMPORARY],
];

/** The first words of statements that `blockOnly` can have something to say about. */
export const MAY_BE_BLOCK_ONLY = new Set(['LOCK', 'SET', 'DECLARE', 'CREATE', 'SELECT']);

/**
 * A statement that has an effect only inside of a transaction block, and so none in a no-transaction file. PostgreSQL itself
 * refuses or warns of it there; this program gives each statement a transaction with its progress, in which it would pass.
 */
export function blockOnly(text: string, statement: Span): BlockOnly | undefined {
  if (/^select\b/i.test(text.slice(statement.start, statement.start + 7))) return blockOnlyCall(text, statement);
  const words = outline(text, statement, Number.POSITIVE_INFINITY);
  return FORMS.find(([form]) => form.test(words))?.[1];
}

const ADVISORY_LOCKS = /^pg_(?:try_)?advisory_xact_lock(?:_shared)?$/;

/** A SELECT of calls alone, without FROM. One that reads something has a use besides. */
function blockOnlyCall(text: string, statement: Span): BlockOnly | undefined {
  // Reading a statement's every token takes time that most need not spend.
  if (!/set_config|advisory_xact_lock/i.test(text.slice(statement.start, statement.end))) return undefined;
  const found = selectedCalls([...sqlTokens(text, statement)]).map(({ name, last }) => {
    if (ADVISORY_LOCKS.test(name)) return ADVISORY;
    return name === 'set_config' && isTrue(last) ? SET_CONFIG : undefined;
  });
  return found.every((each) => each !== undefined) ? found[0] : undefined;
}

interface Call {
  readonly name: string;
  /** The last argument. */
  readonly last: readonly Token[];
}

/** The calls that a SELECT consists of; [] if there is anything besides. */
function selectedCalls(tokens: readonly Token[]): readonly Call[] {
  const calls: Call[] = [];
  let at = 1;
  for (;;) {
    while (tokens[at + 1]?.text === '.') at += 2;
    const name = identifier(tokens[at]);
    if (name === undefined || tokens[at + 1]?.text !== '(') return [];
    let depth = 1;
    let last: Token[] = [];
    for (at += 2; depth > 0; at += 1) {
      const token = tokens[at];
      if (token === undefined) return [];
      const symbol = token.kind === 'symbol' ? token.text : '';
      if (symbol === '(') depth += 1;
      if (symbol === ')') depth -= 1;
      if (symbol === ',' && depth === 1) last = [];
      else if (depth > 0) last.push(token);
    }
    calls.push({ name, last });
    if (tokens[at]?.kind === 'word' && /^as$/i.test(tokens[at]?.text ?? '')) at += 2;
    else if (tokens[at] !== undefined && tokens[at + 1] === undefined) at += 1;
    if (tokens[at] === undefined) return calls;
    if (tokens[at]?.text !== ',') return [];
    at += 1;
  }
}

/** A constant that is true, cast to boolean or not. */
function isTrue(tokens: readonly Token[]): boolean {
  const words = tokens.map(({ text }) => text.toLowerCase()).join('');
  return /^(?:true|'(?:t|tr|tru|true|y|ye|yes|on|1)'|1(?=::))(?:::bool(?:ean)?)?$/.test(words);
}
