import { directoryOf } from '../../program.ts';
import { type Attempt, attempt } from '../refusal.ts';

export const SQL = '001_a.sql';
export const CYPHER = '001_a.cypher';
export const FINE = 'CREATE TABLE a (id int);\n';

/** `localrag-migrate validate` of a directory with these files. */
export async function validate(files: Readonly<Record<string, string | Uint8Array>>): Promise<Attempt> {
  return attempt(['validate', '--migrations-dir', await directoryOf(files)]);
}
