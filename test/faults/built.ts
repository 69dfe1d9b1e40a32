import { cp, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A copy of the built program, because a build that somebody starts meanwhile takes dist/ away; the directory it is in. */
export async function copyOfProgram(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'faults-program-'));
  await cp(fileURLToPath(new URL('../../dist', import.meta.url)), directory, { recursive: true });
  return directory;
}
