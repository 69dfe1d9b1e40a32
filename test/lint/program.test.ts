import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EXIT } from '../../src/exit.ts';
import { directoryOf, run } from '../program.ts';

const FILES = {
  '001_notes.sql': 'CREATE TABLE notes (id bigint PRIMARY KEY, title text);\n\n-- Rollback:\n-- DROP TABLE notes;\n',
  '002_title.sql':
    '-- Bücher 😀\nCREATE INDEX notes_title_idx ON notes (title);\n\n-- Rollback:\n-- DROP INDEX notes_title_idx;\n',
};

test('the built program warns with a caret, and ends well', async () => {
  const { code, stdout, stderr } = await run(['validate', '--migrations-dir', await directoryOf(FILES)]);
  expect({ code, stderr }).toEqual({ code: EXIT.ok.code, stderr: '' });
  expect(stdout).toBe(
    [
      '002_title.sql:2:1: warning: nobody can write to notes while notes_title_idx is built [index-blocks-writes]',
      '  1 | -- Bücher 😀',
      '  2 | CREATE INDEX notes_title_idx ON notes (title);',
      '    | ^',
      '  why: CREATE INDEX lets nobody write to the table until the index is built, and that takes as long as reading and sorting the whole table.',
      '  hint: CREATE INDEX CONCURRENTLY IF NOT EXISTS, in a file of its own with the directive no-transaction.',
      '',
      '2 migrations are valid: 2 for PostgreSQL, 0 for Neo4j; 1 warning.',
      '',
    ].join('\n'),
  );
});

test('with --strict a warning is a reason not to; findings are also JSON', async () => {
  const { code, stdout } = await run(['validate', '--strict', '--json', '--migrations-dir', await directoryOf(FILES)]);
  expect(code).toBe(EXIT.pending.code);
  expect(JSON.parse(stdout)).toMatchObject({
    migrations: [{ name: '001_notes.sql' }, { name: '002_title.sql' }],
    findings: [{ rule: 'index-blocks-writes', level: 'warning', place: { file: '002_title.sql', line: 2, column: 1 } }],
  });
});

test('what the linter is sure of is an error, also without --strict, and in SARIF', async () => {
  const files = { '001_a.sql': '-- migrate: allow drop-tabel: old\nCREATE TABEL notes;\n\n-- Rollback:\n-- none\n' };
  const { code, stdout } = await run(['validate', '--sarif', '--migrations-dir', await directoryOf(files)]);
  expect(code).toBe(EXIT.source.code);
  const [{ results }] = JSON.parse(stdout).runs;
  expect(results).toMatchObject([
    { ruleId: 'unknown-rule', level: 'error' },
    { ruleId: 'syntax', level: 'error' },
  ]);
});

test('SARIF has the directory as it was set, by the flag, in the environment or in .env', async () => {
  const directory = await directoryOf({});
  await mkdir(join(directory, 'db'));
  await writeFile(join(directory, 'db', '001_a.sql'), 'CREATE TABLE a (at timestamp);\n');
  const uriOf = async (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    const { stdout } = await run(['validate', '--sarif', ...args], { cwd: directory, env });
    return JSON.parse(stdout).runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri;
  };
  expect(await uriOf(['--migrations-dir', './db'])).toBe('db/001_a.sql');
  expect(await uriOf([], { MIGRATIONS_DIR: 'db/' })).toBe('db/001_a.sql');
  await writeFile(join(directory, '.env'), 'MIGRATIONS_DIR=db\n');
  expect(await uriOf([])).toBe('db/001_a.sql');
});

test('with --since nothing is said of what is applied', async () => {
  const directory = await directoryOf(FILES);
  const { code, stdout } = await run(['validate', '--strict', '--since', '2', '--migrations-dir', directory]);
  expect({ code, stdout }).toEqual({
    code: EXIT.ok.code,
    stdout: '2 migrations are valid: 2 for PostgreSQL, 0 for Neo4j.\n',
  });
});
