import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export function read(path: string): string {
  return readFileSync(`${ROOT}/${path}`, 'utf8');
}

const NOT_OURS = ['node_modules', 'dist', 'coverage'];

/** Every Markdown file of the repository, by path from the root. */
export const DOCUMENTS: readonly string[] = globSync('**/*.md', {
  cwd: ROOT,
  exclude: (name) => NOT_OURS.includes(name),
}).sort();
