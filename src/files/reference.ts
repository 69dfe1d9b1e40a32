import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseReference, type Reference } from '../catalog/reference.ts';

/** The file beside the migrations that says what they make. */
export const REFERENCE = 'schema.json';

/** The reference of a directory of migrations; where there is none, or none that can be read, the reason. */
export async function loadReference(directory: string): Promise<Reference | string> {
  let text: string;
  try {
    text = await readFile(join(directory, REFERENCE), 'utf8');
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return missing
      ? `there is no ${REFERENCE} beside the migrations`
      : `${REFERENCE} cannot be read: ${(error as Error).message}`;
  }
  return parseReference(text) ?? `${REFERENCE} is not what npm run schema writes`;
}
