import type { Token } from './lexer.ts';
import type { Directives, Span } from './migration.ts';
import type { Fault } from './source.ts';
import { identifier, outline, sqlTokens } from './sql.ts';
import { blockOnly, MAY_BE_BLOCK_ONLY } from './sql-block-only.ts';
import { HISTORY, historyUse, MAY_NAME_HISTORY } from './sql-history-names.ts';
import { MAY_BE_REFUSED, refusedInTransaction } from './sql-transaction.ts';

const UNLOCKING = new Set(['pg_advisory_unlock', 'pg_advisory_unlock_all']);

/** SET TRANSACTION and SET SESSION CHARACTERISTICS are no transaction control: they begin and end nothing. */
const TRANSACTION_CONTROL =
  /^(BEGIN|START TRANSACTION|COMMIT|END|ROLLBACK|ABORT|SAVEPOINT|RELEASE|PREPARE TRANSACTION)( |$)/;

const MAY_CONTROL = new Set([
  'BEGIN',
  'START',
  'COMMIT',
  'END',
  'ROLLBACK',
  'ABORT',
  'SAVEPOINT',
  'RELEASE',
  'PREPARE',
]);

/** What this program cannot run, or must not. */
export function sqlFaults(text: string, statement: Span, directives: Directives): Fault[] {
  const faults: Fault[] = [];
  const first = /[A-Za-z]*/y;
  first.lastIndex = statement.start;
  const verb = first.exec(text)?.[0].toUpperCase() ?? '';
  const at = statement.start;

  if (MAY_CONTROL.has(verb)) faults.push(...transactionControl(text, statement, directives));
  if (verb === 'COPY') faults.push(...copyThroughClient(text, statement));
  // DISCARD PLANS, SEQUENCES and TEMP leave the locks alone.
  if (verb === 'DISCARD' && outline(text, statement, 2) === 'DISCARD ALL')
    faults.push({
      offset: at,
      message: 'DISCARD ALL resets the session that holds the migration lock',
      hint: 'remove it; settings that a file has changed are reset after it anyway',
    });
  if (directives.noTransaction && MAY_BE_BLOCK_ONLY.has(verb)) faults.push(...withoutEffect(text, statement));
  if (!directives.noTransaction && MAY_BE_REFUSED.has(verb)) {
    const refused = refusedInTransaction(text, statement);
    if (refused !== undefined)
      faults.push({
        offset: at,
        message: `PostgreSQL refuses ${refused} inside a transaction, and this file runs in one`,
        hint: 'put it into a file of its own that begins with the line: -- migrate: no-transaction',
      });
  }
  if (text.startsWith('//', at))
    faults.push({ offset: at, message: '// does not begin a comment in SQL', hint: 'write -- instead' });
  // Reading a statement's every token takes time that a file of 50 MB need not spend.
  const own = text.slice(statement.start, statement.end);
  if (/pg_advisory_unlock/i.test(own) || MAY_NAME_HISTORY.test(own))
    faults.push(...touchesOurs([...sqlTokens(text, statement)]));
  return faults;
}

/** \i, \copy, \connect, …: psql itself carries them out; the server has never heard of them. */
export function psqlFault(text: string, command: Span): Fault {
  const name = /^\\\S*/.exec(text.slice(command.start, command.end))?.[0] ?? '\\';
  const includes = /^\\(i|ir|include|include_relative)$/.test(name);
  return {
    offset: command.start,
    message: `psql's ${name} … is no SQL: it is a command of the psql shell`,
    hint: includes
      ? 'put the statements into this file, or into a migration of their own'
      : 'take it out, or write it in SQL',
  };
}

function transactionControl(text: string, statement: Span, { noTransaction }: Directives): Fault[] {
  const control = TRANSACTION_CONTROL.exec(outline(text, statement, 2))?.[1];
  if (control === undefined) return [];
  return [
    noTransaction
      ? {
          offset: statement.start,
          message: `${control} is transaction control, and in a no-transaction file each statement stands alone`,
          hint: 'take it out; statements that belong together go into a file without the directive, which is one transaction',
        }
      : {
          offset: statement.start,
          message: `${control} is transaction control: the whole file runs in one transaction together with its history row`,
          hint: 'take it out; parts that have to be committed separately go into files of their own',
        },
  ];
}

function withoutEffect(text: string, statement: Span): Fault[] {
  const found = blockOnly(text, statement);
  if (found === undefined) return [];
  const { name, effect, hint } = found;
  return [
    {
      offset: statement.start,
      message: `${name} ${effect}: in a no-transaction file each statement is committed by itself`,
      hint,
    },
  ];
}

/** STDIN and STDOUT are the client's, in either direction (PostgreSQL takes them for synonyms). */
function copyThroughClient(text: string, statement: Span): Fault[] {
  const stream = / (FROM|TO) (STDIN|STDOUT)( |$)/.exec(outline(text, statement, Number.POSITIVE_INFINITY));
  if (stream === null) return [];
  return [
    {
      offset: statement.start,
      message: `COPY … ${stream[1]} ${stream[2]} needs a client that ${stream[1] === 'FROM' ? 'sends' : 'takes'} the data`,
      hint:
        stream[1] === 'FROM' ? 'write INSERT INTO … VALUES instead (pg_dump --rows-per-insert=1000)' : 'take it out',
    },
  ];
}

function touchesOurs(tokens: readonly Token[]): Fault[] {
  const faults: Fault[] = [];
  for (const token of tokens)
    if (UNLOCKING.has(identifier(token) ?? ''))
      faults.push({
        offset: token.start,
        message: `${identifier(token)} may give up the migration lock, which this session holds`,
        hint: 'take a lock that ends with the transaction: pg_advisory_xact_lock',
      });
  const found = historyUse(tokens);
  if (found !== undefined)
    faults.push({
      offset: found.token.start,
      ...(found.use === 'changes'
        ? {
            message: `the table ${HISTORY} is the history itself: no migration makes or changes it`,
            hint: 'remove it, or choose another name for a table of your own; `localrag-migrate repair` and `baseline` correct the history',
          }
        : {
            message: `${HISTORY} is the name of the history table: nothing else may have it`,
            hint: 'choose another name',
          }),
    });
  return faults;
}
