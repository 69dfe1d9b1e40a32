import type { Remedy } from '../../remedy.ts';

/** What is wrong with rows and values, and what the file's own code raises. */
export const DATA: readonly Remedy[] = [
  {
    code: '23505',
    when: /could not create unique index/,
    means: 'rows that are there already have the same value: the detail shows one of them',
    hint: 'find the duplicates (SELECT columns, count(*) … GROUP BY columns HAVING count(*) > 1), and merge or delete them in this file before the index',
  },
  {
    code: '23505',
    means: 'a row with this key is there already: the detail shows it',
    hint: 'write ON CONFLICT … DO NOTHING or DO UPDATE where that row may stay; for pg_type_typname_nsp_index somebody else is creating the same table',
  },
  {
    code: '23503',
    when: /update or delete on table/,
    means: 'other rows still point to the one that is to go',
    hint: 'delete or change those first, or give the foreign key ON DELETE CASCADE or SET NULL',
  },
  {
    code: '23503',
    means: 'a row points to one that does not exist: the detail shows the key',
    hint: 'insert the parent first, or delete the orphans; on a table that is full of them add the key NOT VALID, clean up, and VALIDATE CONSTRAINT in a later file',
  },
  {
    code: '23502',
    when: /contains null values/,
    means: 'rows that are there already have no value in a column that is to be NOT NULL',
    hint: 'give the column a DEFAULT, or UPDATE … SET column = … WHERE column IS NULL before SET NOT NULL',
  },
  {
    code: '23502',
    means: 'a row has no value for a column that must have one',
    hint: 'give it a value, or the column a DEFAULT',
  },
  {
    code: '23514',
    when: /is violated by some row/,
    means: 'rows that are there already break the rule that is to be added',
    hint: 'change those rows in this file before the constraint, or add it NOT VALID and VALIDATE CONSTRAINT in a later file',
  },
  {
    code: '23514',
    when: /no partition of relation/,
    means: 'no partition of the table takes the row',
    hint: 'create the partition, or a DEFAULT one, before it',
  },
  {
    code: '23514',
    means: 'a value breaks a CHECK constraint: the detail shows the row',
    hint: 'correct the value, or change the constraint before it (a status or a role may be missing in its list)',
  },
  {
    code: '23P01',
    means: 'two rows overlap that an exclusion constraint keeps apart',
    hint: 'correct the rows that the detail shows',
  },
  {
    code: '23',
    means: 'a row breaks a rule of the schema',
    hint: 'correct the row, or the rule before it',
  },
  {
    code: '22000',
    when: /expected (?<dimensions>\d+) dimensions, not \d+/,
    means:
      'a vector has another number of dimensions than its column: the embedding model is not the one that the column was made for',
    hint: ({ dimensions }) =>
      `embed again with the model that gives ${dimensions} dimensions, or change the column to the new model's number and fill it anew: vectors of two models do not compare`,
  },
  {
    code: '22001',
    means: 'a text is longer than its column takes',
    hint: 'make the column longer (ALTER COLUMN … TYPE varchar(n), or text) before it, or shorten the text',
  },
  {
    code: '22003',
    means: 'a number is larger than its type takes',
    hint: 'take bigint or numeric; a serial key that is full becomes one by ALTER COLUMN … TYPE bigint',
  },
  {
    code: '22007',
    means: 'a text is no date or time',
    hint: "write it as '2026-01-31' or '2026-01-31 12:00:00+00', or use to_timestamp(text, format)",
  },
  {
    code: '22008',
    means:
      'a date or time has a month, day or hour that does not exist, or in another order than the server reads it (DateStyle)',
    hint: "write it as '2026-01-31'",
  },
  {
    code: '22012',
    means: 'something is divided by zero',
    hint: 'write NULLIF(divisor, 0)',
  },
  {
    code: '22023',
    means: 'a function or a setting does not take this value',
    hint: 'correct it: the message says what it takes',
  },
  {
    code: '22P02',
    when: /type vector|vector must/,
    means: 'a text is no vector',
    hint: "write it as '[1,2,3]'",
  },
  {
    code: '22P02',
    when: /type json/,
    means: 'a text is no JSON: the detail and the context show where it stops being one',
    hint: "correct it: keys and texts in double quotes; to_jsonb(value) and jsonb_build_object('key', value) write it right",
  },
  {
    code: '22P02',
    when: /for enum/,
    means: 'the type has no such value',
    hint: 'ALTER TYPE … ADD VALUE in an earlier file, which has to be committed before the value is used',
  },
  {
    code: '22P02',
    means: 'a text does not look like a value of the type it is to become',
    hint: "correct it, or leave out the rows that do not fit (CASE WHEN value ~ '^[0-9]+$' THEN value::int END)",
  },
  {
    code: '22P05',
    means: 'a text has a character that the encoding of the database, or text at all, does not have (\\u0000 in JSON)',
    hint: "remove it: replace(value, '\\u0000', '')",
  },
  {
    code: '22021',
    means: 'bytes are no text in the encoding of the database',
    hint: 'say which encoding they have: convert_from(bytes, name)',
  },
  {
    code: '2201B',
    means: 'a regular expression is none',
    hint: 'correct it: brackets close, and \\ stands before ( [ . * + ? that mean themselves',
  },
  {
    code: '22',
    means: 'a value does not fit where it is used',
    hint: 'correct the value, or the rows that it comes from',
  },
  {
    code: '21000',
    when: /ON CONFLICT/,
    means: 'one INSERT brings the same key twice',
    hint: 'keep one row of each key: SELECT DISTINCT ON (key) …',
  },
  {
    code: '21000',
    means: 'a subquery in the place of one value gives several rows',
    hint: 'make it one: LIMIT 1, an aggregate, or = ANY (…)',
  },
  {
    code: '44000',
    means: 'a row would not be visible in the view through which it is written',
    hint: 'write to the table, or a row that the view shows',
  },
  {
    code: 'P0001',
    means: "the file's own code, or a trigger's, has stopped it with RAISE EXCEPTION",
    hint: 'its message says what it wants; the function that raised it stands in `where`',
  },
  {
    code: 'P0002',
    means: 'SELECT … INTO STRICT has found no row',
    hint: 'leave STRICT out and test FOUND, or insert the row before it',
  },
  {
    code: 'P0003',
    means: 'SELECT … INTO STRICT has found several rows',
    hint: 'make it one: a more exact WHERE, or LIMIT 1',
  },
  {
    code: 'P0004',
    means: 'an ASSERT of the file does not hold',
    hint: 'look at what it asserts: the database is not as the file expects it',
  },
  {
    code: '2F005',
    means: 'a function ends without RETURN',
    hint: 'add RETURN at its end (a trigger returns NEW, OLD or NULL)',
  },
];
