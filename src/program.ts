import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { debuglog } from 'node:util';
import { Script } from 'node:vm';

/** Everything but the first instructions, in one file, so that one cache can hold all that V8 made of it. */
const PROGRAM = 'program.js';

/** V8 takes a cache only from the version that made it; so does this name, and an architecture besides. */
export const CACHE = `program.${process.version}-${process.arch}.cache`;

interface Program {
  readonly script: Script;
  run(): void;
}

/**
 * Reads the built program in `directory`, with what V8 compiled of it when it was built (docs/adr/0006-start.md). A
 * cache that is missing, or that V8 does not take, costs time and nothing else.
 */
export function loadProgram(directory: string): Program {
  const filename = `${directory}/${PROGRAM}`;
  const cachedData = read(`${directory}/${CACHE}`);
  // A function that is to be called with require, __filename and __dirname. One byte a character: the build writes ASCII alone.
  const script = new Script(readFileSync(filename, 'latin1'), { filename, ...(cachedData && { cachedData }) });
  debuglog('localrag-migrate')('code cache %s', told(script.cachedDataRejected));
  return {
    script,
    run: () => script.runInThisContext()(createRequire(filename), filename, directory),
  };
}

function read(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

function told(rejected: boolean | undefined): string {
  if (rejected === undefined) return 'missing';
  return rejected ? 'refused' : 'accepted';
}
