import { expect, test } from 'vitest';
import { lint, lintSets } from '../../src/analysis/lint/lint.ts';
import { FIRST_RELEASE, releases } from '../../src/analysis/lint/releases.ts';
import { loadMigrations } from '../../src/files/load.ts';
import { migration, sql } from './files.ts';

const SHIPPED = loadMigrations('migrations');
const INDEX = migration(
  '007_index.sql',
  'CREATE INDEX chunks_words_idx ON chunks (word_count);\n\n-- Rollback:\n-- DROP INDEX chunks_words_idx;',
);

test('the first release is judged as a whole, and nothing is found in it', async () => {
  expect(SHIPPED.slice(0, FIRST_RELEASE.length).map(({ name }) => name)).toEqual(FIRST_RELEASE);
  expect(await lintSets(SHIPPED, releases(SHIPPED, undefined))).toEqual([]);
  expect(await lint(SHIPPED)).toEqual([]);
});

test('a file of it alone would be dangerous on a database that has the others', async () => {
  const found = await lint(SHIPPED, new Set(['004_chat_threading.sql']));
  expect(found.map(({ rule, place: { line } }) => [rule, line])).toEqual([
    ['foreign-key-without-not-valid', 9],
    ['volatile-default-rewrites', 10],
    ['index-blocks-writes', 26],
    ['index-blocks-writes', 27],
    ['index-blocks-writes', 28],
  ]);
});

test('a file after it meets tables that are in use', async () => {
  const files = [...SHIPPED, INDEX];
  const found = await lintSets(files, releases(files, undefined));
  expect(found.map(({ rule, place: { file } }) => [rule, file])).toEqual([['index-blocks-writes', INDEX.name]]);
  expect(await lint(files)).toEqual([]);
});

test('--since takes the files above a number together, and leaves out those up to it', async () => {
  const files = sql(
    'CREATE TABLE a (id bigint, it json);',
    'CREATE TABLE b (id bigint, it json);',
    'DROP TABLE b;',
    'DROP TABLE a;',
  );
  const rulesSince = async (since: number | undefined) =>
    (await lintSets(files, releases(files, since)))
      .filter(({ rule }) => rule !== 'missing-rollback')
      .map(({ rule, place }) => `${place.file.slice(0, 3)} ${rule}`);
  expect(await rulesSince(undefined)).toEqual([
    '001 json-column',
    '002 json-column',
    '003 drop-table',
    '004 drop-table',
  ]);
  expect(await rulesSince(1)).toEqual(['002 json-column', '004 drop-table']);
  expect(await rulesSince(4)).toEqual([]);
});
