import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Claims, claimsOf } from '../catalog/claims.ts';
import { parseReference, type Reference } from '../catalog/reference.ts';
import type { Source } from '../core/settled.ts';

/** The file beside the migrations that says what they make. */
export const REFERENCE = 'schema.json';

/** The reference of a directory of migrations; where there is none, or none that can be read, the reason. */
export function loadReference(directory: string): Reference | string {
  let text: string;
  try {
    text = readFileSync(join(directory, REFERENCE), 'utf8');
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return missing
      ? `there is no ${REFERENCE} beside the migrations`
      : `${REFERENCE} cannot be read: ${(error as Error).message}`;
  }
  return parseReference(text) ?? `${REFERENCE} is not what npm run schema writes`;
}

/** What histories claim of these files; undefined if nothing says what they make. */
export async function loadClaims(
  directory: string,
  sources: () => Promise<readonly Source[] | undefined>,
): Promise<Claims | undefined> {
  const reference = loadReference(directory);
  if (typeof reference === 'string') return undefined;
  const files = await sources();
  return files && claimsOf(reference, files);
}
