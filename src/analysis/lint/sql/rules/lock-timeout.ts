import type { Node } from 'libpg-query';
import { formatDuration } from '../../../../core/duration.ts';
import type { SqlRule } from '../../rule.ts';
import { strings, walk } from '../ast.ts';

const NOTES = 'CREATE TABLE notes (id bigint PRIMARY KEY, title text);';

/** Milliseconds that a statement may wait without a directive: DDL_LOCK_TIMEOUT is known only at run time. */
const LONG = 60_000;

export const lockTimeoutLifted: SqlRule = {
  of: 'sql',
  id: 'lock-timeout-lifted',
  level: 'warning',
  why: 'The setting replaces DDL_LOCK_TIMEOUT for the rest of the file: a statement that waits for a lock goes on waiting, and every query that wants the table, a reading one too, queues behind it.',
  remedy:
    'Remove the line (the preamble of pg_dump has it), so that DDL_LOCK_TIMEOUT applies. To wait longer, begin the file with the directive ddl-lock-timeout=….',
  bad: { before: [NOTES], text: 'SET lock_timeout = 0;\nALTER TABLE notes ADD COLUMN language text;' },
  good: { before: [NOTES], text: '-- migrate: ddl-lock-timeout=30s\nALTER TABLE notes ADD COLUMN language text;' },
  *check({ node, file, offset }) {
    const { ddlLockTimeout } = file.directives;
    for (const milliseconds of lockTimeouts(node)) {
      if (milliseconds === 0)
        yield { offset: offset(), message: 'from here on the statements of the file wait for locks without limit' };
      else if (milliseconds > (ddlLockTimeout ?? LONG))
        yield {
          offset: offset(),
          message: `from here on the statements of the file wait ${formatDuration(milliseconds)} for a lock${ddlLockTimeout === undefined ? '' : `, longer than its directive of ${formatDuration(ddlLockTimeout)}`}`,
        };
    }
  },
};

/** What a statement sets lock_timeout to, in milliseconds. */
function* lockTimeouts(node: Node): Generator<number> {
  if ('VariableSetStmt' in node) {
    const { kind, name = '', args = [] } = node.VariableSetStmt;
    // The server's default is 0.
    if (kind === 'VAR_RESET_ALL') yield 0;
    if (name.toLowerCase() !== 'lock_timeout') return;
    if (kind === 'VAR_SET_VALUE') yield millisecondsOf(args[0]);
    else if (kind === 'VAR_SET_DEFAULT' || kind === 'VAR_RESET') yield 0;
    return;
  }
  // What a function or a rule says runs later.
  if (!('SelectStmt' in node)) return;
  for (const [kind, fields] of walk(node)) {
    if (kind !== 'FuncCall' || strings(fields.funcname as Node[]).at(-1) !== 'set_config') continue;
    const [name, value] = (fields.args ?? []) as readonly Node[];
    if (textOf(name)?.toLowerCase() === 'lock_timeout') yield millisecondsOf(value);
  }
}

function textOf(node: Node | undefined): string | undefined {
  if (node === undefined) return undefined;
  if ('TypeCast' in node) return textOf(node.TypeCast.arg);
  return 'A_Const' in node ? node.A_Const.sval?.sval : undefined;
}

const UNITS: Readonly<Record<string, number>> = {
  us: 0.001,
  '': 1,
  ms: 1,
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** NaN for what PostgreSQL does not take. */
function millisecondsOf(node: Node | undefined): number {
  if (node === undefined || !('A_Const' in node)) return durationOf(textOf(node) ?? '?');
  const { ival, fval, sval } = node.A_Const;
  if (ival !== undefined) return ival.ival ?? 0;
  return fval === undefined ? durationOf(sval?.sval ?? '?') : Math.round(Number(fval.fval));
}

function durationOf(text: string): number {
  const [, number, unit = ''] = /^\s*\+?(\d+(?:\.\d*)?|\.\d+)\s*([a-z]*)\s*$/.exec(text) ?? [];
  return Math.round(Number(number) * (UNITS[unit] ?? Number.NaN));
}
