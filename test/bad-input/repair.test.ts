import { afterAll, beforeAll, expect, test } from 'vitest';
import { directoryOf } from '../program.ts';
import { type FreshDatabase, freshDatabase } from '../servers/databases.ts';
import { historyOf } from './contents.ts';
import { expectUnchanged, migrate } from './migrating.ts';
import { attempt, expectRefusal, expectSuccess, type Refusal } from './refusal.ts';

const FILES = { '001_a.sql': 'CREATE TABLE a ();', '002_b.sql': 'CREATE TABLE b ();' };

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase({ extensions: [] });
});
afterAll(() => database.drop());

async function postgres(args: string) {
  const env = { DATABASE_URL: database.url, MIGRATIONS_DIR: await directoryOf(FILES) };
  return attempt(['postgres', ...args.split(' ')], { env });
}

test('what the other tests begin with', async () => {
  expectSuccess(await migrate(database, FILES, '--to', '1'));
  expect(await historyOf(database)).toEqual(['001_a.sql']);
});

test.each<[args: string, refusal: Refusal]>([
  [
    'repair --forget 1',
    {
      kind: 'usage',
      says: 'repair asks before it changes anything, and nobody is there to answer',
      hint: 'it would: take 001_a.sql (applied) out of the postgres history; what it has made stays, and migrate runs it again if the file is there. Give --yes to agree',
    },
  ],
  [
    'repair --mark-applied 2',
    {
      kind: 'usage',
      says: 'nobody is there to answer',
      hint: 'record 002_b.sql as applied in the postgres history without running it',
    },
  ],
  [
    'repair --forget 7 --yes',
    {
      kind: 'source',
      says: 'no migration with the number 7 stands in the history',
      hint: 'localrag-migrate status lists them',
    },
  ],
  [
    'repair --mark-applied 1 --yes',
    { kind: 'source', says: '001_a.sql is applied already', hint: 'nothing needs to be marked' },
  ],
  [
    'repair --mark-applied 7 --yes',
    { kind: 'source', says: 'no migration in scope has the number 7', hint: 'MIGRATIONS_DIR says where the files are' },
  ],
  [
    'repair --rechecksum 2 --yes',
    {
      kind: 'source',
      says: 'no migration with the number 2 stands in the history',
      hint: 'localrag-migrate status lists them',
    },
  ],
  [
    'repair --resume --yes',
    { kind: 'source', says: 'no migration is unfinished', hint: 'localrag-migrate status shows the states' },
  ],
  ['baseline --to 7', { kind: 'source', says: 'no migration has the number 7', hint: 'the newest is 002_b.sql' }],
])('%s', (args, refusal) => expectUnchanged(database, async () => expectRefusal(await postgres(args), refusal)));
