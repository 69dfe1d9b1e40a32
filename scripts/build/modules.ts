import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
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

/** `node:tls` reads all certificates of the system as soon as it is loaded, 12 ms: so only when something of it is called. */
export const lateTls: Plugin = {
  name: 'TLS when it is needed',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^(node:)?tls$/ }, ({ namespace }) =>
      namespace === 'late' ? { path: 'node:tls', external: true } : { path: 'tls', namespace: 'late' },
    );
    onLoad({ filter: /./, namespace: 'late' }, () => ({
      contents: `for (const name of ['connect', 'createSecureContext'])
        Object.defineProperty(exports, name, { enumerable: true, get: () => require('node:tls')[name] });`,
    }));
  },
};

/** SCRAM by node:crypto in place of Web Crypto, which takes 8 ms to load. */
export const plainScram: Plugin = {
  name: 'SCRAM by node:crypto',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^\.\/(crypto\/)?utils$/ }, ({ path, importer }) =>
      /pg\/lib\/(crypto\/sasl|client)\.js$/.test(importer) && resolvesToCrypto(path, importer)
        ? { path: fileURLToPath(new URL('../../src/engine/postgres/scram.ts', import.meta.url)) }
        : undefined,
    ),
};

/** pg/lib/client.js has a ./utils beside ./crypto/utils, and crypto/sasl.js has the latter as ./utils. */
function resolvesToCrypto(path: string, importer: string): boolean {
  return join(dirname(importer), path).endsWith('/crypto/utils');
}
