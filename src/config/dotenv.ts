import { parseEnv } from 'node:util';
import type { Environment } from '../config.ts';
import type { Findings } from './findings.ts';

/** `NAME=` and a value without quotes in which a # follows something other than a space. */
const CUT_VALUE = /^[ \t]*(?:export[ \t]+)?(?<name>\w+)[ \t]*=[ \t]*(?!['"`])[^#\n]*[^#\s]#/;

/**
 * The variables of a `.env` text. Node ends a value without quotes at its first #, where Python's reader, which
 * LocalRAG uses, wants a space before it: a password such as ab#cd would be cut without a word, so it is refused.
 */
export function parseDotenv(
  text: string,
  isRead: (name: string) => boolean,
  findings: Findings,
  file = '.env',
): Environment {
  const unmarked = text.replace(/^\uFEFF/, '');
  for (const [index, line] of unmarked.split('\n').entries()) {
    const name = CUT_VALUE.exec(line)?.groups?.name;
    if (name === undefined || !isRead(name)) continue;
    findings.problem(
      `${file}, line ${index + 1}: ${name} has a # in a value without quotes`,
      'put the value in single quotes, or a space before a comment',
    );
  }
  return parseEnv(unmarked);
}
