import { globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Module {
  /** From the root: `src/core/plan.ts`. */
  readonly path: string;
  readonly text: string;
}

export interface Import {
  readonly from: string;
  /** A module's path, or the name of a package: `pg`, `node:fs`. */
  readonly to: string;
  /** Gone when the program runs. */
  readonly typeOnly: boolean;
}

/** Every module of the program. */
export const MODULES: readonly Module[] = globSync('src/**/*.ts', { cwd: ROOT })
  .map((path) => path.replaceAll('\\', '/'))
  .sort()
  .map((path) => ({ path, text: readFileSync(`${ROOT}/${path}`, 'utf8') }));

const STATIC = /^(?:import|export)\b(?: (type)\b)?(?:[^;'"]*?\bfrom)? ?['"]([^'"]+)['"]/gm;
const DYNAMIC = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;

/** What a module imports: `import`, `export … from`, `import type`, and `import()`. */
export function importsOf({ path, text }: Module): readonly Import[] {
  const to = (specifier: string) =>
    specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : specifier;
  return [
    ...[...text.matchAll(STATIC)].map(([, type, specifier = '']) => ({
      from: path,
      to: to(specifier),
      typeOnly: type !== undefined,
    })),
    ...[...text.matchAll(DYNAMIC)].map(([, specifier = '']) => ({ from: path, to: to(specifier), typeOnly: false })),
  ];
}

/** Which of these globals a module's code uses; names in comments, texts and types are none, nor are its own variables. */
export async function globalsOf({ text }: Module, names: readonly string[]): Promise<readonly string[]> {
  const define = Object.fromEntries(
    names.flatMap((name) => [
      [name, `__used_${name}`],
      [`globalThis.${name}`, `__used_${name}`],
    ]),
  );
  const { code } = await transform(text, { loader: 'ts', target: 'esnext', define });
  return names.filter((name) => code.includes(`__used_${name}`));
}
