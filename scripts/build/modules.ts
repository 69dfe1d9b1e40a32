import { createRequire } from 'node:module';
import type { Plugin } from 'esbuild';

/** What is in a file of its own beside the program, by the specifiers that ask for it. */
export type Apart = Readonly<Record<string, { readonly file: string; readonly entry: string }>>;

/** Leaves the imports of `apart` to Node, which finds the files beside the one that asks. */
export function leavingOut(apart: Apart): Plugin {
  return {
    name: 'apart',
    setup: ({ onResolve }) =>
      onResolve({ filter: /./ }, ({ path, kind }) => {
        const found = kind === 'entry-point' ? undefined : apart[path];
        return found && { path: `./${found.file}`, external: true };
      }),
  };
}

/** neo4j-driver's reactive sessions, which nobody asks for here, bring RxJS: a quarter of the driver. */
export const withoutReactive: Plugin = {
  name: 'without reactive sessions',
  setup: ({ onLoad }) =>
    onLoad({ filter: /neo4j-driver\/lib\/(result|session|transaction|transaction-managed)-rx\.js$/ }, () => ({
      contents: 'module.exports = {};',
    })),
};

/** Modules of Node that drivers and libraries load with themselves, and that a run which finds nothing to do never uses. */
const LATE = ['child_process', 'tls'];

/** Loads the modules of `LATE` when something of them is used; each is a part of every start otherwise (docs/adr/0006-start.md). */
export const late: Plugin = {
  name: 'when it is used',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: new RegExp(`^(node:)?(${LATE.join('|')})$`) }, ({ path, namespace }) =>
      namespace === 'late' ? { path, external: true } : { path, namespace: 'late' },
    );
    onLoad({ filter: /./, namespace: 'late' }, ({ path }) => ({
      contents: Object.keys(createRequire(import.meta.url)(path))
        .map(
          (name) =>
            `Object.defineProperty(exports, '${name}', { enumerable: true, get: () => require('${path}').${name} });`,
        )
        .join('\n'),
    }));
  },
};
