import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { directoryOf } from '../../program.ts';
import { attempt, expectRefusal, expectSuccess } from '../refusal.ts';
import { FINE, SQL, validate } from './validate.ts';

test('names that are none', async () => {
  const names = ['1_a.sql', '001-a.sql', '001_A.sql', '001_a b.sql', '001_.sql', 'a.sql', 'V001__a.sql', '002_a.SQL'];
  const others = ['001_ä.cypher', '123456789012345_a.sql'];
  for (const name of [...names, ...others]) {
    expectRefusal(await validate({ [SQL]: FINE, [name]: FINE }), {
      kind: 'source',
      says: `${name} is no name of a migration`,
      hint: 'a number of 3 to 14 digits, an underscore, and small letters, digits and underscores: 007_add_users.sql',
      at: name,
    });
  }
});

test('files with one number, however it is written and whichever the database', async () => {
  const files = { '001_a.sql': FINE, '002_b.sql': FINE, '0002_c.sql': FINE, '002_d.cypher': 'CREATE (:D);' };
  expectRefusal(await validate(files), {
    kind: 'source',
    says: /3 migrations have the number 2: (?=.*002_b\.sql)(?=.*0002_c\.sql)(?=.*002_d\.cypher)/,
    hint: 'give each a number of its own; one that has been applied anywhere keeps its number',
    at: '0002_c.sql',
  });
});

test('a directory without migrations', async () => {
  const directory = await directoryOf({ 'README.md': '# Soon\n', '.001_a.sql': FINE });
  expectRefusal(await attempt(['validate', '--migrations-dir', directory]), {
    kind: 'source',
    says: `the migration directory ${directory} holds no migration`,
    hint: 'name the directory that holds the migrations: MIGRATIONS_DIR; `localrag-migrate create` begins one',
  });
});

test('a directory that is not there, and one that is none', async () => {
  const directory = await directoryOf({ [SQL]: FINE });
  for (const [path, reason] of [
    [join(directory, 'none'), 'does not exist'],
    [join(directory, SQL), 'is not a directory'],
  ] as const) {
    expectRefusal(await attempt(['validate'], { env: { MIGRATIONS_DIR: path } }), {
      kind: 'config',
      says: `the migration directory ${path} ${reason}`,
      hint: 'name the directory that holds the migrations: MIGRATIONS_DIR',
    });
  }
});

test('a link that leads nowhere', async () => {
  const directory = await directoryOf({ '002_b.sql': FINE });
  await symlink('..data/001_a.sql', join(directory, SQL));
  expectRefusal(await attempt(['validate', '--migrations-dir', directory]), {
    kind: 'source',
    says: '001_a.sql is a link to a file that does not exist',
    at: SQL,
  });
});

test('other endings and subdirectories are left alone', async () => {
  const others = { 'notes.txt': 'BEGIN;', '002_b.sql.bak': 'BEGIN;', '002_b.sql~': '' };
  const directory = await directoryOf({ [SQL]: FINE, ...others });
  await mkdir(join(directory, '003_c.sql'));
  await writeFile(join(directory, '003_c.sql', '004_d.sql'), 'BEGIN;');
  const ended = await attempt(['validate', '--migrations-dir', directory]);
  expectSuccess(ended);
  expect(ended.stdout).toContain('valid: 1 for PostgreSQL, 0 for Neo4j');
});

const WRONG = { '001_a.sql': 'BEGIN;\nSELECT 1;\nCOMMIT;', '002_b.sql': "SELECT 'a", '3_c.sql': '' };

test('all errors of all files are told at once, each with its place and its line', async () => {
  const ended = await validate(WRONG);
  expectRefusal(ended, {
    kind: 'source',
    says: '4 problems in the migrations of',
    problems: [
      { says: 'BEGIN is transaction control', at: '001_a.sql:1:1' },
      { says: 'COMMIT is transaction control', at: '001_a.sql:3:1' },
      { says: 'unterminated string: it opens here', at: '002_b.sql:1:8' },
      { says: '3_c.sql is no name of a migration', at: '3_c.sql' },
    ],
  });
  expect(ended.stderr).toContain("    1 | SELECT 'a\n      |        ^\n");
});

test('files that are wrong are told before anybody connects, whatever the command', async () => {
  const directory = await directoryOf(WRONG);
  const env = { DATABASE_URL: 'postgresql://app:correct-horse@127.0.0.1:1/localrag', MIGRATIONS_DIR: directory };
  const commands = ['migrate', 'status', 'plan', 'wait', 'verify', 'baseline --to 1', 'repair --forget 1 --yes'];
  for (const command of commands) {
    const { code, stderr } = await attempt(['postgres', ...command.split(' ')], { env });
    expect({ command, code }).toEqual({ command, code: 65 });
    expect(stderr).not.toContain('ECONNREFUSED');
  }
});

test('a hundred problems still make a termination message of one JSON object', async () => {
  const { code, stderr, termination } = await validate({ [SQL]: "COMMIT; -- 'äöü😀'\n".repeat(300) });
  expect(code).toBe(65);
  expect(Buffer.byteLength(termination)).toBeLessThan(4096);
  expect(JSON.parse(termination)).toMatchObject({ code: 65, name: 'source' });
  expect(termination).toContain('COMMIT is transaction control');
  expect(stderr).toContain('and 200 more');
});
