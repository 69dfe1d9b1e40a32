import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { run } from '../servers/command.ts';
import { postgresInstallation } from '../servers/postgres-installation.ts';
import { emptyDatabase, migratedDatabase, type OwnedDatabase } from './database.ts';
import { EXPECTED_CATALOG } from './expected.ts';
import { differencesFromReference } from './reference.ts';

let db: OwnedDatabase;

beforeAll(async () => {
  db = await migratedDatabase();
});
afterAll(() => db.drop());

/** The newest pg_dump that the tests can have: it reads every older server. */
async function dumpSchema(): Promise<string> {
  const { directory, bin, lib } = await postgresInstallation('18');
  return run(join(directory, bin, 'pg_dump'), ['--schema-only', '--no-owner', '--no-privileges', db.fresh.url], {
    env: {
      LD_LIBRARY_PATH: join(directory, lib),
    },
  });
}

/** What pg_dump calls an object of the catalog; nothing for what it writes inside of another one (columns, checks). */
function dumpName(object: string, definition: string): string[] {
  const [kind, name = ''] = object.split(/ (.*)/s);
  const inTable = name.replace('.', ' ');
  switch (kind) {
    case 'table':
    case 'view':
      return [`${kind.toUpperCase()} ${name}`];
    case 'sequence':
      return [`SEQUENCE ${name}`, `SEQUENCE OWNED BY ${name}`];
    case 'column':
      return definition.includes('nextval') ? [`DEFAULT ${inTable}`] : [];
    case 'index':
      return `constraint ${definition.split(' ')[1]}.${name}` in EXPECTED_CATALOG ? [] : [`INDEX ${name}`];
    case 'constraint':
      if (definition.startsWith('CHECK')) return [];
      return [`${definition.startsWith('FOREIGN KEY') ? 'FK CONSTRAINT' : 'CONSTRAINT'} ${inTable}`];
    case 'trigger':
      return [`TRIGGER ${inTable}`];
    case 'function':
      return [`FUNCTION ${name.replace(/\w+ (integer|uuid).*\)/, '$1)')}`];
    default:
      throw new Error(`pg_dump's name for ${object} is not known here`);
  }
}

test('pg_dump --schema-only writes exactly these objects', async () => {
  const dump = await dumpSchema();
  const objects = Array.from(
    dump.matchAll(/^-- Name: (.*); Type: (.*); Schema: public;/gm),
    ([, name, type]) => `${type} ${name}`,
  );
  const expected = Object.entries(EXPECTED_CATALOG).flatMap(([object, definition]) => dumpName(object, definition));
  expect(objects.sort()).toEqual(expected.sort());
  expect(Array.from(dump.matchAll(/ CONSTRAINT (\w+) CHECK/g), ([, name]) => name).sort()).toEqual([
    'chat_messages_role_check',
    'chk_no_self_reference',
    'processing_jobs_status_check',
  ]);
});

test('a database restored from that dump is what the migrations make', async () => {
  const restored = await emptyDatabase();
  onTestFinished(() => restored.drop());
  const text = await dumpSchema();
  // psql's commands, and what only its owner may say of an extension that is there.
  await restored.query(text.replace(/^\\.*$/gm, '').replace(/^COMMENT ON EXTENSION .*$/gm, ''));
  expect(await differencesFromReference(restored)).toEqual([]);
});
