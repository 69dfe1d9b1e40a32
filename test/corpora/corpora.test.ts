import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import neo4j from 'neo4j-driver';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { type ClientPrograms, clientPrograms } from '../psql/client-programs.ts';
import { sharedNeo4j } from '../servers/shared-neo4j.ts';
import { readArguments } from './arguments.ts';
import { compareMigrations } from './compare-migrations.ts';
import { explainEach } from './cypher-split.ts';
import { splitCypher, splitSql } from './split-statements.ts';
import { compareSplit } from './sql-split.ts';

async function directoryOf(files: Readonly<Record<string, string>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'corpora-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), text);
  }
  return directory;
}

describe('statements', () => {
  test('are split, blanked out if the parser does not accept them, and counted', async () => {
    const directory = await directoryOf({
      'a.sql': "SELECT 'ä;'; -- ü\n\\echo it's\nSELEC 1;\nCOPY t FROM stdin;\n1\t;\n\\.\nSELECT (1;2); SELECT 3",
      'deep/b.sql': 'SELECT :variable; /* never ends',
    });
    const lines: string[] = [];
    expect(await splitSql([directory], (line) => lines.push(line))).toBe(0);
    expect(lines).toEqual([
      'SQL: 2 files, 3 statements compared, 0 files different',
      "  statements that the server's parser does not accept: 4 (syntax error: 3, unterminated /* comment: 1)",
      "  commands of the database's shell: 1; files left out: 0",
    ]);
  });

  test('of Cypher are explained by the server', async () => {
    const text = 'RETURN 1;\n:param a => 1\nMATCH (n {a: $a}) RETURN n; RETURM 2;';
    const file = join(await directoryOf({ 'a.cypher': text }), 'a.cypher');
    const lines: string[] = [];
    expect(await splitCypher([file], driverOfShared(), (line) => lines.push(line))).toBe(0);
    expect(lines[0]).toBe('Cypher: 1 files, 2 statements compared, 0 files different');
    expect(lines[1]).toContain('1 (Statement.SyntaxError: 1)');
    expect(lines[2]).toContain('shell: 1;');
  });

  test.each([
    ['too late', [[0, 19]]],
    [
      'too early',
      [
        [0, 6],
        [7, 8],
        [10, 19],
      ],
    ],
  ])('that are split %s are differences', async (_, spans) => {
    const script = {
      statements: spans.map(([start = 0, end = 0]) => ({ start, end })),
      clientCommands: [],
      markers: [],
      foreignMarks: [],
      invisible: [],
    };
    expect(compareSplit('SELECT 1; SELECT 22', script).difference).toContain('line 1');
    const { difference } = await explainEach(driverOfShared(), 'RETURN 1; RETURN 22', script);
    expect(difference).toContain('line 1');
  });
});

function driverOfShared() {
  const { uri, user, password } = sharedNeo4j();
  const driver = neo4j.driver(uri, neo4j.auth.basic(user, password));
  onTestFinished(() => driver.close());
  return driver;
}

test('directories of migrations are compared, with the reasons for what is left out', async (context) => {
  const programs: ClientPrograms | Error = await clientPrograms().catch((error: Error) => error);
  if (programs instanceof Error) {
    console.warn(`Directories are not compared with psql: ${programs.message}`);
    return context.skip(programs.message);
  }
  const tables = await directoryOf({
    '9_first.sql': '-- +goose Up\nCREATE TABLE docs (id int, at timestamptz);\n-- +goose Down\nDROP TABLE docs;',
    '10_second.up.sql': 'INSERT INTO docs VALUES (1, clock_timestamp());',
    '10_second.down.sql': 'DROP TABLE docs;',
    '11_index.sql': 'CREATE INDEX CONCURRENTLY docs_id ON docs (id);',
    '12_begin.sql': 'BEGIN; ALTER TABLE docs ADD COLUMN note text; COMMIT; DROP TABLE docs;',
    '12_whole.sql': 'BEGIN; ALTER TABLE docs ADD COLUMN lang text; COMMIT;',
    '12_wrong.sql': 'ALTER TALE docs;',
    '13_unknown.sql': 'DROP TABLE unknown;',
  });
  const server = inject('postgres');
  const { leftOut, ...equal } = await compareMigrations(tables, server, programs);
  expect(equal).toEqual({ result: 'equal', applied: 4, volatile: ['public.docs.at'], differences: [] });
  expect(leftOut.map(({ path, reason }) => `${path} ${reason}`)).toEqual([
    expect.stringMatching(/^12_begin\.sql validate: BEGIN is transaction control/),
    expect.stringMatching(/^12_wrong\.sql validate: .*syntax error/),
    '13_unknown.sql psql: ERROR:  table "unknown" does not exist',
  ]);

  // The program has row_security off, which is not psql's default.
  const setting = await directoryOf({ '1.sql': "CREATE TABLE s AS SELECT current_setting('row_security') AS value;" });
  const { result, differences } = await compareMigrations(setting, server, programs);
  expect(result).toBe('different');
  expect(differences).toEqual(['rows of public.s\n  psql: {"value": "on"}\n  program: {"value": "off"}']);
  const none = await compareMigrations(await directoryOf({ 'a.sql': 'COMMIT;' }), server, programs);
  expect(none.result).toBe('left out');
});

test('arguments are paths that exist', async () => {
  const directory = await directoryOf({ 'a.sql': '' });
  const file = join(directory, 'a.sql');
  expect(await readArguments(['--migrations', directory, '--statements', directory, file])).toEqual({
    statements: [directory, file],
    migrations: [directory],
  });
  await expect(readArguments([])).rejects.toThrow('usage: ');
  await expect(readArguments([directory])).rejects.toThrow('usage: ');
  await expect(readArguments(['--other'])).rejects.toThrow('unknown option --other');
  await expect(readArguments(['--migrations', join(directory, 'b')])).rejects.toThrow('ENOENT');
});
