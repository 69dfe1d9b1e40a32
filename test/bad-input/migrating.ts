import { expect, onTestFinished } from 'vitest';
import { directoryOf } from '../program.ts';
import { type FreshDatabase, freshDatabase } from '../servers/databases.ts';
import { contentsOf } from './contents.ts';
import { type Attempt, attempt } from './refusal.ts';

export type Files = Readonly<Record<string, string | Uint8Array>>;

/** A database without extensions, which goes when the test ends. */
export async function emptyDatabase(): Promise<FreshDatabase> {
  const database = await freshDatabase({ extensions: [] });
  onTestFinished(database.drop);
  return database;
}

/** `localrag-migrate postgres migrate` of a directory with these files, as the owner of the database. */
export async function migrate({ url }: FreshDatabase, files: Files, ...flags: string[]): Promise<Attempt> {
  const env = { DATABASE_URL: url, MIGRATIONS_DIR: await directoryOf(files) };
  return attempt(['postgres', 'migrate', ...flags], { env });
}

/** What is done changes no object and no row, the history's among them. */
export async function expectUnchanged(database: FreshDatabase, act: () => Promise<void>): Promise<void> {
  const before = await contentsOf(database);
  await act();
  expect(await contentsOf(database)).toEqual(before);
}
