import type { ColumnType } from '../../../column-type.ts';
import { typeOf } from '../../../impact/nodes.ts';
import type { Example, SqlRule } from '../../rule.ts';
import { typedColumns } from '../ast.ts';

export const timestampWithoutZone: SqlRule = typeRule({
  id: 'timestamp-without-zone',
  why: 'A bare timestamp stores what the clock on the wall said, not when it was: a session in another time zone reads another moment. It is easily taken for timestamptz, which takes the same eight bytes.',
  remedy: 'timestamptz. Where no zone is meant, write the type out: timestamp without time zone.',
  bad: { text: 'CREATE TABLE notes (id bigint PRIMARY KEY, created_at timestamp);' },
  good: { text: 'CREATE TABLE notes (id bigint PRIMARY KEY, created_at timestamptz);' },
  // Written out in full it is meant.
  finds: ({ name }, written) =>
    name === 'timestamp' && !/^timestamp\s*(\(\s*\d+\s*\))?\s*without\s+time\s+zone/i.test(written),
  says: 'stores a moment without its time zone',
});

export const paddedChar: SqlRule = typeRule({
  id: 'padded-char',
  why: 'char(n) fills every value with spaces up to n and leaves them out of comparisons: it saves nothing and surprises whoever compares, joins or measures.',
  remedy: 'text, with CHECK (length(column) = n) where the length matters.',
  bad: { text: 'CREATE TABLE notes (id bigint PRIMARY KEY, language char(2));' },
  good: { text: 'CREATE TABLE notes (id bigint PRIMARY KEY, language text);' },
  finds: ({ name, modifiers }) => name === 'bpchar' && modifiers.length > 0,
  says: 'is filled with spaces to its full length',
});

export const jsonColumn: SqlRule = typeRule({
  id: 'json-column',
  why: 'json keeps the text as it came: every access parses it again, it has no equality (so DISTINCT, GROUP BY and UNION fail), and no GIN index.',
  remedy: 'jsonb.',
  bad: { text: 'CREATE TABLE notes (id bigint PRIMARY KEY, metadata json);' },
  good: { text: 'CREATE TABLE notes (id bigint PRIMARY KEY, metadata jsonb);' },
  finds: ({ name }) => name === 'json',
  says: 'can be neither compared nor indexed',
});

export const moneyColumn: SqlRule = typeRule({
  id: 'money-column',
  why: 'money stores no currency and takes its number of decimals from lc_monetary of the server: restored elsewhere, the same bytes mean another amount.',
  remedy: 'numeric, with the currency in a column of its own.',
  bad: { text: 'CREATE TABLE invoices (id bigint PRIMARY KEY, total money);' },
  good: { text: 'CREATE TABLE invoices (id bigint PRIMARY KEY, total numeric(12, 2), currency text);' },
  finds: ({ name }) => name === 'money',
  says: 'means another amount under another lc_monetary',
});

/** A rule about the types of columns, whether their table is new or old. */
function typeRule({
  id,
  why,
  remedy,
  bad,
  good,
  finds,
  says,
}: {
  readonly id: string;
  readonly why: string;
  readonly remedy: string;
  readonly bad: Example;
  readonly good: Example;
  readonly finds: (type: ColumnType, written: string) => boolean;
  readonly says: string;
}): SqlRule {
  return {
    of: 'sql',
    id,
    level: 'warning',
    why,
    remedy,
    bad,
    good,
    *check({ node, file, offset }) {
      for (const { name, type } of typedColumns(node)) {
        const at = offset(type.location);
        if (finds(typeOf(type), file.text.slice(at, at + 100)))
          yield { offset: at, message: `the column ${name} ${says}` };
      }
    },
  };
}
