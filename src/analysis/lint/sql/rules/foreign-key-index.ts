import type { SchemaRule } from '../../rule.ts';

const AUTHORS = 'CREATE TABLE authors (id bigint PRIMARY KEY);';
const NOTES = 'CREATE TABLE notes (id bigint PRIMARY KEY, author_id bigint REFERENCES authors (id));';

export const foreignKeyWithoutIndex: SchemaRule = {
  of: 'schema',
  id: 'foreign-key-without-index',
  level: 'warning',
  why: 'PostgreSQL makes no index for a foreign key: each row that is deleted from the other table, or whose key changes, reads this whole table.',
  remedy: 'An index that begins with the column of the foreign key.',
  bad: { text: `${AUTHORS}\n${NOTES}` },
  good: { text: `${AUTHORS}\n${NOTES}\nCREATE INDEX notes_author_id_idx ON notes (author_id);` },
  *check({ tables }) {
    for (const [name, { foreignKeys, indexes }] of tables)
      for (const { columns, madeBy, offset } of foreignKeys) {
        // Equality needs no order among them.
        const serves = (index: readonly string[]) =>
          columns.every((column) => index.slice(0, columns.length).includes(column));
        if (![...indexes].some((index) => serves(index.columns)))
          yield { file: madeBy, offset, message: `no index of ${name} begins with ${columns.join(', ')}` };
      }
  },
};
