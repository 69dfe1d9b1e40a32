import { expect, test } from 'vitest';
import { canonicalDefault } from '../../src/catalog/default-expression.ts';

const same = (type: string, ...expressions: readonly string[]) =>
  expect(new Set(expressions.map((each) => canonicalDefault(each, type))).size, expressions.join(', ')).toBe(1);
const different = (type: string, ...expressions: readonly string[]) =>
  expect(new Set(expressions.map((each) => canonicalDefault(each, type))).size, expressions.join(', ')).toBe(
    expressions.length,
  );

test('spellings that give a column the same value', () => {
  same(
    'timestamp with time zone',
    'CURRENT_TIMESTAMP',
    'now()',
    'transaction_timestamp()',
    "('now'::text)::timestamp with time zone",
  );
  same(
    'timestamp without time zone',
    'now()',
    'CURRENT_TIMESTAMP',
    'LOCALTIMESTAMP',
    '(now())::timestamp without time zone',
  );
  same('date', 'CURRENT_DATE', '(now())::date', "('now'::text)::date", 'CURRENT_TIMESTAMP');
  same('double precision', '0', '0.0', '(0)::double precision', "'0'::double precision", '(0)::numeric', '0.00');
  same('integer', '-1', "'-1'::integer", '(-1)', "'-1'::bigint");
  same(
    'character varying(20)',
    "'a)b'",
    "'a)b'::character varying",
    "('a)b'::character varying)::character varying(20)",
  );
  expect(canonicalDefault('NULL::character varying', 'character varying(64)')).toBeUndefined();
});

test('what looks alike and is not', () => {
  different(
    'timestamp with time zone',
    'now()',
    'clock_timestamp()',
    'statement_timestamp()',
    "timezone('utc'::text, now())",
  );
  different('timestamp with time zone', 'CURRENT_TIMESTAMP', 'LOCALTIMESTAMP', 'CURRENT_TIMESTAMP(0)', 'CURRENT_DATE');
  different('date', 'CURRENT_DATE', '(CURRENT_DATE + 1)', "'2020-01-01'::date");
  different('date', '(a)::text || (b)::date', '((a)::text || (b))');
  different('numeric', '1', '10', '100', '1.5', '(1.5)::integer');
  different('text', "'0'::text", "'0.0'::text", "'NULL'::text");
  different('text', 'now()', 'CURRENT_TIMESTAMP');
  different('integer', '(1) + (2)', '(1) + (3)');
});
