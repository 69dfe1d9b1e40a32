import { setFlagsFromString } from 'node:v8';
import type { Node } from 'libpg-query';

/**
 * The tree of one SQL statement, by PostgreSQL 18's own parser; undefined if the text holds none. The parser is loaded here alone
 * and only on demand: 30 ms and 40 MB, which have no place on the way of `migrate`.
 *
 * @throws {SqlError} of libpg-query if the text does not parse; `sqlDetails.cursorPosition` counts code points from 0
 */
export async function parseStatement(text: string): Promise<Node | undefined> {
  const parser = await loaded();
  const { stmts = [] } = parser.parseSync(text) as { stmts?: readonly { readonly stmt?: Node }[] };
  return stmts[0]?.stmt;
}

let loading: ReturnType<typeof load> | undefined;

function loaded(): ReturnType<typeof load> {
  loading ??= load();
  return loading;
}

async function load() {
  for (const flag of FRUGAL) setFlagsFromString(flag);
  // CommonJS: names of its own are found in it by Node, but not in the bundle.
  const { default: parser } = await import('libpg-query');
  await parser.loadModule();
  return parser;
}

/**
 * Flags of V8 for a process that parses, which may run under a memory limit of 128 MiB (docs/adr/0012-parser-memory.md).
 *
 * V8 would compile the parser a second time with its optimizing compiler as soon as the parser has run for some milliseconds. For
 * the grammar, one function of 100 kB, this takes 600 MB and a core for 0.3 s, more than most files need in all. V8 looks at the
 * two flags for it when it compiles a module; one of them alone changes nothing.
 *
 * The young generation would grow by 30 MB, for trees that nothing refers to after a moment.
 */
const FRUGAL = ['--no-wasm-tier-up', '--no-wasm-dynamic-tiering', '--semi-space-growth-factor=1'];
