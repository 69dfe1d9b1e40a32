import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { debuglog } from 'node:util';
import { Script } from 'node:vm';
import { EXIT } from './exit.ts';

/** From `engines` in package.json, as MAJOR.MINOR. */
declare const __OLDEST_NODE__: string;

/** Everything but the first instructions, in one file, so that one cache can hold all that V8 made of it. */
const PROGRAM = 'program.js';

/** V8 takes a cache only from the version that made it; so does this name, and an architecture besides. */
export const CACHE = `program.${process.version}-${process.arch}.cache`;

/**
 * Whether this Node runs the program; if not, prints which one it needs. An older Node would lack a function in the middle of a
 * command, and the program would report that as a bug of its own.
 */
export function isSupportedNode(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = __OLDEST_NODE__.split('.').map(Number);
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return true;
  process.stderr.write(
    `error: localrag-migrate needs Node.js ${__OLDEST_NODE__} or newer, and this is ${process.version}\n`,
  );
  process.exitCode = EXIT.config.code;
  return false;
}

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
