import type { Script } from './lexer.ts';
import type { Span } from './migration.ts';
import type { Fault } from './source.ts';
import { identifier, sqlTokens } from './sql.ts';

const OFF = /^'?(?:of|off|f|fa|fal|fals|false|n|no|0)'?$/i;

/**
 * What is wrong with strings that a file's own standard_conforming_strings = off (or backslash_quote) is meant for. The server
 * reads all of a file before it runs the first statement, so that they would be stored with their backslashes.
 */
export function withQuotingFaults(text: string, script: Script, faults: readonly Fault[]): readonly Fault[] {
  const found = settings(text, script.statements);
  const off = found.find(({ name }) => name === 'standard_conforming_strings');
  const string = off && firstWithBackslash(text, off.end);
  // From there on the file means something else than it says.
  const certain = faults.filter(({ offset = 0 }) => string === undefined || offset < string);
  const { unterminated } = script;
  const [setting] = found;
  if (setting !== undefined && unterminated?.what === 'string')
    return [
      ...certain.filter(({ offset }) => offset !== unterminated.offset),
      quotingFault(unterminated.offset, 'unterminated string: it opens here and is never closed', setting),
    ];
  if (off === undefined || string === undefined) return faults;
  return [...certain, quotingFault(string, 'this string has a backslash', off)];
}

function quotingFault(offset: number, what: string, setting: Setting): Fault {
  return { offset, message: `${what}; ${setting.text} of this file has no effect on it`, hint: HINT };
}

const HINT =
  "`migrate` reads files with standard_conforming_strings = on, where a backslash in '…' is an ordinary character: write E'…', or '' for a quote";

function firstWithBackslash(text: string, from: number): number | undefined {
  for (const { kind, text: string, start } of sqlTokens(text, { start: from, end: text.length }))
    if (kind === 'string' && string.startsWith("'") && string.includes('\\')) return start;
  return undefined;
}

interface Setting extends Span {
  readonly name: string;
  readonly text: string;
}

function settings(text: string, statements: readonly Span[]): readonly Setting[] {
  if (!/standard_conforming_strings|backslash_quote/i.test(text)) return [];
  return statements.flatMap((span) => {
    const own = text.slice(span.start, span.end);
    if (!/standard_conforming_strings|backslash_quote/i.test(own)) return [];
    const tokens = [...sqlTokens(text, span)];
    const words = tokens.map((token) => identifier(token) ?? token.text);
    const found = words[0] === 'set' ? setting(words.slice(1)) : configured(words);
    if (found === undefined) return [];
    const [name, value] = found;
    const escapes = name === 'backslash_quote' ? !OFF.test(value) : OFF.test(value);
    return escapes ? [{ ...span, name, text: `SET ${name} = ${value.replaceAll("'", '')}` }] : [];
  });
}

const NAMES = new Set(['standard_conforming_strings', 'backslash_quote']);

/** SET [SESSION | LOCAL] name = value, from behind SET on. */
function setting(words: readonly string[]): readonly [name: string, value: string] | undefined {
  const [name = '', equals = '', value = ''] = words[0] === 'session' || words[0] === 'local' ? words.slice(1) : words;
  return NAMES.has(name) && (equals === '=' || equals === 'to') ? [name, value] : undefined;
}

/** set_config('name', 'value', …) */
function configured(words: readonly string[]): readonly [name: string, value: string] | undefined {
  const at = words.indexOf('set_config');
  if (at < 0) return undefined;
  const [, name = '', , value = ''] = words.slice(at + 1);
  const unquoted = name.replaceAll("'", '').toLowerCase();
  return NAMES.has(unquoted) ? [unquoted, value] : undefined;
}
