const NUMBERS = ['smallint', 'integer', 'bigint', 'numeric', 'real', 'double precision'];
const INTEGER_WITH_CAST = new RegExp(`^\\(?'?(-?\\d+)'?\\)?::(?:${NUMBERS.join('|')})$`);

/** What needs no parentheses before a cast. */
const PRIMARY = /^(?:[\w.]+(?:\(\))?|'(?:[^']|'')*'(?:::text)?|\(.*\))$/s;

/** The begin of the transaction. PostgreSQL documents the three as equal; 'now' as text is read when a row is inserted. */
const NOW = ['CURRENT_TIMESTAMP', 'now()', 'transaction_timestamp()', "'now'::text"];

/** What a column of that type makes of the begin of the transaction. */
const NOW_AS: Readonly<Record<string, readonly string[]>> = {
  'timestamp with time zone': NOW,
  'timestamp without time zone': [...NOW, 'LOCALTIMESTAMP'],
  date: [...NOW, 'LOCALTIMESTAMP', 'CURRENT_DATE'],
};

/**
 * One text for all defaults that give a column of this type the same value. pg_get_expr has brought them to PostgreSQL's own
 * form already; it keeps apart the functions that mean the same, casts to the type that the column has anyway, and 0 and 0.0.
 */
export function canonicalDefault(expression: string | undefined, type: string): string | undefined {
  if (expression === undefined || /^NULL(?:::|$)/.test(expression)) return undefined;
  const base = type.replace(/\(\d+(?:,\d+)?\)/, '');
  const text = unwrapped(expression, base);
  if (NOW_AS[base]?.includes(text)) return 'CURRENT_TIMESTAMP';
  return NUMBERS.includes(base) ? canonicalNumber(text) : text;
}

function canonicalNumber(text: string): string {
  const number = INTEGER_WITH_CAST.exec(text)?.[1] ?? /^'?(-?\d+(?:\.\d+)?)'?$/.exec(text)?.[1];
  if (number === undefined) return text;
  return number.includes('.') ? number.replace(/\.?0+$/, '') : number;
}

/** Without parentheses around all of it, and without a cast to the type that the value gets anyway. */
function unwrapped(text: string, type: string): string {
  if (isEnclosed(text)) return unwrapped(text.slice(1, -1), type);
  const cast = new RegExp(`^(.*)::${type.replace(/^(timestamp)/, '$1(?:\\(\\d\\))?')}(?:\\([\\d,]+\\))?$`, 's').exec(
    text,
  );
  const value = cast?.[1];
  return value !== undefined && PRIMARY.test(value) && (!value.startsWith('(') || isEnclosed(value))
    ? unwrapped(value, type)
    : text;
}

/** Whether the first parenthesis is closed by the last character. */
function isEnclosed(text: string): boolean {
  if (!text.startsWith('(')) return false;
  let depth = 0;
  for (const { 0: part, index } of text.matchAll(/'(?:[^']|'')*'|[()]/g)) {
    depth += part === '(' ? 1 : part === ')' ? -1 : 0;
    if (depth === 0) return index === text.length - 1;
  }
  return false;
}
